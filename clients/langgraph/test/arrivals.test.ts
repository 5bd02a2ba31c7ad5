import { describe, expect, it } from "vitest";
import { checkpointOf, newSaver, put, thread } from "./threads.js";

const Large = "x".repeat(2 * 1024 * 1024);

describe("writes before their checkpoint", () => {
    it("put_OneOfTheEarlyWritesRefused_PutsThoseOfOthersAndNeverPassesOverIt", async () => {
        const saver = newSaver();
        const checkpoint = checkpointOf();
        const early = thread("t", "", checkpoint.id);
        await saver.putWrites(early, [["a", 1]], "first");
        await saver.putWrites(early, [["b", 2], ["c", Large]], "large");
        await saver.putWrites(early, [["d", 3]], "last");

        await expect(put(saver, thread("t"), checkpoint)).rejects.toMatchObject({ code: "limit_exceeded" });

        expect((await saver.getTuple(early))?.pendingWrites).toEqual([["first", "a", 1], ["last", "d", 3]]);
        await expect(put(saver, thread("t"), checkpoint)).rejects.toMatchObject({ code: "limit_exceeded" });
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
});
