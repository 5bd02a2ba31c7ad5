import { INTERRUPT } from "@langchain/langgraph-checkpoint";
import { describe, expect, it } from "vitest";
import { Arrivals } from "../src/arrivals.js";
import type { NewWrite } from "../src/documents.js";
import { checkpointOf, idOf, listed, metadataOf, newSaver, newSavers, put, putLine, thread } from "./threads.js";

describe("writes before their checkpoint", () => {
    it("put_OneOfTheEarlyWritesRefused_PutsThoseOfOthersAndNeverPassesOverIt", async () => {
        let isFull = false;
        const saver = newSaver({
            fetch: async (url, init) => isFull && String(url).endsWith("/writes") && String(init?.body).includes('"task":"refused"')
                ? new Response('{"code":"limit_exceeded","detail":"The session has too many."}', { status: 413 })
                : fetch(url, init),
        });
        const checkpoint = checkpointOf();
        const early = thread("t", "", checkpoint.id);
        await saver.putWrites(early, [["a", 1]], "first");
        await saver.putWrites(early, [["b", 2], ["c", 3]], "refused");
        await saver.putWrites(early, [["d", 4]], "last");
        isFull = true;

        await expect(put(saver, thread("t"), checkpoint)).rejects.toMatchObject({ code: "limit_exceeded" });

        expect((await saver.getTuple(early))?.pendingWrites).toEqual([["first", "a", 1], ["last", "d", 4]]);
        await expect(put(saver, thread("t"), checkpoint)).rejects.toMatchObject({ code: "limit_exceeded" });
        isFull = false;
        await put(saver, thread("t"), checkpoint);
        expect((await saver.getTuple(early))?.pendingWrites)
            .toEqual([["first", "a", 1], ["last", "d", 4], ["refused", "b", 2], ["refused", "c", 3]]);
    });

    it("put_EarlyWritesNotAnswered_AreSentByTheNextPut", async () => {
        let isDown = false;
        const saver = newSaver({
            attempts: 1,
            fetch: async (url, init) => {
                if (isDown && String(url).endsWith("/writes")) {
                    throw new TypeError("fetch failed");
                }

                return fetch(url, init);
            },
        });
        const checkpoint = checkpointOf();
        await saver.putWrites(thread("t", "", checkpoint.id), [["a", 1]], "one");
        await saver.putWrites(thread("t", "", checkpoint.id), [["b", 2]], "two");
        isDown = true;
        await expect(put(saver, thread("t"), checkpoint)).rejects.toMatchObject({ code: "unreachable" });
        isDown = false;

        await put(saver, thread("t"), checkpoint);

        expect((await saver.getTuple(thread("t")))?.pendingWrites).toEqual([["one", "a", 1], ["two", "b", 2]]);
    });

    it("putWrites_SameTaskAndIndexTwiceBeforeTheCheckpoint_GoInOneRequestAsIfOneAfterTheOther", async () => {
        let requests = 0;
        const saver = newSaver({
            fetch: async (url, init) => {
                requests += init?.method === "POST" && String(url).endsWith("/writes") ? 1 : 0;
                return fetch(url, init);
            },
        });
        const checkpoint = checkpointOf();
        const early = thread("t", "", checkpoint.id);
        await saver.putWrites(early, [["a", 1], ["b", 2], [INTERRUPT, "first"]], "task");
        await saver.putWrites(early, [["a", 3], ["c", 4], [INTERRUPT, "second"], ["d", 5]], "task");
        requests = 0;

        await put(saver, thread("t"), checkpoint);

        expect(requests).toBe(1);
        expect((await saver.getTuple(early))?.pendingWrites)
            .toEqual([["task", INTERRUPT, "second"], ["task", "a", 1], ["task", "b", 2], ["task", "d", 5]]);
    });

    it("putWithWrites_OneTaskTwice_PutsTheFirstOfEachIndex", async () => {
        const saver = newSaver();
        const root = await put(saver, thread("t"), checkpointOf());

        await saver.putWithWrites(root, checkpointOf({ a: 1 }), metadataOf(1), { a: 1 }, [
            { taskId: "task", writes: [["a", 1]] }, { taskId: "task", writes: [["a", 2], ["b", 3]] }]);

        expect((await saver.getTuple(root))?.pendingWrites).toEqual([["task", "a", 1], ["task", "b", 3]]);
    });

    it("keep_ManyCheckpoints_LosesNoneOfThem", async () => {
        const arrivals = new Arrivals(10_000_000);
        for (let i = 0; i < 5_000; i++) {
            arrivals.keep(`s\nmain\n${i}`, [writeOf(i)], undefined);
        }

        for (let i = 0; i < 5_000; i++) {
            expect(await delivered(arrivals, `s\nmain\n${i}`)).toEqual([writeOf(i)]);
        }
    });

    it("keep_BeyondTheCapacity_IsRefusedUntilThereIsRoom", async () => {
        const arrivals = new Arrivals(JSON.stringify([writeOf(1)]).length * 2);
        arrivals.keep("s\nmain\n1", [writeOf(1)], undefined);
        arrivals.keep("t\nmain\n2", [writeOf(2)], undefined);
        const cause = new Error("gone");

        expect(() => arrivals.keep("s\nmain\n3", [writeOf(3)], cause)).toThrowError(expect.objectContaining({ code: "waiting_full", cause }));
        expect(await delivered(arrivals, "s\nmain\n1")).toEqual([writeOf(1)]);
        arrivals.keep("s\nmain\n3", [writeOf(3)], undefined);
        expect(() => arrivals.keep("s\nmain\n4", [writeOf(4)], undefined)).toThrowError(/waitingBytes/);
        arrivals.forget("s\n");
        arrivals.keep("s\nmain\n4", [writeOf(4)], undefined);

        expect(await delivered(arrivals, "t\nmain\n2")).toEqual([writeOf(2)]);
        expect(await delivered(arrivals, "s\nmain\n3")).toEqual([]);
    });

    it("putWrites_NoRoomToWait_IsRefusedByName", async () => {
        const saver = newSaver({ waitingBytes: 1 });

        await expect(saver.putWrites(thread("t", "", checkpointOf().id), [["a", 1]], "task"))
            .rejects.toMatchObject({ code: "waiting_full", status: 0, field: "waitingBytes", problem: expect.objectContaining({ limit: 1 }) });
        expect(() => newSaver({ waitingBytes: -1 })).toThrowError(/waitingBytes/);
    });
});

