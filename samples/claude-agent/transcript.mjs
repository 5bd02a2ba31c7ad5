// Plays a conversation into a session store in Forge, as the Claude Agent SDK does while an agent runs. It needs no model:
//
//   node transcript.mjs
//
// Another process plays it, an append at a time, and is killed in the midst. Then all of it is delivered again, what is there is left as it
// is, and the SDK reads the messages from the store. A silo must run at http://127.0.0.1:5080, or at FORGE_URL.
import { deleteSession, getSessionInfo, getSessionMessages } from "@anthropic-ai/claude-agent-sdk";
import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ForgeSessionStore } from "forge-claude-agent";

const dir = process.cwd();
const sessionStore = new ForgeSessionStore({ url: process.env.FORGE_URL ?? "http://127.0.0.1:5080" });
const keyOf = (sessionId) => ({ projectKey: dir.replace(/[^A-Za-z0-9]/g, "-"), sessionId });

/** The entries of a conversation; the same ones for the same session. */
function conversation(sessionId) {
    const uuid = (n) => createHash("sha256").update(`${sessionId} ${n}`).digest("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, "$1-$2-$3-$4-$5");
    const entries = Array.from({ length: 40 }, (_, n) => {
        const role = n % 2 === 0 ? "user" : "assistant";
        const text = role === "user" ? `question ${n / 2 + 1}` : `answer ${(n + 1) / 2}`;
        return {
            type: role, uuid: uuid(n), parentUuid: n === 0 ? null : uuid(n - 1), sessionId, isSidechain: false, cwd: dir,
            timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, n)).toISOString(),
            message: role === "user" ? { role, content: text } : { id: `msg_${n}`, type: "message", role, model: "none", content: [{ type: "text", text }] },
        };
    });
    return [...entries, { type: "custom-title", customTitle: "Forty messages", sessionId }];
}

async function play(sessionId) {
    for (const entry of conversation(sessionId)) {
        await sessionStore.append(keyOf(sessionId), [entry]);
        console.log("appended");
    }
}

/** Plays the conversation in another process, which is killed once it has appended so many entries. */
async function playAndKill(sessionId, appends) {
    const player = spawn(process.execPath, [fileURLToPath(import.meta.url), sessionId], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise((resolve) => player.once("exit", resolve));
    let seen = 0;
    for await (const _ of createInterface({ input: player.stdout })) {
        if (++seen === appends) {
            player.kill("SIGKILL");
        }
    }

    await ended;
}

const given = process.argv[2];
if (given !== undefined) {
    await play(given);
} else {
    const sessionId = randomUUID();
    await playAndKill(sessionId, 15);
    const before = await sessionStore.load(keyOf(sessionId));
    await sessionStore.append(keyOf(sessionId), conversation(sessionId));
    const after = await sessionStore.load(keyOf(sessionId));
    const messages = await getSessionMessages(sessionId, { dir, sessionStore });
    const { customTitle, firstPrompt } = await getSessionInfo(sessionId, { dir, sessionStore });
    console.log(JSON.stringify({ killedAfter: before.length, entries: after.length, messages: messages.length, customTitle, firstPrompt }));

    await deleteSession(sessionId, { dir, sessionStore });
    const late = await sessionStore.append(keyOf(sessionId), conversation(sessionId)).catch((error) => error.code);
    console.log(JSON.stringify({ deleted: await sessionStore.load(keyOf(sessionId)) === null, late }));
}
