// Saves checkpoints through PostgresSaver and prints how many a second. One line of JSON on standard input is one round:
// {"seconds": S}; the answer is one line of JSON. An empty line ends it after a check of what was saved.
// Arguments: connection string, threads (each with one caller), bytes of a state.
import { createInterface } from "node:readline";
import pg from "pg";
import { emptyCheckpoint, uuid6 } from "@langchain/langgraph-checkpoint";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";

const [connection, threadCount, stateBytes] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const threads = Array.from({ length: threadCount }, (_, i) => ({ id: `thread-${i}`, config: null, steps: 0 }));
const saver = new PostgresSaver(new pg.Pool({ connectionString: connection, max: threadCount }));
await saver.setup();

function stateOf(thread) {
  const text = `${thread.id} step ${thread.steps} `;
  return { text: text.repeat(Math.ceil(stateBytes / text.length)).slice(0, stateBytes) };
}

async function put(thread) {
  const version = ++thread.steps;
  const checkpoint = {
    ...emptyCheckpoint(),
    id: uuid6(version),
    channel_values: { state: stateOf(thread) },
    channel_versions: { state: version },
  };
  const config = thread.config ?? { configurable: { thread_id: thread.id, checkpoint_ns: "" } };
  thread.config = await saver.put(config, checkpoint, { source: "loop", step: version, parents: {} }, { state: version });
}

async function round(seconds) {
  const start = performance.now();
  let puts = 0;
  await Promise.all(threads.map(async (thread) => {
    do {
      await put(thread);
      puts++;
    } while (performance.now() - start < seconds * 1000);
  }));
  return puts / ((performance.now() - start) / 1000);
}

async function check() {
  for (const thread of threads) {
    const saved = await saver.getTuple({ configurable: { thread_id: thread.id, checkpoint_ns: "" } });
    if (saved?.checkpoint.channel_values.state.text !== stateOf(thread).text || saved.metadata.step !== thread.steps) {
      throw new Error(`${thread.id} does not hold its last state`);
    }
  }
}

console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "") {
    await check();
    console.log(JSON.stringify({ checked: true }));
    break;
  }

  console.log(JSON.stringify({ rate: await round(JSON.parse(line).seconds) }));
}
await saver.end();
