// Saves checkpoints through PostgresSaver and prints how many a second. One line of JSON on standard input is one round:
// {"seconds": S}; the answer is one line of JSON. An empty line ends it after a check of what was saved.
// Arguments: connection string, how many callers, and a file of steps: {"states": [...]}, whole states that are saved in turn,
// or {"history": [...]}, a conversation of which each step saves what was said until then, in a new thread when it is over.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { deepStrictEqual } from "node:assert";
import pg from "pg";
import { emptyCheckpoint, uuid6 } from "@langchain/langgraph-checkpoint";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";

const [connection, callerCount, file] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
const { states, history } = JSON.parse(readFileSync(file, "utf8"));
const callers = Array.from({ length: callerCount }, (_, i) => ({ name: `caller-${i}`, threads: 0, thread: "", config: null, steps: 0 }));
const saver = new PostgresSaver(new pg.Pool({ connectionString: connection, max: callerCount }));
await saver.setup();

function stateOf(caller) {
  return states ? states[(caller.steps - 1) % states.length] : history.slice(0, caller.steps);
}

async function put(caller) {
  if (caller.config === null || (history && caller.steps === history.length)) {
    caller.thread = `${caller.name}-${caller.threads++}`;
    caller.config = { configurable: { thread_id: caller.thread, checkpoint_ns: "" } };
    caller.steps = 0;
  }

  const version = ++caller.steps;
  const checkpoint = {
    ...emptyCheckpoint(),
    id: uuid6(version),
    channel_values: { state: stateOf(caller) },
    channel_versions: { state: version },
  };
  caller.config = await saver.put(caller.config, checkpoint, { source: "loop", step: version, parents: {} }, { state: version });
}

async function round(seconds) {
  const start = performance.now();
  let puts = 0;
  await Promise.all(callers.map(async (caller) => {
    do {
      await put(caller);
      puts++;
    } while (performance.now() - start < seconds * 1000);
  }));
  return puts / ((performance.now() - start) / 1000);
}

async function check() {
  for (const caller of callers) {
    const saved = await saver.getTuple({ configurable: { thread_id: caller.thread, checkpoint_ns: "" } });
    deepStrictEqual(saved?.checkpoint.channel_values.state, stateOf(caller));
    deepStrictEqual(saved.metadata.step, caller.steps);
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
