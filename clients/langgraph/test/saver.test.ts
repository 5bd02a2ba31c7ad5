import { INTERRUPT, uuid6 } from "@langchain/langgraph-checkpoint";
import { describe, expect, it } from "vitest";
import { ForgeError, ThreadDeletedError } from "../src/index.js";
import { checkpointOf, type Config, forgeUrl, idOf, listed, metadataOf, newPrefix, newSaver, newSavers, put, putLine, thread } from "./threads.js";

describe("threads", () => {
    it("deleteThread_LatePut_DoesNotReviveTheThread", async () => {
        const saver = newSaver();
        const config = await put(saver, thread("gone"), checkpointOf({ a: 1 }));

        await saver.deleteThread("gone");

        await expect(put(saver, config, checkpointOf())).rejects.toThrowError(ThreadDeletedError);
        await expect(saver.putWrites(config, [["a", 1]], "task")).rejects.toThrowError(ThreadDeletedError);
        expect(await saver.getTuple(thread("gone"))).toBeUndefined();
        expect(await listed(saver.list(thread("gone")))).toEqual([]);
    });

    it("deleteThread_SeveralNamespaces_AreAllGone", async () => {
        const saver = newSaver();
        for (const namespace of ["", "child", "child|grandchild"]) {
            await put(saver, thread("a", namespace), checkpointOf());
            await put(saver, thread("b", namespace), checkpointOf());
        }

        await saver.deleteThread("a");

        expect(await listed(saver.list({ configurable: { thread_id: "a" } }))).toEqual([]);
        expect(await listed(saver.list({ configurable: { thread_id: "b" } }))).toHaveLength(3);
    });

    it("deleteThread_TwiceOrNeverThere_IsNoError", async () => {
        const saver = newSaver();
        await put(saver, thread("a"), checkpointOf());

        await saver.deleteThread("a");
        await saver.deleteThread("a");
        await saver.deleteThread("never");

        expect(await listed(saver.list({}))).toEqual([]);
    });

    it("reviveThread_Deleted_IsEmptyAndTakesPutsAgain", async () => {
        const saver = newSaver();
        await put(saver, thread("a"), checkpointOf());
        await saver.deleteThread("a");

        await saver.reviveThread("a");
        const config = await put(saver, thread("a"), checkpointOf({ a: 2 }));

        const all = await listed(saver.list(thread("a")));
        expect(all.map(idOf)).toEqual([idOf(config)]);
    });

    it("list_OddAndLongNames_AreToldAsTheyWereGiven", async () => {
        const saver = newSaver();
        const places = [["a/b", "x y"], ["é", "main"], [" ".repeat(200), "n".repeat(900)], ["t".repeat(1_000), ""], ["\ud834", "\n"]] as const;
        for (const [id, namespace] of places) {
            await put(saver, thread(id, namespace), checkpointOf({ id }));
        }

        const all = await listed(saver.list({}));

        expect(new Set(all.map(({ config }) => JSON.stringify([config.configurable?.["thread_id"], config.configurable?.["checkpoint_ns"]]))))
            .toEqual(new Set(places.map((place) => JSON.stringify(place))));
        for (const [id, namespace] of places) {
            expect((await saver.getTuple(thread(id, namespace)))?.checkpoint.channel_values).toEqual({ id });
        }
    });
});

