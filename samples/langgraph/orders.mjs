// A small graph whose thread is in Forge. It looks an order up, asks a person, and goes on with what that says:
//
//   node orders.mjs order-7          asks, and ends
//   node orders.mjs order-7 yes      goes on where it was, in another process
//   node orders.mjs order-7 --again  goes back to the question, and asks it again
//
// A silo must run at http://127.0.0.1:5080, or at FORGE_URL.
import { Annotation, Command, END, interrupt, START, StateGraph } from "@langchain/langgraph";
import { ForgeSaver } from "forge-langgraph";

const [thread, answer] = process.argv.slice(2);
if (thread === undefined) {
    console.error("usage: node orders.mjs THREAD [ANSWER | --again]");
    process.exit(2);
}

const State = Annotation.Root({
    notes: Annotation({ reducer: (left, right) => left.concat(right), default: () => [] }),
});
const graph = new StateGraph(State)
    .addNode("look", () => ({ notes: ["found the order"] }))
    .addNode("ask", () => ({ notes: [interrupt("Send it?") === "yes" ? "to be sent" : "to be kept"] }))
    .addNode("act", ({ notes }) => ({ notes: [`done: ${notes.at(-1)}`] }))
    .addEdge(START, "look")
    .addEdge("look", "ask")
    .addEdge("ask", "act")
    .addEdge("act", END)
    .compile({ checkpointer: new ForgeSaver({ url: process.env.FORGE_URL ?? "http://127.0.0.1:5080" }) });

let config = { configurable: { thread_id: thread } };
let input = answer === undefined ? { notes: [] } : new Command({ resume: answer });
if (answer === "--again") {
    for await (const snapshot of graph.getStateHistory(config)) {
        if (snapshot.next.includes("ask")) {
            config = snapshot.config;
            break;
        }
    }

    input = null;
}

const result = await graph.invoke(input, config);
const state = await graph.getState({ configurable: { thread_id: thread } });
console.log(JSON.stringify({ notes: result.notes, asks: state.tasks.flatMap((task) => task.interrupts.map((one) => one.value)) }));
