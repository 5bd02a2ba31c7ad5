import { foldSessionSummary } from "@anthropic-ai/claude-agent-sdk";
import { describe, expect, it } from "vitest";
import { entries, entry, forgeUrl, inSmallPages, marker, newKey, newPrefix, newStore, watched } from "./stores.js";

describe("entries", () => {
    it("append_2000Entries_TakesFiveRequestsAndKeepsTheirOrder", async () => {
        const { requests, fetch } = watched();
        const [store, key, given] = [newStore({ fetch }), newKey(), entries(2_000)];

        await store.append(key, given);

        // Where it stands, by two reads at once, and then as few batches as take them.
        expect(requests.map(({ method }) => method)).toEqual(["GET", "GET", "POST", "POST", "POST"]);
        expect(await store.load(key)).toEqual(given);
        const before = requests.length;
        await store.append(key, [entry("one more")]);
        expect(requests).toHaveLength(before + 1);
    });

    it("load_Pages_AreReadToTheEnd", async () => {
        const [prefix, key, given] = [newPrefix(), newKey("subagents/agent-1"), entries(7)];
        await newStore({ prefix }).append(key, given);

        expect(await newStore({ prefix, fetch: inSmallPages }).load(key)).toEqual(given);
    });

    it("load_DeletedBetweenPages_IsNullAndNotAPart", async () => {
        const [prefix, key] = [newPrefix(), newKey()];
        const store = newStore({ prefix });
        await store.append(key, entries(7));
        let pages = 0;
        const { fetch } = watched(async (_, answer) => {
            if (++pages === 2) {
                await store.delete(key);
            }

            return answer;
        });

        expect(await newStore({ prefix, fetch: (url, init) => fetch(String(url).replace("limit=1000", "limit=2"), init) }).load(key)).toBeNull();
        expect(pages).toBeGreaterThan(1);
    });

    it("load_OddValues_AreTheSame", async () => {
        const [store, key] = [newStore(), newKey()];
        let deep: unknown = "bottom";
        for (let i = 0; i < 200; i++) {
            deep = i % 2 === 0 ? { deep } : [deep];
        }

        const given = [
            entry("héllo 𝄞 \u0000 \u2028 \ud834 \udd1e \"\\\n", { [""]: "", "é ": null, "a.b/c": [] }),
            entry("numbers", { numbers: [0, -0.5, 1e21, 1e-7, 5e-324, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE] }),
            marker("", { ["__proto__x"]: { constructor: 1, toString: "x" }, nothing: null, empty: {}, list: [[], [[]], {}] }),
            JSON.parse('{"type":"x","__proto__":{"a":1},"state":"{}","id":1,"branch":"main"}') as ReturnType<typeof marker>,
            entry("deep", { deep }),
            marker("t".repeat(10_000)),
        ];

        await store.append(key, given);

        expect((await store.load(key))?.map((one) => JSON.stringify(one))).toEqual(given.map((one) => JSON.stringify(one)));
    });

    it("append_EntriesOfManyMegabytes_GoInSeveralRequests", async () => {
        const { requests, fetch } = watched();
        const [store, key] = [newStore({ fetch }), newKey()];
        const given = Array.from({ length: 3 }, (_, i) => entry(String(i).repeat(5 * 1024 * 1024)));

        await store.append(key, given);

        expect(requests.filter(({ method }) => method === "POST")).toHaveLength(2);
        expect((await store.load(key))?.map((one) => one.uuid)).toEqual(given.map((one) => one.uuid));
    });

    it("append_EntryOverTheLimit_IsRefusedByFieldAndLimitAndNothingIsThere", async () => {
        const [store, key] = [newStore(), newKey()];

        await expect(store.append(key, [entry("small"), entry("x".repeat(16 * 1024 * 1024))])).rejects.toMatchObject({
            code: "limit_exceeded", status: 413, problem: { limit: 16 * 1024 * 1024 },
        });
        await expect(store.append(newKey(), [entry("x".repeat(16 * 1024 * 1024))])).rejects.toMatchObject({ code: "limit_exceeded" });
        expect(await store.load(key)).toEqual([expect.objectContaining({ message: { role: "user", content: "small" } })]);
    });

    it("append_EntryAtTheLimit_IsTheFirstOfItsTranscript", async () => {
        const [store, key] = [newStore(), newKey("s".repeat(600))];
        const given = marker("x", { text: "" });
        given["text"] = "x".repeat(16 * 1024 * 1024 - JSON.stringify(given).length);

        for (const place of [{ ...key, subpath: "" }, key]) {
            await store.append(place, [given]);
            expect((await store.load(place))?.map((one) => one["text"] === given["text"])).toEqual([true]);
        }
    });

    it("load_CheckpointOfAnotherTool_IsATypedError", async () => {
        const { requests, fetch } = watched();
        const [store, key] = [newStore({ fetch }), newKey()];
        await store.append(key, entries(1));
        const path = requests.at(-1)!.path.replace("/batch", "");
        await post(path, { message: "by hand", state: 7 });

        await expect(store.load(key)).rejects.toMatchObject({ code: "foreign_checkpoint", problem: { sequence: 3 } });
    });

    it.each([
        ["a number", { state: 7 }],
        ["a list", { state: [entry("in a list")] }],
        ["nothing", { state: null }],
        ["bytes", { stateBase64: "AAEC" }],
    ])("append_BehindACheckpointOfAnotherTool_IsThereAndInTheSummary (%s)", async (_, foreign) => {
        const prefix = newPrefix();
        const { requests, fetch } = watched();
        const [store, key, given] = [newStore({ prefix, fetch }), newKey(), [entry("a", { customTitle: "one" }), entry("b", { gitBranch: "b" }), entry("c")]];
        await store.append(key, given.slice(0, 1));
        await post(requests.at(-1)!.path.replace("/batch", ""), { message: "by hand", ...foreign });

        // One that knew where the transcript stood, and one that has not met it.
        await store.append(key, given.slice(1, 2));
        await newStore({ prefix }).append(key, given.slice(2));

        await expect(store.load(key)).rejects.toMatchObject({ code: "foreign_checkpoint", problem: { sequence: 3 } });
        expect((await newStore({ prefix }).listSessionSummaries(key.projectKey))[0]?.data).toEqual(foldSessionSummary(undefined, key, given).data);
    });

    it("append_BehindADamagedEntry_IsThereAndInTheSummaryOfTheOthers", async () => {
        const prefix = newPrefix();
        const { requests, fetch } = watched(async ({ path }, answer) => path.includes("include=state") ? damaged(answer) : answer);
        const [key, given] = [newKey(), [entry("a", { customTitle: "one" }), entry("b", { gitBranch: "b" }), entry("c", { tag: "t" })]];
        await newStore({ prefix, fetch }).append(key, given.slice(0, 2));
        const path = requests.at(-1)!.path.replace("/batch", "");
        await post(path, { message: "by hand", state: given[2] });
        const store = newStore({ prefix, fetch });
        const last = entry("d");

        await store.append(key, [last]);

        await expect(store.load(key)).rejects.toMatchObject({ code: "state_corrupted", problem: { sequence: 2 } });
        expect(await newStore({ prefix }).load(key)).toEqual([...given, last]);
        expect((await newStore({ prefix }).listSessionSummaries(key.projectKey))[0]?.data)
            .toEqual(foldSessionSummary(undefined, key, [...given.slice(1), last]).data);
    });
});