describe("latest", () => {
    it("getTuple_OlderIdPutLate_IsTheGreatestId", async () => {
        const [saver, other] = newSavers();
        const [oldest, late, greatest] = [uuid6(1), uuid6(1), uuid6(1)] as const;
        const first = await put(saver, thread("t"), checkpointOf({}, oldest));
        await put(saver, first, checkpointOf({}, greatest));
        await put(saver, first, checkpointOf({}, late));

        const tuple = await other.getTuple(thread("t"));
        expect(idOf(tuple!)).toBe(greatest);
        expect((await listed(other.list(thread("t")))).map(idOf)).toEqual([greatest, late, oldest]);
        expect((await listed(other.list(thread("t"), { before: thread("t", "", greatest), limit: 1 }))).map(idOf)).toEqual([late]);
    });

    it("getTuple_GreatestDeleted_IsTheGreatestOfThoseLeft", async () => {
        const saver = newSaver();
        const [second, first, greatest, third] = [uuid6(1), uuid6(1), uuid6(1), uuid6(1)] as const;
        const root = await put(saver, thread("t"), checkpointOf({}, first));
        await put(saver, root, checkpointOf({}, greatest), metadataOf(1, { run_id: "run" }));
        await put(saver, root, checkpointOf({}, second));

        await saver.deleteForRuns(["run"]);

        expect(idOf((await saver.getTuple(thread("t")))!)).toBe(first);
        await put(saver, root, checkpointOf({}, third));
        expect(idOf((await saver.getTuple(thread("t")))!)).toBe(third);
    });

    it("put_TwoSaversAtOnce_LatestIsTheGreatestOfAll", async () => {
        const savers = newSavers();
        const root = await put(savers[0], thread("t"), checkpointOf());
        const ids = Array.from({ length: 20 }, () => uuid6(1));

        await Promise.all(ids.toReversed().map((id, i) => put(savers[i % 2]!, root, checkpointOf({}, id))));

        expect(idOf((await savers[0].getTuple(thread("t")))!)).toBe(ids.at(-1));
        expect((await listed(savers[1].list(thread("t")))).map(idOf)).toEqual([...ids.toReversed(), idOf(root)]);
    });
});

describe("put", () => {
    it("put_ChildOfAnOldCheckpoint_RunsAgainFromThere", async () => {
        const saver = newSaver();
        const [, second, third] = await putLine(saver, thread("t"), 3);

        const again = await put(saver, second!, checkpointOf({ step: "again" }), metadataOf(2));

        const latest = await saver.getTuple(thread("t"));
        expect(latest?.checkpoint.channel_values).toEqual({ step: "again" });
        expect(latest?.parentConfig).toEqual(second);
        expect((await listed(saver.list(thread("t")))).map(idOf).slice(0, 3)).toEqual([idOf(again), idOf(third!), idOf(second!)]);
        const next = await put(saver, again, checkpointOf());
        expect((await saver.getTuple(next))?.parentConfig).toEqual(again);
    });

    it("put_SentAgain_IsOneCheckpoint", async () => {
        const [saver, other] = newSavers();
        const root = await put(saver, thread("t"), checkpointOf());
        const checkpoint = checkpointOf({ a: 1 });
        await put(saver, root, checkpoint);
        await put(saver, root, checkpoint);
        await put(saver, root, checkpointOf({ b: 1 }));

        // It goes by another head than the first time.
        await put(other, root, checkpoint);

        expect(await listed(saver.list(thread("t")))).toHaveLength(3);
        await expect(put(saver, root, { ...checkpoint, channel_values: { a: 2 } })).rejects.toMatchObject({ code: "request_conflict" });
        expect((await saver.getTuple(thread("t", "", checkpoint.id)))?.checkpoint.channel_values).toEqual({ a: 1 });
    });

    it("put_ParentThatIsNotThere_IsKeptAsItWasNamed", async () => {
        const saver = newSaver();
        const parent = thread("t", "", uuid6(1));

        const config = await put(saver, parent, checkpointOf());

        expect((await saver.getTuple(config))?.parentConfig).toEqual(parent);
    });

    it("put_CopyOfARootWithoutNewVersions_HasItsValues", async () => {
        const saver = newSaver();
        const root = checkpointOf({ a: 1, b: [2] });
        await put(saver, thread("t"), root);

        const copy = await saver.put(thread("t"), { ...root, id: uuid6(1), channel_values: { ...root.channel_values, c: 3 } }, metadataOf(1), {});

        expect((await saver.getTuple(copy))?.checkpoint.channel_values).toEqual({ a: 1, b: [2] });
    });

    it("put_IdThatIsNoUuid_IsRefusedByName", async () => {
        await expect(put(newSaver(), thread("t"), checkpointOf({}, "1"))).rejects.toMatchObject({ code: "invalid_request", field: "checkpoint.id" });
    });

    it("put_ValueChangedAfterTheCall_IsKeptAsItWas", async () => {
        const saver = newSaver();
        const messages = ["one"];

        const pending = put(saver, thread("t"), checkpointOf({ messages }));
        messages.push("two");

        expect((await saver.getTuple(await pending))?.checkpoint.channel_values).toEqual({ messages: ["one"] });
    });
});

