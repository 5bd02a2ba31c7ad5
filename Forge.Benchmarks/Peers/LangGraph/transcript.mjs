// Saves conversations through PostgresSaver as a graph with one channel of messages does: at each step what the node wrote,
// and a checkpoint of all messages so far. One line of JSON on standard input is one conversation: {"thread": T, "file": F};
// the answer, one line of JSON, comes when every step was read back.
// Argument: connection string.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { deepStrictEqual } from "node:assert";
import pg from "pg";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { converse } from "./conversation.mjs";

const saver = new PostgresSaver(new pg.Pool({ connectionString: process.argv[2] }));
await saver.setup();

async function check(configs, history) {
  for (const [i, config] of configs.entries()) {
    const saved = await saver.getTuple(config);
    deepStrictEqual(saved.checkpoint.channel_values.messages, history.slice(0, i + 1));
  }
}

console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  const { thread, file } = JSON.parse(line);
  const { history } = JSON.parse(readFileSync(file, "utf8"));
  await check(await converse(saver, thread, history), history);
  console.log(JSON.stringify({ steps: history.length }));
}
await saver.end();
