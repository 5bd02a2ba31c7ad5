import { describe, expect, it } from "vitest";
import { checkpointOf, forgeUrl, idOf, listed, metadataOf, newPrefix, newSaver, put, thread } from "./threads.js";

describe("latest that goes while it is read", () => {
    it("getTuple_NewestGoesBetweenTwoReads_IsTheOneBefore", async () => {
        const prefix = newPrefix();
        const other = newSaver({ prefix });
        const root = await put(other, thread("t"), checkpointOf({ a: 1 }));
        await put(other, root, checkpointOf({ a: 2 }), metadataOf(1, { run_id: "run" }));
        let [reads, wentAway] = [0, () => {}];
        const gone = new Promise<void>((resolve) => {
            wentAway = resolve;
        });
        const saver = newSaver({
            prefix,
            fetch: async (url, init) => {
                if (String(url).includes("/latest/writes")) {
                    await gone;
                    return fetch(url, init);
                }

                const answer = await fetch(url, init);
                if (String(url).includes("/checkpoints/latest") && reads++ === 0) {
                    await other.deleteForRuns(["run"]);
                    wentAway();
                }

                return answer;
            },
        });

        const tuple = await saver.getTuple(thread("t"));

        expect(idOf(tuple!)).toBe(idOf(root));
        expect(reads).toBe(2);
    });

    it("getTuple_NewestGoesEachTime_IsAnErrorAndNotNothing", async () => {
        const prefix = newPrefix();
        await put(newSaver({ prefix }), thread("t"), checkpointOf());
        const saver = newSaver({
            prefix,
            fetch: async (url, init) => String(url).includes("/writes")
                ? new Response('{"code":"checkpoint_not_found","detail":"It is gone."}', { status: 404 })
                : fetch(url, init),
        });

        await expect(saver.getTuple(thread("t"))).rejects.toMatchObject({ code: "latest_moving" });
    });
});

describe("list beside another tool", () => {
    it("list_CheckpointsOfAnotherTool_ArePassedOverWhereNoThreadIsNamed", async () => {
        const prefix = newPrefix();
        const saver = newSaver({ prefix });
        const ids: string[] = [];
        for (const id of ["a", "c", "d"]) {
            ids.push(idOf(await put(saver, thread(id), checkpointOf({ id }))));
        }

        await putForeign(`${prefix}b`, {});
        await putForeign(`${prefix}c`, {});

        expect((await listed(saver.list({}))).map(idOf)).toEqual(ids);
        expect((await listed(saver.list({}, { limit: 2 }))).map(idOf)).toEqual(ids.slice(0, 2));
        expect((await listed(saver.list({}, { filter: { source: "loop" } }))).map(idOf)).toEqual(ids);
        await expect(listed(saver.list(thread("b")))).rejects.toMatchObject({ code: "foreign_checkpoint" });
    });

    it("list_BranchOfAnotherTool_IsNoNamespace", async () => {
        const prefix = newPrefix();
        const saver = newSaver({ prefix });
        const config = await put(saver, thread("t"), checkpointOf());
        const id = await putForeign(`${prefix}t`, { branch: "feature", parent: "none" });

        expect((await listed(saver.list({ configurable: { thread_id: "t" } }))).map(idOf)).toEqual([idOf(config)]);
        expect(await listed(saver.list({ configurable: { thread_id: "t", checkpoint_id: id } }))).toEqual([]);
    });
});

/** Puts a checkpoint as another tool would, and gives its id. */
async function putForeign(session: string, rest: Record<string, unknown>): Promise<string> {
    const answer = await fetch(`${forgeUrl()}/v1/sessions/${session}/checkpoints`, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ message: "other", state: { x: 1 }, ...rest }),
    });
    expect(answer.status).toBe(201);
    return (await answer.json() as { id: string }).id;
}