describe("writes", () => {
    it("putWrites_SameTaskAndIndex_FirstWins", async () => {
        const saver = newSaver();
        const config = await put(saver, thread("t"), checkpointOf());

        await saver.putWrites(config, [["a", 1], ["b", 2]], "task");
        await saver.putWrites(config, [["a", 3], ["c", 4], ["d", 5]], "task");

        expect((await saver.getTuple(config))?.pendingWrites).toEqual([["task", "a", 1], ["task", "b", 2], ["task", "d", 5]]);
    });

    it("putWrites_SpecialChannel_TakesThePlaceOfTheOneBefore", async () => {
        const saver = newSaver();
        const config = await put(saver, thread("t"), checkpointOf());

        await saver.putWrites(config, [[INTERRUPT, "first"]], "task");
        await saver.putWrites(config, [[INTERRUPT, "second"], ["a", 1]], "task");

        expect((await saver.getTuple(config))?.pendingWrites).toEqual([["task", INTERRUPT, "second"], ["task", "a", 1]]);
    });

    it("getTuple_Writes_AreByPathTaskAndIndex", async () => {
        const saver = newSaver();
        const config = await put(saver, thread("t"), checkpointOf());

        await saver.putWrites(config, [["a", 1], ["a", 2]], "1", "~b");
        await saver.putWrites(config, [["a", 3]], "2", "~a");
        await saver.putWrites(config, [["a", 4]], "3");

        expect((await saver.getTuple(config))?.pendingWrites?.map((write) => write[2])).toEqual([4, 3, 1, 2]);
    });

    it("putWrites_BeforeTheirCheckpoint_AreThereWithIt", async () => {
        const saver = newSaver();
        const checkpoint = checkpointOf();

        await saver.putWrites(thread("t", "", checkpoint.id), [["a", 1]], "early");
        const putting = put(saver, thread("t"), checkpoint);
        await saver.putWrites(thread("t", "", checkpoint.id), [["a", 2]], "meanwhile");
        await putting;

        expect((await saver.getTuple(thread("t")))?.pendingWrites).toEqual([["early", "a", 1], ["meanwhile", "a", 2]]);
    });

    it("putWrites_ValuesChangedAfterTheCall_AreKeptAsTheyWere", async () => {
        const saver = newSaver();
        const config = await put(saver, thread("t"), checkpointOf());
        const [first, second] = [["one"], ["two"]];
        const writes: [string, unknown][] = [["a", first], ["b", second]];

        const pending = saver.putWrites(config, writes, "task");
        first.push("later");
        second.push("later");
        writes.push(["c", 1]);
        await pending;

        expect((await saver.getTuple(config))?.pendingWrites).toEqual([["task", "a", ["one"]], ["task", "b", ["two"]]]);
    });

    it("putWithWrites_ValuesChangedAfterTheCall_AreKeptAsTheyWere", async () => {
        const saver = newSaver();
        const root = await put(saver, thread("t"), checkpointOf());
        const [messages, written] = [["one"], ["two"]];

        const pending = saver.putWithWrites(
            root, checkpointOf({ messages }), metadataOf(1), { messages: 1 }, [{ taskId: "task", writes: [["a", 1], ["b", written]] }]);
        messages.push("later");
        written.push("later");

        expect((await saver.getTuple(await pending as Config))?.checkpoint.channel_values).toEqual({ messages: ["one"] });
        expect((await saver.getTuple(root))?.pendingWrites).toEqual([["task", "a", 1], ["task", "b", ["two"]]]);
    });

    it("putWrites_OddNamesAndManyWrites_ComeBack", async () => {
        const saver = newSaver();
        const config = await put(saver, thread("t"), checkpointOf());
        const writes = Array.from({ length: 1_500 }, (_, i): [string, unknown] => [i % 2 === 0 ? "é".repeat(300) : "", i]);

        await saver.putWrites(config, writes, "a task/é");

        expect((await saver.getTuple(config))?.pendingWrites).toEqual(writes.map(([channel, value]) => ["a task/é", channel, value]));
    });

    it("putWithWrites_Taken_PutsTheWritesUnderTheParent", async () => {
        const saver = newSaver();
        const root = await put(saver, thread("t"), checkpointOf());

        const next = checkpointOf({ a: 1 });
        const config = await saver.putWithWrites(root, next, metadataOf(1), { a: 1 }, [{ taskId: "task", writes: [["a", 1]] }]);

        expect((await saver.getTuple(root))?.pendingWrites).toEqual([["task", "a", 1]]);
        expect((await saver.getTuple(config))?.pendingWrites).toEqual([]);
    });

    it("putWithWrites_SentAgainAfterOthers_IsNoConflictAndChangesNothing", async () => {
        const [saver, other] = newSavers();
        const root = await put(saver, thread("t"), checkpointOf());
        const next = checkpointOf({ a: 1 });
        const writes = [{ taskId: "task", writes: [["a", 1], [INTERRUPT, "old"]] as [string, unknown][] }];
        await saver.putWithWrites(root, next, metadataOf(1), { a: 1 }, writes);
        await saver.putWrites(root, [[INTERRUPT, "new"]], "task");
        await put(saver, root, checkpointOf({ b: 1 }));

        // It goes by another head than the first time.
        await other.putWithWrites(root, next, metadataOf(1), { a: 1 }, writes);

        expect((await saver.getTuple(root))?.pendingWrites).toEqual([["task", INTERRUPT, "new"], ["task", "a", 1]]);
        expect(await listed(saver.list(thread("t")))).toHaveLength(3);
        await expect(other.putWithWrites(root, { ...next, channel_values: { a: 2 } }, metadataOf(1), { a: 1 }, writes))
            .rejects.toMatchObject({ code: "request_conflict" });
    });

    it("putWithWrites_OneWriteRefused_LeavesNothing", async () => {
        const saver = newSaver();
        const root = await put(saver, thread("t"), checkpointOf());
        const next = checkpointOf({ a: 1 });
        const writes = [{ taskId: "task", writes: [["a", 1], ["b", "x".repeat(2 * 1024 * 1024)]] as [string, unknown][] }];

        await expect(saver.putWithWrites(root, next, metadataOf(1), { a: 1 }, writes)).rejects.toMatchObject({ code: "limit_exceeded" });

        expect((await saver.getTuple(thread("t")))?.pendingWrites).toEqual([]);
        expect(idOf((await saver.getTuple(thread("t")))!)).toBe(idOf(root));
    });
});