/** The answer with damage in the place of the first state. */
async function damaged(answer: Response): Promise<Response> {
    const page = await answer.json() as { items: { state?: unknown; damage?: unknown }[] };
    const [first] = page.items;
    delete first!.state;
    first!.damage = { code: "state_corrupted", problem: "checksum" };
    return Response.json(page);
}

describe("lists of sessions", () => {
    it("listSessions_Pages_AreReadToTheEnd", async () => {
        const prefix = newPrefix();
        const store = newStore({ prefix });
        const keys = Array.from({ length: 7 }, () => newKey());
        for (const key of keys) {
            await store.append(key, entries(1));
        }

        const reader = newStore({ prefix, fetch: inSmallPages });
        const ids = keys.map((key) => key.sessionId).sort();
        expect((await reader.listSessions(keys[0]!.projectKey)).map((session) => session.sessionId).sort()).toEqual(ids);
        expect((await reader.listSessionSummaries(keys[0]!.projectKey)).map((session) => session.sessionId).sort()).toEqual(ids);
    });

    it("listSessionSummaries_NothingChangedSince_AsksForTheListAlone", async () => {
        const prefix = newPrefix();
        const { requests, fetch } = watched();
        const [store, reader] = [newStore({ prefix }), newStore({ prefix, fetch })];
        const key = newKey();
        await store.append(key, [entry("a", { customTitle: "one" })]);

        const [first] = await reader.listSessionSummaries(key.projectKey);
        first!.data["customTitle"] = "changed by who was given it";
        expect(requests).toHaveLength(2);
        expect((await reader.listSessionSummaries(key.projectKey))[0]?.data).toMatchObject({ customTitle: "one" });
        expect(requests).toHaveLength(3);
        await store.append(key, [entry("b", { customTitle: "two" })]);
        expect((await reader.listSessionSummaries(key.projectKey))[0]?.data).toMatchObject({ customTitle: "two" });
    });

    it("listSessionSummaries_EntryThatAnotherToolAdded_IsOlderThanTheSession", async () => {
        const prefix = newPrefix();
        const { requests, fetch } = watched();
        const [store, key] = [newStore({ prefix, fetch }), newKey()];
        await store.append(key, [entry("a", { customTitle: "one" })]);
        await post(requests.at(-1)!.path.replace("/batch", ""), { message: "by hand", state: entry("b", { customTitle: "two" }) });

        const [[summary], [session]] = [await store.listSessionSummaries(key.projectKey), await store.listSessions(key.projectKey)];

        expect(summary?.data).toMatchObject({ customTitle: "one" });
        expect(summary!.mtime).toBeLessThan(session!.mtime);
        // The next append makes it whole.
        await store.append(key, [entry("c", { lastPrompt: "c" })]);
        expect((await newStore({ prefix }).listSessionSummaries(key.projectKey))[0]?.data).toMatchObject({ customTitle: "two", lastPrompt: "c" });
    });

    it("listSessionSummaries_SummaryThatIsTooLarge_IsLeftToTheSdkAndStaysWhole", async () => {
        const prefix = newPrefix();
        const [store, key] = [newStore({ prefix }), newKey()];
        await store.append(key, [entry("a", { customTitle: "t".repeat(2 * 1024 * 1024), gitBranch: "one" })]);

        expect(await newStore({ prefix }).listSessionSummaries(key.projectKey)).toEqual([]);
        expect(await newStore({ prefix }).listSessions(key.projectKey)).toHaveLength(1);
        await newStore({ prefix }).append(key, [entry("b", { customTitle: "short" })]);

        expect((await newStore({ prefix }).listSessionSummaries(key.projectKey))[0]?.data).toMatchObject({ customTitle: "short", gitBranch: "one" });
    });

    it("listSessionSummaries_SummaryThatIsDamaged_IsLeftToTheSdkUntilTheNextAppendMakesItAnew", async () => {
        const prefix = newPrefix();
        const { fetch } = watched(({ path }, answer) => path.includes("/writes?")
            ? Response.json({ code: "state_corrupted", detail: "It is damaged." }, { status: 500 })
            : answer);
        const [key, given] = [newKey(), [entry("a", { customTitle: "one" }), entry("b")]];
        await newStore({ prefix }).append(key, given.slice(0, 1));

        expect(await newStore({ prefix, fetch }).listSessionSummaries(key.projectKey)).toEqual([]);
        await newStore({ prefix, fetch }).append(key, given.slice(1));

        expect((await newStore({ prefix }).listSessionSummaries(key.projectKey))[0]?.data).toEqual(foldSessionSummary(undefined, key, given).data);
    });

    it("listSessionSummaries_FoldThatIsGiven_IsTheOneThatIsUsed", async () => {
        const [store, key] = [
            newStore({ foldSessionSummary: (before, { sessionId }, given) => ({ sessionId, mtime: 0, data: { count: given.length + Number(before?.data["count"] ?? 0) } }) }),
            newKey(),
        ];
        await store.append(key, entries(2));
        await store.append(key, entries(3));

        expect((await store.listSessionSummaries(key.projectKey)).map(({ data }) => data)).toEqual([{ count: 5 }]);
    });
});

async function post(path: string, body: unknown): Promise<void> {
    const answer = await fetch(new URL(path, forgeUrl()), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    expect(answer.status).toBe(201);
}
