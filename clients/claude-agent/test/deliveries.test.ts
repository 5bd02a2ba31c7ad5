import { foldSessionSummary } from "@anthropic-ai/claude-agent-sdk";
import { describe, expect, it } from "vitest";
import { SessionDeletedError } from "../src/index.js";
import { entries, entry, forgeUrl, marker, newKey, newPrefix, newStore, newStores, watched } from "./stores.js";

const lost = (): Response => {
    throw new TypeError("the answer was lost");
};

/** A fetch that loses the answer to the first batches, as often as is said, and lets everything else through. */
function losingBatches(times: number): typeof fetch {
    let left = times;
    return watched((request, answer) => (request.path.endsWith("/batch") && left-- > 0 ? lost() : answer)).fetch;
}

describe("what is delivered again", () => {
    it("append_AnswersLost_TakesEffectOnce", async () => {
        const [store, key] = [newStore({ fetch: losingBatches(2) }), newKey()];
        const given = [entry("a"), marker("mode", { mode: "plan" }), entry("b")];

        await store.append(key, given);

        expect(await store.load(key)).toEqual(given);
    });

    it("append_SameDeliveryTwiceMore_IsThereOnce", async () => {
        const [[store, other], key] = [newStores(), newKey()];
        const given = [entry("a"), marker("mode", { mode: "plan" }), entry("b"), marker("mode", { mode: "plan" })];

        await store.append(key, given);
        await store.append(key, structuredClone(given));
        await other.append(key, structuredClone(given));

        expect(await other.load(key)).toEqual(given);
    });

    it("append_DeliveryOfWhichSomeIsThere_AddsTheRest", async () => {
        const [[store, other], key, given] = [newStores(), newKey(), entries(6)];

        await store.append(key, given.slice(0, 2));
        await other.append(key, given.slice(1, 5));
        await store.append(key, given);

        expect(await store.load(key)).toEqual(given);
    });

    it("append_FailedHalfWay_IsFinishedByTheNextAttempt", async () => {
        let batches = 0;
        const { requests, fetch } = watched((_, answer) => answer, ({ path }) => {
            if (path.endsWith("/batch") && ++batches === 2) {
                throw new TypeError("there is no way");
            }
        });
        const [store, key] = [newStore({ fetch, attempts: 1 }), newKey()];
        const given = Array.from({ length: 1_500 }, (_, n) => marker("mode", { n: n % 7 }));

        await expect(store.append(key, given)).rejects.toMatchObject({ code: "unreachable" });
        expect(await store.load(key)).toEqual(given.slice(0, 999));
        const before = requests.length;
        await store.append(key, structuredClone(given));

        expect(await store.load(key)).toEqual(given);
        expect(requests.slice(before).filter(({ method }) => method === "POST")).toHaveLength(2);
    });

    it("append_EntriesWithoutUuid_AreEachOneMoreUnlessTheAppendFailed", async () => {
        const [store, key] = [newStore(), newKey()];
        const [plan, plain] = [marker("mode", { mode: "plan" }), marker("mode", { mode: "default" })];

        await store.append(key, [plan]);
        await store.append(key, [plain]);
        await store.append(key, [plan, plan]);

        expect(await store.load(key)).toEqual([plan, plain, plan, plan]);
    });

    it("append_EntriesWithoutUuidWhoseAnswerWasLost_AreThereOnce", async () => {
        const [store, key, plan] = [newStore({ fetch: losingBatches(1), attempts: 1 }), newKey(), marker("mode", { mode: "plan" })];

        await expect(store.append(key, [plan])).rejects.toMatchObject({ code: "unreachable" });
        await store.append(key, [structuredClone(plan)]);
        expect(await store.load(key)).toEqual([plan]);
        await store.append(key, [plan]);

        expect(await store.load(key)).toEqual([plan, plan]);
    });

    it("append_UuidThatIsThereWithOtherContent_StaysAsItWas", async () => {
        const [store, key, first] = [newStore(), newKey(), entry("first")];
        await store.append(key, [first]);
        const next = entry("next");

        await store.append(key, [{ ...first, message: "other" }, next, { ...next, message: "other" }]);

        expect(await store.load(key)).toEqual([first, next]);
    });

    it("append_DeliveryOfWhichSomeIsFarBack_AsksForItByItsIds", async () => {
        const prefix = newPrefix();
        const [key, given] = [newKey(), entries(60)];
        await newStore({ prefix }).append(key, given);
        const { requests, fetch } = watched();
        const store = newStore({ prefix, fetch: (url, init) => fetch(String(url).replace("limit=1000", "limit=2"), init) });
        const next = entries(9);

        await store.append(key, [...given.slice(0, 20), ...next]);

        const reads = requests.filter(({ method, path }) => method === "GET" && path.includes(given[0]!.uuid as string));
        expect(reads).toHaveLength(1);
        expect(requests.filter(({ method, path }) => method === "GET" && path.includes("limit=2")).length).toBeLessThan(5);
        expect(await store.load(key)).toEqual([...given, ...next]);
    });

    it("append_EntryThatAToolHasDeleted_DoesNotComeBackWithTheRest", async () => {
        const prefix = newPrefix();
        const { requests, fetch } = watched();
        const [store, key, given] = [newStore({ prefix, fetch }), newKey(), entries(3)];
        await store.append(key, given.slice(0, 2));
        const path = requests.at(-1)!.path.replace("/batch", `/${given[0]!.uuid}`);
        expect((await globalThis.fetch(new URL(path, forgeUrl()), { method: "DELETE" })).status).toBe(204);

        await newStore({ prefix }).append(key, given);

        expect(await store.load(key)).toEqual(given.slice(1));
    });
});

