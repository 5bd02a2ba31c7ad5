import {
    deleteSession, forkSession, getSessionInfo, getSessionMessages, getSubagentMessages, importSessionToStore, listSessions, listSubagents, renameSession,
    type SessionStoreEntry,
} from "@anthropic-ai/claude-agent-sdk";
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newStore } from "./stores.js";

/** A conversation as the SDK writes it: each message follows the one before. */
function conversation(sessionId: string, texts: readonly string[], rest: Record<string, unknown> = {}): SessionStoreEntry[] {
    let parentUuid: string | null = null;
    return texts.map((text, i) => {
        const role = i % 2 === 0 ? "user" : "assistant";
        const uuid = randomUUID();
        const one = {
            type: role, uuid, parentUuid, sessionId, isSidechain: false, userType: "external", cwd: "/home/agent", version: "1.0.0",
            timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString(),
            message: role === "user" ? { role, content: text } : { id: `msg_${i}`, type: "message", role, model: "m", content: [{ type: "text", text }] },
            ...rest,
        };
        parentUuid = uuid;
        return one;
    });
}

const textOf = ({ message }: { message: unknown }): unknown => {
    const { content } = message as { content: string | { text: string }[] };
    return typeof content === "string" ? content : content[0]?.text;
};

// What the SDK itself does with a store, as far as that needs no model.
describe("the SDK on the store", () => {
    let dir: string;
    let config: string | undefined;

    beforeEach(async () => {
        dir = await realpath(await mkdtemp(join(tmpdir(), "forge-claude-")));
        config = process.env["CLAUDE_CONFIG_DIR"];
        process.env["CLAUDE_CONFIG_DIR"] = join(dir, "config");
    });

    afterEach(async () => {
        if (config === undefined) {
            delete process.env["CLAUDE_CONFIG_DIR"];
        } else {
            process.env["CLAUDE_CONFIG_DIR"] = config;
        }

        await rm(dir, { recursive: true });
    });

    /** The key that the SDK has for a folder. */
    const projectKey = (): string => dir.replace(/[^A-Za-z0-9]/g, "-");

    it("readingFunctions_StoredSession_TellItsMessages", async () => {
        const [sessionStore, sessionId] = [newStore(), randomUUID()];
        const key = { projectKey: projectKey(), sessionId };
        await sessionStore.append(key, conversation(sessionId, ["What is it?", "A store.", "Thanks."]));
        await sessionStore.append(
            { ...key, subpath: "subagents/agent-7" }, conversation(sessionId, ["Look it up.", "Done."], { isSidechain: true, agentId: "7" }));

        const messages = await getSessionMessages(sessionId, { dir, sessionStore });

        expect(messages.map(textOf)).toEqual(["What is it?", "A store.", "Thanks."]);
        expect(await listSubagents(sessionId, { dir, sessionStore })).toEqual(["7"]);
        expect((await getSubagentMessages(sessionId, "7", { dir, sessionStore })).map(textOf)).toEqual(["Look it up.", "Done."]);
        expect(await getSessionInfo(sessionId, { dir, sessionStore })).toMatchObject({ sessionId, firstPrompt: "What is it?" });
    });

    it("changingFunctions_StoredSession_AreSeenInTheList", async () => {
        const [sessionStore, sessionId] = [newStore(), randomUUID()];
        await sessionStore.append({ projectKey: projectKey(), sessionId }, conversation(sessionId, ["What is it?", "A store."]));

        await renameSession(sessionId, "A title", { dir, sessionStore });
        const fork = await forkSession(sessionId, { dir, sessionStore });

        const listed = await listSessions({ dir, sessionStore });
        expect(listed.map((session) => session.sessionId).sort()).toEqual([sessionId, fork.sessionId].sort());
        expect(listed.find((session) => session.sessionId === sessionId)).toMatchObject({ customTitle: "A title", firstPrompt: "What is it?" });
        expect((await getSessionMessages(fork.sessionId, { dir, sessionStore })).map(textOf)).toEqual(["What is it?", "A store."]);
        await deleteSession(sessionId, { dir, sessionStore });
        expect((await listSessions({ dir, sessionStore })).map((session) => session.sessionId)).toEqual([fork.sessionId]);
        await expect(renameSession(sessionId, "Late", { dir, sessionStore })).rejects.toThrowError();
    });

    it("importSessionToStore_Twice_IsThereOnce", async () => {
        const [store, sessionId] = [newStore(), randomUUID()];
        const key = { projectKey: projectKey(), sessionId };
        const given = [...conversation(sessionId, ["a", "b", "c"]), { type: "custom-title", customTitle: "One", sessionId }, ...conversation(sessionId, ["d"])];
        const folder = join(process.env["CLAUDE_CONFIG_DIR"]!, "projects", key.projectKey);
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, `${sessionId}.jsonl`), given.map((one) => `${JSON.stringify(one)}\n`).join(""));

        await importSessionToStore(sessionId, store, { dir });
        await importSessionToStore(sessionId, store, { dir });

        expect(await store.load(key)).toEqual(given);
    });
});
