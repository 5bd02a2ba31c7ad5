import { Annotation, Command, DeltaChannel, END, interrupt, MemorySaver, Send, START, StateGraph } from "@langchain/langgraph";
import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";
import { describe, expect, it } from "vitest";
import { listed, newPrefix, newSaver } from "./threads.js";

const State = Annotation.Root({
    notes: Annotation<string[]>({ reducer: (left, right) => left.concat(right), default: () => [] }),
});
type Durability = "sync" | "async" | "exit";

function config(id = "t"): { configurable: { thread_id: string } } {
    return { configurable: { thread_id: id } };
}

/** Two steps, with a question between them. */
function askingGraph(checkpointer: BaseCheckpointSaver) {
    return new StateGraph(State)
        .addNode("look", () => ({ notes: ["looked"] }))
        .addNode("ask", () => ({ notes: [`told ${interrupt<string, string>("what?")}`] }))
        .addEdge(START, "look")
        .addEdge("look", "ask")
        .addEdge("ask", END)
        .compile({ checkpointer });
}

describe("a graph", () => {
    it.each<Durability>(["sync", "async", "exit"])("invoke_Interrupted_GoesOnFromAnotherSaver (%s)", async (durability) => {
        const prefix = newPrefix();
        const first = await askingGraph(newSaver({ prefix })).invoke({ notes: ["in"] }, { ...config(), durability });
        expect(first.notes).toEqual(["in", "looked"]);

        const last = await askingGraph(newSaver({ prefix })).invoke(new Command({ resume: "this" }), { ...config(), durability });

        expect(last.notes).toEqual(["in", "looked", "told this"]);
        const state = await askingGraph(newSaver({ prefix })).getState(config());
        expect(state.next).toEqual([]);
        expect(state.values).toEqual({ notes: ["in", "looked", "told this"] });
    });

    it("getStateHistory_EveryStep_IsAsThatOfMemory", async () => {
        const told = await Promise.all([newSaver(), new MemorySaver()].map(async (checkpointer) => {
            const graph = askingGraph(checkpointer);
            await graph.invoke({ notes: ["in"] }, config());
            await graph.invoke(new Command({ resume: "this" }), config());
            return (await listed(graph.getStateHistory(config()) as AsyncIterable<never>)).map((snapshot) => {
                const { values, next, metadata, tasks } = snapshot as unknown as Awaited<ReturnType<typeof graph.getState>>;
                return { values, next, source: metadata?.source, step: metadata?.step, tasks: tasks.map(({ name, interrupts }) => [name, interrupts.map(({ value }) => value as unknown)]) };
            });
        }));

        expect(told[0]).toEqual(told[1]);
        expect(told[0]!.length).toBeGreaterThanOrEqual(4);
    });

    it("invoke_FromAnOldCheckpoint_RunsAgainFromThere", async () => {
        const graph = askingGraph(newSaver());
        await graph.invoke({ notes: ["in"] }, config());
        await graph.invoke(new Command({ resume: "one" }), config());
        let asking: Awaited<ReturnType<typeof graph.getState>> | undefined;
        for await (const snapshot of graph.getStateHistory(config())) {
            asking = snapshot.next[0] === "ask" ? snapshot : asking;
        }

        const changed = await graph.updateState(asking!.config, { notes: ["changed"] });
        await graph.invoke(null, changed);
        const again = await graph.invoke(new Command({ resume: "two" }), config());

        expect(again.notes).toEqual(["in", "looked", "changed", "told two"]);
        expect((await graph.getState(config())).values).toEqual({ notes: ["in", "looked", "changed", "told two"] });
    });

    it("invoke_TaskThatFailed_RunsAloneAgain", async () => {
        let [good, bad] = [0, 0];
        const graph = new StateGraph(State)
            .addNode("good", () => {
                good++;
                return { notes: ["good"] };
            })
            .addNode("bad", () => {
                if (++bad === 1) {
                    throw new Error("once");
                }

                return { notes: ["bad"] };
            })
            .addEdge(START, "good")
            .addEdge(START, "bad")
            .compile({ checkpointer: newSaver() });
        await expect(graph.invoke({ notes: [] }, config())).rejects.toThrowError("once");

        const result = await graph.invoke(null, config());

        expect(result.notes.toSorted()).toEqual(["bad", "good"]);
        expect([good, bad]).toEqual([1, 2]);
    });

    it("invoke_SubgraphAndSends_AreKeptInNamespacesOfTheirOwn", async () => {
        const saver = newSaver();
        const child = askingGraph(undefined as never);
        const graph = new StateGraph(State)
            .addNode("fan", () => ({ notes: [] }))
            .addNode("one", ({ notes }: typeof State.State) => ({ notes: notes.map((note) => `got ${note}`) }))
            .addNode("child", child)
            .addEdge(START, "fan")
            .addConditionalEdges("fan", () => ["a", "b"].map((note) => new Send("one", { notes: [note] })), ["one"])
            .addEdge("one", "child")
            .addEdge("child", END)
            .compile({ checkpointer: saver });
        await graph.invoke({ notes: [] }, config());

        const result = await graph.invoke(new Command({ resume: "deep" }), config());

        expect(result.notes.slice(0, 2).toSorted()).toEqual(["got a", "got b"]);
        expect(result.notes.at(-1)).toBe("told deep");
        const namespaces = new Set((await listed(saver.list(config()))).map((tuple) => tuple.config.configurable!["checkpoint_ns"] as string));
        expect([...namespaces].map((namespace) => namespace.split(":")[0]).toSorted()).toEqual(["", "child"]);
    });

    it("invoke_CommandOnANewThread_Runs", async () => {
        const graph = askingGraph(newSaver());

        const result = await graph.invoke(new Command({ update: { notes: ["given"] }, goto: "look" }), config());

        expect(result.notes).toEqual(["given", "looked"]);
    });

    it.each<Durability>(["sync", "async", "exit"])("invoke_DeltaChannel_IsMadeOfItsWritesAfterPruning (%s)", async (durability) => {
        const prefix = newPrefix();
        const build = () => new StateGraph(Annotation.Root({
            log: () => new DeltaChannel<string[], string[]>((state, writes) => state.concat(...writes), { snapshotFrequency: 4, initialValueFactory: () => [] }),
        }))
            .addNode("step", () => ({ log: ["step"] }))
            .addEdge(START, "step")
            .addEdge("step", END)
            .compile({ checkpointer: newSaver({ prefix }) });
        for (const input of ["a", "b", "c"]) {
            await build().invoke({ log: [input] }, { ...config(), durability });
        }

        await newSaver({ prefix }).prune(["t"]);
        const result = await build().invoke({ log: ["d"] }, { ...config(), durability });

        expect(result.log).toEqual(["a", "step", "b", "step", "c", "step", "d", "step"]);
        expect((await build().getState(config())).values).toEqual(result);
    });
});