describe("list", () => {
    it("list_FilterWithUnknownKey_MatchesNothing", async () => {
        const saver = newSaver();
        await put(saver, thread("t"), checkpointOf(), metadataOf(1, { user: "a", deep: { b: [1] } }));

        expect(await listed(saver.list(thread("t"), { filter: { unknown: 1 } }))).toEqual([]);
        expect(await listed(saver.list(thread("t"), { filter: { unknown: undefined } }))).toEqual([]);
        expect(await listed(saver.list(thread("t"), { filter: { user: "a", unknown: 1 } }))).toEqual([]);
        expect(await listed(saver.list(thread("t"), { filter: { user: "a", deep: { b: [1] } } }))).toHaveLength(1);
    });

    it("list_BeforeLimitAndFilter_HoldTogether", async () => {
        const saver = newSaver();
        const configs = await putLine(saver, thread("t"), 30);

        const found = await listed(saver.list(thread("t"), { before: configs[25]!, limit: 3 }));
        const steps = await listed(saver.list(thread("t"), { before: configs[25]!, filter: { step: 7 }, limit: 3 }));

        expect(found.map(idOf)).toEqual([24, 23, 22].map((i) => idOf(configs[i]!)));
        expect(steps.map(idOf)).toEqual([idOf(configs[7]!)]);
        expect(await listed(saver.list(thread("t"), { limit: 0 }))).toEqual([]);
        expect((await listed(saver.list(thread("t")))).map(idOf)).toEqual(configs.map(idOf).toReversed());
    });

    it("list_AllNamespacesOfAThread_AreByFallingIds", async () => {
        const saver = newSaver();
        const ids: string[] = [];
        for (const namespace of ["", "a", "b", "a", "", "b"]) {
            ids.push(idOf(await put(saver, thread("t", namespace), checkpointOf())));
        }

        expect((await listed(saver.list({ configurable: { thread_id: "t" } }))).map(idOf)).toEqual(ids.toReversed());
        expect((await listed(saver.list({ configurable: { thread_id: "t" } }, { limit: 2 }))).map(idOf)).toEqual(ids.toReversed().slice(0, 2));
    });

    it("list_OneCheckpoint_IsThatAlone", async () => {
        const saver = newSaver();
        const [first] = await putLine(saver, thread("t"), 3);

        expect((await listed(saver.list(first!))).map(idOf)).toEqual([idOf(first!)]);
        expect(await listed(saver.list(thread("t", "other", idOf(first!))))).toEqual([]);
        expect(await listed(saver.list(thread("t", "", "no id")))).toEqual([]);
    });
});

