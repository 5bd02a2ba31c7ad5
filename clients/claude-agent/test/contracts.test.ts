import { foldSessionSummary } from "@anthropic-ai/claude-agent-sdk";
import { describe, expect, it } from "vitest";
import { entries, entry, marker, newKey, newStore } from "./stores.js";

// What the SDK asks of every session store, each said and tried in our own way.
describe("the contracts of a session store", () => {
    it("load_AppendedEntries_AreTheSameInTheirOrder", async () => {
        const [store, key] = [newStore(), newKey()];
        const given = [entry("z", { uuid: "z" }), entry("a", { uuid: "a" }), marker("mode", { mode: "plan" }), entry("m")];

        await store.append(key, given);

        expect(await store.load(key)).toEqual(given);
    });

    it("load_KeysThatWereNeverWritten_AreNull", async () => {
        const [store, key] = [newStore(), newKey()];

        expect(await store.load(key)).toBeNull();
        await store.append(key, entries(1));
        expect(await store.load({ ...key, subpath: "subagents/agent-1" })).toBeNull();
        expect(await store.load(newKey())).toBeNull();
    });

    it("append_SeveralCalls_StandBehindOneAnother", async () => {
        const [store, key, given] = [newStore(), newKey(), entries(6)];

        await store.append(key, given.slice(0, 1));
        await store.append(key, given.slice(1, 4));
        await store.append(key, given.slice(4));

        expect(await store.load(key)).toEqual(given);
    });

    it("append_Nothing_ChangesNothing", async () => {
        const [store, key, given] = [newStore(), newKey(), entries(1)];

        await store.append(key, []);
        expect(await store.load(key)).toBeNull();
        await store.append(key, given);
        await store.append(key, []);

        expect(await store.load(key)).toEqual(given);
    });

    it("append_Subpath_IsATranscriptOfItsOwn", async () => {
        const [store, key, shared] = [newStore(), newKey(), entry("in both")];
        const sub = { ...key, subpath: "subagents/agent-1" };

        await store.append(key, [shared, entry("main")]);
        await store.append(sub, [entry("sub", { uuid: "s" }), shared]);

        expect((await store.load(key))?.map((one) => (one["message"] as { content: string }).content)).toEqual(["in both", "main"]);
        expect((await store.load(sub))?.map((one) => (one["message"] as { content: string }).content)).toEqual(["sub", "in both"]);
    });

    it("append_SameSessionInTwoProjects_AreTwo", async () => {
        const store = newStore();
        const [a, b] = [{ projectKey: "A", sessionId: "s" }, { projectKey: "B", sessionId: "s" }];

        await store.append(a, [marker("x", { of: "a" })]);
        await store.append(b, [marker("x", { of: "b" })]);

        expect([await store.load(a), await store.load(b)]).toEqual([[marker("x", { of: "a" })], [marker("x", { of: "b" })]]);
        expect((await store.listSessions("A")).length + (await store.listSessions("B")).length).toBe(2);
    });

    it("listSessions_Project_TellsItsSessionsWithTimesInMilliseconds", async () => {
        const [store, before] = [newStore(), Date.now() - 60_000];
        for (const [projectKey, sessionId] of [["p", "a"], ["p", "b"], ["pp", "c"], ["other", "d"]] as const) {
            await store.append({ projectKey, sessionId }, entries(1));
        }

        const sessions = await store.listSessions("p");

        expect(sessions.map((session) => session.sessionId).sort()).toEqual(["a", "b"]);
        expect(sessions.every(({ mtime }) => Number.isInteger(mtime) && mtime > before && mtime < Date.now() + 60_000)).toBe(true);
        expect(await store.listSessions("never")).toEqual([]);
    });

    it("listSessions_TranscriptsOfSubagents_AreNoSessions", async () => {
        const [store, key, lone] = [newStore(), newKey(), newKey("subagents/agent-2")];
        await store.append(key, entries(1));
        await store.append({ ...key, subpath: "subagents/agent-1" }, entries(1));
        await store.append(lone, entries(1));

        expect((await store.listSessions(key.projectKey)).map((session) => session.sessionId)).toEqual([key.sessionId]);
    });

    it("delete_Session_HasNothingToLoadAfterwards", async () => {
        const [store, key] = [newStore(), newKey()];
        await store.delete(newKey());
        await store.append(key, entries(2));

        await store.delete(key);

        expect(await store.load(key)).toBeNull();
        await store.delete(key);
    });

    it("delete_Session_TakesItsSubagentsAndNoOtherSession", async () => {
        const [store, key, neighbour] = [newStore(), newKey(), newKey()];
        const [one, two] = [{ ...key, subpath: "subagents/agent-1" }, { ...key, subpath: "subagents/agent-2" }];
        const namesake = { ...key, projectKey: "another" };
        for (const written of [key, one, two, neighbour, namesake]) {
            await store.append(written, entries(1));
        }

        await store.delete(key);

        for (const gone of [key, one, two]) {
            expect(await store.load(gone)).toBeNull();
        }

        expect(await store.load(neighbour)).toHaveLength(1);
        expect(await store.load(namesake)).toHaveLength(1);
        expect(await store.listSubkeys(key)).toEqual([]);
        expect((await store.listSessions(key.projectKey)).map((session) => session.sessionId)).toEqual([neighbour.sessionId]);
    });

    it("delete_Subpath_TakesThatTranscriptAlone", async () => {
        const [store, key] = [newStore(), newKey()];
        const [one, two] = [{ ...key, subpath: "subagents/agent-1" }, { ...key, subpath: "subagents/agent-2" }];
        for (const written of [key, one, two]) {
            await store.append(written, entries(3));
        }

        await store.delete(one);

        expect(await store.load(one)).toBeNull();
        expect(await store.load(two)).toHaveLength(3);
        expect(await store.load(key)).toHaveLength(3);
        expect(await store.listSubkeys(key)).toEqual(["subagents/agent-2"]);
        await store.delete(one);
        await store.delete({ ...key, subpath: "never" });
    });

    it("listSubkeys_Session_TellsItsSubpathsAlone", async () => {
        const [store, key] = [newStore(), newKey()];
        await store.append(key, entries(1));
        await store.append({ ...key, subpath: "subagents/agent-1" }, entries(1));
        await store.append({ ...key, subpath: "subagents/workflows/run-1/agent-2" }, entries(1));
        await store.append(newKey("subagents/agent-x"), entries(1));

        expect((await store.listSubkeys(key)).sort()).toEqual(["subagents/agent-1", "subagents/workflows/run-1/agent-2"]);
    });

    it("listSubkeys_SessionWithoutSubagents_AreNone", async () => {
        const [store, key] = [newStore(), newKey()];
        await store.append(key, entries(1));

        expect(await store.listSubkeys(key)).toEqual([]);
        expect(await store.listSubkeys(newKey())).toEqual([]);
    });

    it("listSessionSummaries_Project_TellsWhatTheSdkFoldsOfAllAppends", async () => {
        const [store, key] = [newStore(), newKey()];
        const given = [entry("first question"), marker("custom-title", { customTitle: "one" }), entry("second"), marker("custom-title", { customTitle: "two" })];
        await store.append(key, given.slice(0, 3));
        await store.append({ ...key, subpath: "subagents/agent-1" }, [entry("of no session", { customTitle: "sub" })]);
        await store.append(key, given.slice(3));
        await store.append({ ...key, projectKey: "another" }, entries(1));

        const [summary, ...others] = await store.listSessionSummaries(key.projectKey);

        expect(others).toEqual([]);
        expect(summary).toEqual({
            sessionId: key.sessionId,
            mtime: (await store.listSessions(key.projectKey))[0]?.mtime,
            data: foldSessionSummary(undefined, key, given).data,
        });
        expect(foldSessionSummary(summary, key, [marker("custom-title", { customTitle: "three" })]).data).toMatchObject({ customTitle: "three" });
        expect(await store.listSessionSummaries("never")).toEqual([]);
        await store.delete(key);
        expect(await store.listSessionSummaries(key.projectKey)).toEqual([]);
    });
});
