// A worker that saves through PostgresSaver as one that holds a thread does: each checkpoint on the one that it saved before. A line
// of JSON on standard input is a piece of work: {"thread": T} begins in a thread where its newest checkpoint stands and saves until a line
// says {"stop": true}; {"thread": T, "steps": N} saves so many. It says {"saved": step} after each, and {"done": true}.
// {"check": T} asks for the workers of a thread's checkpoints, from the oldest on, and how many of them show the state of another's.
// Arguments: connection string, the worker's name.
import { createInterface } from "node:readline";
import { once } from "node:events";
import pg from "pg";
import { emptyCheckpoint, uuid6 } from "@langchain/langgraph-checkpoint";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";

const [connection, name] = process.argv.slice(2);
const saver = new PostgresSaver(new pg.Pool({ connectionString: connection }));
await saver.setup();

let stopped = false;

async function work({ thread, steps }) {
  const newest = await saver.getTuple({ configurable: { thread_id: thread, checkpoint_ns: "" } });
  let config = newest?.config ?? { configurable: { thread_id: thread, checkpoint_ns: "" } };
  let step = newest?.metadata.step ?? 0;
  let version = newest?.checkpoint.channel_versions.state;
  stopped = false;
  for (let saved = 0; !stopped && (steps === undefined || saved < steps); saved++) {
    step++;
    version = saver.getNextVersion(version);
    const checkpoint = {
      ...emptyCheckpoint(),
      id: uuid6(step),
      channel_values: { state: `${name} ${step}` },
      channel_versions: { state: version },
    };
    config = await saver.put(config, checkpoint, { source: "loop", step, parents: {}, worker: name }, { state: version });
    await say({ saved: step });
  }
  await say({ done: true });
}

async function check(thread) {
  const [workers, mixed] = [[], []];
  for await (const { checkpoint, metadata } of saver.list({ configurable: { thread_id: thread, checkpoint_ns: "" } })) {
    workers.unshift(metadata.worker);
    if (checkpoint.channel_values.state !== `${metadata.worker} ${metadata.step}`) {
      mixed.push(metadata.step);
    }
  }
  await say({ workers, mixed: mixed.length });
}

async function say(what) {
  if (!process.stdout.write(`${JSON.stringify(what)}\n`)) {
    await once(process.stdout, "drain");
  }
}

await say({ ready: true });
let working = Promise.resolve();
for await (const line of createInterface({ input: process.stdin })) {
  const given = JSON.parse(line);
  if (given.stop) {
    stopped = true;
  } else if (given.check) {
    await check(given.check);
  } else {
    working = work(given);
  }
}
await working;
await saver.end();