describe("what comes late", () => {
    it("append_DeletedSession_IsRefusedUntilItIsRevived", async () => {
        const [[store, other], key] = [newStores(), newKey()];
        await store.append(key, entries(2));
        await store.append({ ...key, subpath: "subagents/agent-1" }, entries(2));
        await other.append(key, entries(1));

        await other.delete(key);

        for (const late of [store, other]) {
            await expect(late.append(key, entries(1))).rejects.toSatisfy(
                (error) => error instanceof SessionDeletedError && error.code === "session_deleted" && error.status === 410);
            await expect(late.append({ ...key, subpath: "subagents/agent-1" }, entries(1))).rejects.toBeInstanceOf(SessionDeletedError);
        }

        expect(await store.load(key)).toBeNull();
        await store.reviveSession(key);
        expect(await store.load(key)).toBeNull();
        const given = entries(2);
        await other.append(key, given);
        expect(await store.load(key)).toEqual(given);
    });

    it("append_DeletedTranscriptOfASubagent_IsRefused", async () => {
        const [[store, other], key, given] = [newStores(), newKey("subagents/agent-1"), entries(3)];
        await store.append(key, given);

        await other.delete(key);

        for (const late of [store, other]) {
            await expect(late.append(key, entries(1))).rejects.toSatisfy(
                (error) => error instanceof SessionDeletedError && error.code === "transcript_deleted" && error.field === "subpath");
        }

        expect(await store.load(key)).toBeNull();
        expect(await store.listSubkeys(key)).toEqual([]);
    });
});

describe("several at once", () => {
    it("append_CallsThatAreNotAwaited_KeepTheirOrder", async () => {
        const [store, key, given] = [newStore(), newKey(), entries(60)];

        await Promise.all(given.map((one) => store.append(key, [one])));

        expect(await store.load(key)).toEqual(given);
    });

    it("append_EntriesThatAreChangedOnceTheCallIsMade_AreWhatTheyWere", async () => {
        const prefix = newPrefix();
        const { requests, fetch } = watched();
        const [store, key] = [newStore({ prefix, fetch }), newKey()];
        const given = [entry("a"), entry("b", { customTitle: "b" }), marker("custom-title", { customTitle: "c" })];
        const live = structuredClone(given);

        const calls = [store.append(key, live.slice(0, 1)), store.append(key, live.slice(1))];
        for (const one of live) {
            Object.assign(one, { type: "changed", customTitle: "changed" });
            delete one.uuid;
        }

        await Promise.all(calls);
        await newStore({ prefix }).append(key, given.slice(0, 2));
        expect(await store.load(key)).toEqual(given);
        expect(requests.filter(({ method, body }) => method === "POST" && body?.includes("changed"))).toEqual([]);
        expect((await store.listSessionSummaries(key.projectKey))[0]?.data).toEqual(foldSessionSummary(undefined, key, given).data);
    });

    it("append_TwoWriters_LoseNothingAndKeepTheOrderOfEach", async () => {
        const [stores, key] = [newStores(), newKey()];
        const given = stores.map((_, i) => Array.from({ length: 30 }, (__, n) => entry(`${i}:${n}`, { [i === 0 ? "customTitle" : "gitBranch"]: String(n) })));

        await Promise.all(stores.map(async (store, i) => {
            for (let n = 0; n < 30; n += 3) {
                await store.append(key, given[i]!.slice(n, n + 3));
            }
        }));

        const loaded = (await stores[0].load(key))!;
        expect(loaded).toHaveLength(60);
        for (const mine of given) {
            const ids = new Set(mine.map((one) => one.uuid));
            expect(loaded.filter((one) => ids.has(one.uuid))).toEqual(mine);
        }

        const [summary] = await stores[1].listSessionSummaries(key.projectKey);
        expect(summary?.data).toEqual(foldSessionSummary(undefined, key, loaded).data);
    });

    it("append_OneThatFails_DoesNotTakeTheNextWithIt", async () => {
        let left = 1;
        const { fetch } = watched((_, answer) => answer, ({ path }) => {
            if (path.endsWith("/batch") && left-- > 0) {
                throw new TypeError("there is no way");
            }
        });
        const [store, key, given] = [newStore({ fetch, attempts: 1 }), newKey(), entries(2)];

        const outcomes = await Promise.allSettled([store.append(key, given.slice(0, 1)), store.append(key, given.slice(1))]);

        expect(outcomes.map((outcome) => outcome.status)).toEqual(["rejected", "fulfilled"]);
        expect(await store.load(key)).toEqual(given.slice(1));
    });
});