describe("values", () => {
    it("put_SerializerOfBytes_ComesBack", async () => {
        const serde = {
            dumpsTyped: async (value: unknown): Promise<[string, Uint8Array]> => ["turned", Buffer.from(JSON.stringify(value)).reverse()],
            loadsTyped: async (type: string, bytes: Uint8Array | string): Promise<unknown> =>
                type === "turned" ? JSON.parse(Buffer.from(bytes as Uint8Array).reverse().toString()) : undefined,
        };
        const saver = newSaver({ serde });
        const config = await put(saver, thread("t"), checkpointOf({ a: ["é"] }));
        await saver.putWrites(config, [["a", { b: 1 }]], "task");

        const tuple = await saver.getTuple(config);

        expect(tuple?.checkpoint.channel_values).toEqual({ a: ["é"] });
        expect(tuple?.pendingWrites).toEqual([["task", "a", { b: 1 }]]);
    });

    it("put_JsonThatThisLanguageCannotHold_ComesBackAsItsBytes", async () => {
        const text = '{"id":12345678901234567890,"a":1.0}';
        const read: string[] = [];
        const saver = newSaver({
            serde: {
                dumpsTyped: async () => ["json", Buffer.from(text)],
                loadsTyped: async (_, bytes) => {
                    read.push(Buffer.from(bytes as Uint8Array).toString());
                    return checkpointOf();
                },
            },
        });

        await saver.getTuple(await put(saver, thread("t"), checkpointOf()));

        expect(new Set(read)).toEqual(new Set([text]));
    });

    it("getTuple_CheckpointOfAnotherTool_IsAnErrorThatSaysSo", async () => {
        const prefix = newPrefix();
        const saver = newSaver({ prefix });
        await put(saver, thread("t"), checkpointOf());
        await fetch(`${forgeUrl()}/v1/sessions/${prefix}t/checkpoints`, {
            method: "POST", headers: { "Content-Type": "application/json" }, body: '{"message":"other","state":{"x":1}}',
        });

        await expect(saver.getTuple(thread("t"))).rejects.toSatisfy(
            (error) => error instanceof ForgeError && error.code === "foreign_checkpoint");
    });
});
