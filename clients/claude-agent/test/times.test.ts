import { foldSessionSummary } from "@anthropic-ai/claude-agent-sdk";
import { describe, expect, it } from "vitest";
import { entries, newKey, newPrefix, newStore } from "./stores.js";

/** A fetch that does with each request what it is told to: sends it, sends it later, or never has an answer. */
function timed(of: (method: string, path: string) => number): typeof fetch {
    return async (url, init) => {
        const { pathname, search } = new URL(String(url));
        const wait = of(init?.method ?? "GET", pathname + search);
        if (wait > 0) {
            await new Promise((resolve, reject) => {
                init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
                if (Number.isFinite(wait)) {
                    setTimeout(resolve, wait);
                }
            });
        }

        return fetch(url, init);
    };
}

// The SDK gives an append up after a minute for good, and makes it again only if it fails before.
describe("the time that an append has", () => {
    it("append_RequestsThatHang_EndWithTheTimeOfOneAppend", async () => {
        const [deadline, key] = [3_000, newKey()];
        // Where the transcript stands is told late, and what is sent then is never answered.
        const store = newStore({ deadline, fetch: timed((method) => method === "GET" ? 2_500 : Infinity) });
        const start = Date.now();
        const times: number[] = [];

        const outcomes = await Promise.allSettled([1, 2].map(() => store.append(key, entries(1)).finally(() => times.push(Date.now() - start))));

        // Also one that has waited for the one before.
        for (const outcome of outcomes) {
            expect(outcome.status === "rejected" && outcome.reason.code).toMatch(/^(unreachable|deadline_exceeded)$/);
        }

        expect(Math.max(...times)).toBeLessThan(deadline + 2_000);
    });

    it("append_SeveralSteps_ShareIt", async () => {
        const prefix = newPrefix();
        const [store, key] = [newStore({ prefix, deadline: 4_000, fetch: timed((method) => method === "POST" ? 1_500 : 0) }), newKey()];
        const given = entries(3_500);

        await expect(store.append(key, given)).rejects.toMatchObject({ status: 0 });
        const there = (await store.load(key))!;
        expect(there.length).toBeLessThan(3_500);
        expect(there).toEqual(given.slice(0, there.length));
        await newStore({ prefix }).append(key, given);

        expect(await store.load(key)).toEqual(given);
    });

    it("append_SummaryThatTakesTooLongToMake_IsThereWithoutIt", async () => {
        const [prefix, key, given] = [newPrefix(), newKey(), entries(4)];
        // A summary that is too large is not kept, and is made of the entries by whoever is next.
        const stale = newStore({ prefix, foldSessionSummary: (_, { sessionId }) => ({ sessionId, mtime: 0, data: { x: "t".repeat(1024 * 1024) } }) });
        await stale.append(key, given.slice(0, 1));
        const store = newStore({ prefix, deadline: 6_000, fetch: timed((_, path) => path.includes("include=state") ? Infinity : 0) });

        await store.append(key, given.slice(1, 2));
        await store.append(key, given.slice(2, 3));

        expect(await newStore({ prefix }).load(key)).toEqual(given.slice(0, 3));
        expect(await store.listSessionSummaries(key.projectKey)).toEqual([]);
        await newStore({ prefix }).append(key, given.slice(3));
        expect((await newStore({ prefix }).listSessionSummaries(key.projectKey))[0]?.data).toEqual(foldSessionSummary(undefined, key, given).data);
    });
});
