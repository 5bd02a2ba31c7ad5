// Runs conversations through a checkpoint saver. One line of JSON on standard input is one conversation: {"thread": T, "file": F, "count": true or false}.
// The answer, one line of JSON, has the milliseconds of each put, of reads of the latest checkpoint and of lists of the newest ten with their
// states, or if bytes are counted, those that the saver sent.
// Arguments: "forge" or "postgres", and its address.
import { deepStrictEqual } from "node:assert";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { converse } from "./conversation.mjs";

const [kind, address] = process.argv.slice(2);
const reads = 50;

async function open(url) {
  if (kind === "forge") {
    const { ForgeSaver } = await import("forge-langgraph");
    return { saver: new ForgeSaver({ url }), end: async () => {} };
  }

  const { default: pg } = await import("pg");
  const { PostgresSaver } = await import("@langchain/langgraph-checkpoint-postgres");
  const saver = new PostgresSaver(new pg.Pool({ connectionString: url }));
  await saver.setup();
  return { saver, end: () => saver.end() };
}

// Stands between a saver and its server, and counts what goes to the server.
async function counter() {
  const target = new URL(address);
  const state = { sent: 0 };
  const server = createServer((from) => {
    const to = connect(Number(target.port), target.hostname);
    from.on("data", (piece) => (state.sent += piece.length));
    from.pipe(to).pipe(from);
    from.on("error", () => to.destroy());
    to.on("error", () => from.destroy());
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const through = new URL(address);
  through.port = `${server.address().port}`;
  return { url: through.toString(), state, end: () => server.close() };
}

async function timed(times, call) {
  const start = performance.now();
  const result = await call();
  times.push(performance.now() - start);
  return result;
}

async function look(saver, thread, history) {
  const [latest, list] = [[], []];
  const config = { configurable: { thread_id: thread, checkpoint_ns: "" } };
  for (let i = 0; i < reads; i++) {
    const tuple = await timed(latest, () => saver.getTuple(config));
    deepStrictEqual(tuple.checkpoint.channel_values.messages, history);
    const listed = await timed(list, async () => {
      const tuples = [];
      for await (const one of saver.list(config, { limit: 10 })) {
        tuples.push(one);
      }
      return tuples;
    });
    const lengths = listed.map((one) => one.checkpoint.channel_values.messages.length);
    deepStrictEqual(lengths, Array.from({ length: 10 }, (_, at) => history.length - at));
  }
  return { latest, list };
}

const plain = await open(address);
console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  const { thread, file, count } = JSON.parse(line);
  const { history } = JSON.parse(readFileSync(file, "utf8"));
  if (count) {
    const through = await counter();
    const counted = await open(through.url);
    await converse(counted.saver, thread, history);
    await counted.end();
    through.end();
    console.log(JSON.stringify({ sent: through.state.sent }));
  } else {
    const put = [];
    await converse(plain.saver, thread, history, (call) => timed(put, call));
    console.log(JSON.stringify({ put, ...(await look(plain.saver, thread, history)) }));
  }
}
await plain.end();
process.exit(0);
