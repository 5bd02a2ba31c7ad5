import { describe, expect, it } from "vitest";
import { Names } from "../src/names.js";
import { ForgeSessionStore } from "../src/index.js";
import { entries, entry, newStore } from "./stores.js";

const Long = "p".repeat(5_000);
const Odd = [
    "", " ", "/", "!", "~", "~~", "~0021", ".", "..", "a", "A", "a!b", "é", "𝄞", "\ud834", "\udd1e", "\u0000", "\n", "main", "about",
    Long, `${Long}q`, "x".repeat(70), "x".repeat(71), "ü".repeat(40),
];

describe("keys", () => {
    it("session_OddKeys_AreAllDifferentAndFit", () => {
        const names = new Names("claude:");
        const sessions = Odd.flatMap((projectKey) => Odd.map((sessionId) => names.session({ projectKey, sessionId })));

        expect(new Set(sessions).size).toBe(Odd.length ** 2);
        for (const session of sessions) {
            expect(session).toMatch(/^[!-~]{1,200}$/);
        }
    });

    it("place_OddSubpaths_AreAllDifferentAndFit", () => {
        const names = new Names("claude:");
        const branches = Odd.map((subpath) => names.place({ projectKey: "p", sessionId: "s", subpath }).branch);

        expect(new Set(branches).size).toBe(Odd.length);
        expect(branches[0]).toBe("main");
        for (const branch of branches) {
            expect(branch).toMatch(/^[!-~]{1,500}$/);
        }
    });

    it("constructor_BadOptions_AreRefusedByName", () => {
        for (const prefix of ["", "a!", "a b", "p".repeat(51)]) {
            expect(() => new ForgeSessionStore({ url: "http://forge", prefix }), prefix).toThrowError(/^prefix must be 1 to 50/);
        }

        expect(() => new ForgeSessionStore({ url: "forge" })).toThrowError(/^url/);
    });

    it("anyCall_KeyThatIsNoText_IsRefusedByName", async () => {
        const store = newStore();

        await expect(store.load({ projectKey: 1 as unknown as string, sessionId: "s" })).rejects.toMatchObject({ code: "invalid_request", field: "projectKey" });
        await expect(store.append({ projectKey: "p", sessionId: undefined as unknown as string }, [])).rejects.toMatchObject({ field: "sessionId" });
        for (const bad of [[], null, "text", { toJSON: () => "text" }, { toJSON: () => undefined }]) {
            await expect(store.append({ projectKey: "p", sessionId: "s" }, [bad as never])).rejects.toMatchObject({ code: "invalid_request", field: "entries[0]" });
        }
    });

    it("listSessions_OddSessionIds_AreToldAsTheyWere", async () => {
        for (const projectKey of ["", Long, "é!/"]) {
            const store = newStore();
            const written = [];
            for (const sessionId of Odd) {
                const given = [entry(`of ${sessionId.slice(0, 10)}`)];
                await store.append({ projectKey, sessionId }, given);
                written.push([sessionId, given] as const);
            }

            expect((await store.listSessions(projectKey)).map((session) => session.sessionId).sort()).toEqual([...Odd].sort());
            expect((await store.listSessionSummaries(projectKey)).map((session) => session.sessionId).sort()).toEqual([...Odd].sort());
            for (const [sessionId, given] of written) {
                expect(await store.load({ projectKey, sessionId })).toEqual(given);
            }
        }
    });

    it("listSubkeys_OddSubpaths_AreToldAsTheyWere", async () => {
        const [store, key] = [newStore(), { projectKey: "p", sessionId: "s" }];
        const odd = Odd.filter((subpath) => subpath !== "");
        for (const subpath of odd) {
            await store.append({ ...key, subpath }, entries(1));
            await store.append({ ...key, subpath }, entries(1));
        }

        expect((await store.listSubkeys(key)).sort()).toEqual([...odd].sort());
        for (const subpath of odd) {
            expect(await store.load({ ...key, subpath })).toHaveLength(2);
        }

        await store.delete({ ...key, subpath: Long });
        expect(await store.load({ ...key, subpath: Long })).toBeNull();
        expect((await store.listSubkeys(key)).sort()).toEqual(odd.filter((subpath) => subpath !== Long).sort());
    });
});
