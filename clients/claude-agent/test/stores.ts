import type { SessionKey, SessionStoreEntry } from "@anthropic-ai/claude-agent-sdk";
import { randomUUID } from "node:crypto";
import { inject } from "vitest";
import { ForgeSessionStore, type ForgeSessionStoreOptions } from "../src/index.js";

export const Project = "-home-agent-project";

/** What the names of the sessions of one test begin with. */
export function newPrefix(): string {
    return `test-${randomUUID()}:`;
}

/** A store that sees the sessions of no other test. */
export function newStore(options: Partial<ForgeSessionStoreOptions> = {}): ForgeSessionStore {
    return new ForgeSessionStore({ url: inject("forgeUrl"), prefix: newPrefix(), ...options });
}

/** Two stores of the same sessions, of which neither knows what the other does. */
export function newStores(): [ForgeSessionStore, ForgeSessionStore] {
    const prefix = newPrefix();
    return [newStore({ prefix }), newStore({ prefix })];
}

export function newKey(subpath?: string): SessionKey {
    return { projectKey: Project, sessionId: randomUUID(), ...(subpath === undefined ? {} : { subpath }) };
}

export function entry(text: string, rest: Record<string, unknown> = {}): SessionStoreEntry {
    return {
        type: "user", uuid: randomUUID(), timestamp: "2026-01-01T00:00:00.000Z", cwd: "/home/agent/project",
        message: { role: "user", content: text }, ...rest,
    };
}

export function entries(count: number): SessionStoreEntry[] {
    return Array.from({ length: count }, (_, i) => entry(`message ${i}`));
}

/** An entry that has no id of its own, as the SDK writes them for titles, tags and modes. */
export function marker(type: string, rest: Record<string, unknown> = {}): SessionStoreEntry {
    return { type, ...rest };
}

export interface Request {
    readonly method: string;
    readonly path: string;
    readonly body: string | undefined;
}

/** A fetch that notes what is asked for, and may do what it is told to before or after it. */
export function watched(
    after: (request: Request, answer: Response) => Response | Promise<Response> = (_, answer) => answer,
    before: (request: Request) => void = () => {},
): { requests: Request[]; fetch: typeof fetch } {
    const requests: Request[] = [];
    return {
        requests,
        fetch: async (url, init) => {
            const { pathname, search } = new URL(String(url));
            const request = { method: init?.method ?? "GET", path: pathname + search, body: init?.body as string | undefined };
            requests.push(request);
            before(request);
            return after(request, await fetch(url, init));
        },
    };
}

/** A fetch that gets pages of a few items. */
export const inSmallPages: typeof fetch = (url, init) => fetch(String(url).replace("limit=1000", "limit=2"), init);

/** The address of the silo. */
export function forgeUrl(): string {
    return inject("forgeUrl");
}
