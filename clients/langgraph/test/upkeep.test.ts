import { DeltaSnapshot, INTERRUPT } from "@langchain/langgraph-checkpoint";
import { describe, expect, it } from "vitest";
import { type Config, checkpointOf, forgeUrl, idOf, listed, metadataOf, newPrefix, newSaver, newSavers, put, putLine, thread } from "./threads.js";

describe("prune", () => {
    it("prune_KeepLatest_LeavesTheGreatestOfEachNamespace", async () => {
        const [saver, other] = newSavers();
        const main = await putLine(saver, thread("t"), 4);
        const child = await putLine(saver, thread("t", "child"), 3);
        await put(saver, main[0]!, checkpointOf({ step: "fork" }, idOf(main[0]!).replace(/.$/, "f")));
        await putLine(saver, thread("untouched"), 2);

        await saver.prune(["t"]);

        expect((await listed(other.list({ configurable: { thread_id: "t" } }))).map(idOf).sort()).toEqual([idOf(main[3]!), idOf(child[2]!)].sort());
        expect(idOf((await other.getTuple(thread("t")))!)).toBe(idOf(main[3]!));
        expect(await listed(other.list({ configurable: { thread_id: "untouched" } }))).toHaveLength(2);
        await put(saver, main[3]!, checkpointOf());
    });

    it("prune_Delete_DeletesTheThreads", async () => {
        const saver = newSaver();
        await putLine(saver, thread("a"), 2);
        await putLine(saver, thread("b"), 2);

        await saver.prune(["a", "b"], { strategy: "delete" });

        expect(await listed(saver.list({}))).toEqual([]);
    });

    it("prune_ChannelsOfWrites_KeepsWhatTheLatestIsMadeOf", async () => {
        const saver = newSaver();
        const line = await putDeltas(saver, thread("t"));

        await saver.prune(["t"]);

        expect((await listed(saver.list(thread("t")))).map(idOf)).toEqual(line.slice(1).map(idOf).toReversed());
        const history = await saver.getDeltaChannelHistory({ config: line.at(-1)!, channels: ["messages"] });
        expect((history["messages"]!.seed as DeltaSnapshot<unknown>).value).toEqual(["from"]);
        expect(history["messages"]!.writes.map((write) => write[2])).toEqual([["1"], ["2"], ["3"]]);
    });
});

describe("pins", () => {
    it("put_ChannelOfWrites_RequiresItsParentDownToTheSnapshot", async () => {
        const prefix = newPrefix();
        const saver = newSaver({ prefix });
        const line = await putDeltas(saver, thread("t"));

        // By whatever way: Forge itself refuses to take it away.
        for (const config of line.slice(1, -1)) {
            const answer = await fetch(`${forgeUrl()}/v1/sessions/${prefix}t/checkpoints/${idOf(config)}`, { method: "DELETE" });
            expect(answer.status).toBe(409);
            expect(await answer.json()).toMatchObject({ code: "required" });
        }

        expect((await fetch(`${forgeUrl()}/v1/sessions/${prefix}t/checkpoints/${idOf(line[0]!)}`, { method: "DELETE" })).status).toBe(204);
    });

    it("getDeltaChannelHistory_Fork_FollowsItsOwnAncestors", async () => {
        const saver = newSaver();
        const line = await putDeltas(saver, thread("t"));
        const fork = await put(saver, line[2]!, checkpointOf({}), metadataOf(9, { counters_since_delta_snapshot: { messages: [2, 2] } }));

        const history = await saver.getDeltaChannelHistory({ config: fork, channels: ["messages", "unknown"] });

        expect(history["messages"]!.writes.map((write) => write[2])).toEqual([["1"], ["2"]]);
        expect(history["unknown"]).toEqual({ writes: [] });
        const latest = await saver.getDeltaChannelHistory({ config: thread("t"), channels: ["messages"] });
        expect(latest).toEqual({ messages: history["messages"] });
    });
});

describe("copyThread", () => {
    it("copyThread_NamespacesAndWrites_AreAllThere", async () => {
        const saver = newSaver();
        const main = await putLine(saver, thread("from"), 3);
        await putLine(saver, thread("from", "child"), 2);
        await saver.putWrites(main[2]!, [["a", 1], [INTERRUPT, "?"]], "task");

        await saver.copyThread("from", "to");
        await put(saver, main[2]!, checkpointOf());

        const copied = await listed(saver.list({ configurable: { thread_id: "to" } }));
        expect(copied).toHaveLength(5);
        const latest = await saver.getTuple(thread("to"));
        expect(latest).toEqual({
            ...await saver.getTuple(main[2]!),
            config: thread("to", "", idOf(main[2]!)),
            parentConfig: thread("to", "", idOf(main[1]!)),
        });
        await saver.deleteThread("from");
        await put(saver, latest!.config as Config, checkpointOf());
    });

    it("copyThread_SourceThatIsNotThere_IsAnErrorAndMakesNothing", async () => {
        const saver = newSaver();

        await expect(saver.copyThread("none", "to")).rejects.toMatchObject({ code: "session_not_found" });

        expect(await listed(saver.list({}))).toEqual([]);
    });

    it("copyThread_ToItselfOrToAThreadThatIsNamedByAHash_IsRefusedByName", async () => {
        const saver = newSaver();

        await expect(saver.copyThread("a", "a")).rejects.toMatchObject({ field: "targetThreadId" });
        await expect(saver.copyThread("a", "x".repeat(500))).rejects.toMatchObject({ field: "targetThreadId" });
    });
});

describe("deleteForRuns", () => {
    it("deleteForRuns_SeveralThreads_RemovesTheirCheckpointsOfTheRuns", async () => {
        const saver = newSaver();
        const long = "r".repeat(300);
        for (const id of ["a", "b"]) {
            const kept = await put(saver, thread(id), checkpointOf(), metadataOf(0, { run_id: "keep" }));
            const gone = await put(saver, kept, checkpointOf(), metadataOf(1, { run_id: "gone" }));
            await put(saver, gone, checkpointOf(), metadataOf(2, { run_id: long }));
        }

        const result = await saver.deleteForRuns(["gone", long, "unknown"]);

        expect(result).toEqual({ deleted: 4, required: 0 });
        expect((await listed(saver.list({}))).map((tuple) => tuple.metadata)).toEqual([
            expect.objectContaining({ run_id: "keep" }), expect.objectContaining({ run_id: "keep" })]);
    });

    it("deleteForRuns_WhatOtherRunsRequire_StaysAndIsCounted", async () => {
        const saver = newSaver();
        const line = await putDeltas(saver, thread("t"));

        expect(await saver.deleteForRuns(["run-2"])).toEqual({ deleted: 0, required: 1 });
        expect(await saver.getTuple(line[2]!)).toBeDefined();
    });
});

/** A line with a channel that is kept as what was written to it: a checkpoint before, one with its snapshot, and three with none. */
async function putDeltas(saver: ReturnType<typeof newSaver>, start: Config): Promise<Config[]> {
    const line = [await put(saver, start, checkpointOf({ other: 1 }))];
    line.push(await put(saver, line[0]!, checkpointOf({ messages: new DeltaSnapshot(["from"]) }), metadataOf(1)));
    for (let step = 1; step <= 3; step++) {
        await saver.putWrites(line.at(-1)!, [["messages", [String(step)]]], `task-${step}`);
        line.push(await put(
            saver, line.at(-1)!, checkpointOf({ other: step }),
            metadataOf(step + 1, { run_id: `run-${step + 1}`, counters_since_delta_snapshot: { messages: [step, step] } })));
    }

    return line;
}
