// A conversation as a graph with one channel of messages saves it: at each step a checkpoint of all messages so far, and what the node wrote.
import { emptyCheckpoint, uuid6 } from "@langchain/langgraph-checkpoint";

/** Saves it; each put goes by `put`, and the configuration of each checkpoint is answered. */
export async function converse(saver, thread, history, put = (call) => call()) {
  const configs = [];
  let config = { configurable: { thread_id: thread, checkpoint_ns: "" } };
  for (let step = 1; step <= history.length; step++) {
    const checkpoint = {
      ...emptyCheckpoint(),
      id: uuid6(step),
      channel_values: { messages: history.slice(0, step) },
      channel_versions: { messages: step },
    };
    const [from, metadata] = [config, { source: "loop", step, parents: {} }];
    config = await put(() => saver.put(from, checkpoint, metadata, { messages: step }));
    configs.push(config);
    if (step < history.length) {
      await saver.putWrites(config, [["messages", history[step]]], `task-${step}`);
    }
  }
  return configs;
}