describe("writes of a checkpoint that is gone", () => {
    it.each(["getTuple", "list"] as const)("putWrites_DeletedSinceItWasReadBy_%s_AreRefused", async (read) => {
        const [saver, other] = newSavers();
        const root = await put(other, thread("t"), checkpointOf());
        const gone = await put(other, root, checkpointOf(), metadataOf(1, { run_id: "run" }));
        const found = read === "getTuple" ? [await saver.getTuple(gone)] : await listed(saver.list(thread("t")));
        expect(found.map((tuple) => idOf(tuple!))).toContain(idOf(gone));
        expect(await other.deleteForRuns(["run"])).toEqual({ deleted: 1, required: 0 });

        await expect(saver.putWrites(gone, [["a", 1]], "task")).rejects.toMatchObject({ code: "checkpoint_not_found" });

        await saver.putWrites(root, [["a", 1]], "task");
        expect((await saver.getTuple(root))?.pendingWrites).toEqual([["task", "a", 1]]);
    });

    it("putWrites_Pruned_AreRefusedAndThoseThatWaitAreKept", async () => {
        const saver = newSaver();
        const [first, , last] = await putLine(saver, thread("t"), 3);
        const next = checkpointOf();
        await saver.putWrites(thread("t", "", next.id), [["a", 1]], "early");

        await saver.prune(["t"]);

        await expect(saver.putWrites(first!, [["a", 1]], "task")).rejects.toMatchObject({ code: "checkpoint_not_found" });
        expect((await saver.getTuple(await put(saver, last!, next)))?.pendingWrites).toEqual([["early", "a", 1]]);
    });
});

function writeOf(index: number): NewWrite {
    return { task: "task", index, name: "a", value: { value: { type: "json", json: 1 } }, mode: "first" };
}

/** What is sent of what waits for a checkpoint. */
async function delivered(arrivals: Arrivals, key: string): Promise<NewWrite[]> {
    const sent: NewWrite[] = [];
    await arrivals.deliver(key, async (writes) => {
        sent.push(...writes);
    });
    return sent;
}
