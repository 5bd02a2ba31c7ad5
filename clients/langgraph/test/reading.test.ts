import { describe, expect, it } from "vitest";
import { checkpointOf, idOf, metadataOf, newPrefix, newSaver, put, thread } from "./threads.js";

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
