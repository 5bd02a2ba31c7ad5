import type { SessionKey } from "@anthropic-ai/claude-agent-sdk";
import { createHash } from "node:crypto";
import { invalid } from "../../http/src/errors.js";
import { BranchCharacters, isUuid, requirePrefix, SessionCharacters, unescape, within } from "../../http/src/texts.js";

// What is longer stands for its hash, which has 66 characters. With the mark between them all of it comes to SessionCharacters.
const PrefixCharacters = 50;
const ProjectCharacters = 70;
const SessionIdCharacters = SessionCharacters - PrefixCharacters - ProjectCharacters - 1;

// Neither a prefix nor an escaped text has it, so that no two keys come to one name.
const Mark = "!";

/** The branch of the main transcript. */
export const Main = "main";

/** The branch of the checkpoint that tells the key of a session, under which its summary is kept. */
export const About = "about";

/** The tag of the checkpoint that stands at the end of a subagent's transcript which was deleted. */
export const Deleted = "claude.deleted";

/** The tag of the checkpoint that begins a subagent's transcript whose name is too long for that of a branch, and tells it. */
export const Subkey = "claude.subkey";

/** Where a transcript is. */
export interface Place {
    readonly projectKey: string;
    readonly sessionId: string;
    /** Undefined for the main transcript. */
    readonly subpath: string | undefined;
    readonly session: string;
    readonly branch: string;
    /** One text for both. */
    readonly key: string;
}

/** The names that sessions and transcripts have in Forge. No two of them have the same. */
export class Names {
    readonly #prefix: string;

    constructor(prefix: string) {
        this.#prefix = requirePrefix(prefix, PrefixCharacters);
    }

    /** What the names of the sessions of a project begin with, and no others. */
    project(projectKey: string): string {
        return this.#prefix + within(requireText("projectKey", projectKey), ProjectCharacters) + Mark;
    }

    session(key: SessionKey): string {
        return this.project(key.projectKey) + within(requireText("sessionId", key.sessionId), SessionIdCharacters);
    }

    /** An empty subpath is the main transcript, as it is for the SDK. */
    place(key: SessionKey): Place {
        const session = this.session(key);
        const subpath = requireText("subpath", key.subpath ?? "") || undefined;
        const branch = subpath === undefined ? Main : `/${within(subpath, BranchCharacters - 1)}`;
        return { projectKey: key.projectKey, sessionId: key.sessionId, subpath, session, branch, key: `${session}\n${branch}` };
    }

    /** The id of a session by its name; undefined if that holds a hash of it. */
    sessionId(session: string): string | undefined {
        return unescape(session.slice(session.indexOf(Mark) + 1));
    }
}

/** True if a branch is that of a subagent's transcript, and not one that another tool made. */
export function isOfSubpath(branch: string): boolean {
    return branch.startsWith("/");
}

/** The subpath of a branch; undefined if its name holds a hash of it. */
export function subpathOf(branch: string): string | undefined {
    return unescape(branch.slice(1));
}

/**
 * The id of the checkpoint of an entry that has a `uuid`: that itself in the main transcript, and otherwise, or if it is no UUID in lower
 * case, one that is made of it and of the transcript, since ids are of a whole session.
 */
export function entryId(place: Place, uuid: string): string {
    return place.branch === Main && isUuid(uuid) ? uuid : idOf("uuid", place.branch, uuid);
}

/** The id of the checkpoint of an entry without a `uuid`, by its place in what was delivered. */
export function placeId(place: Place, delivery: string, index: number): string {
    return idOf("place", place.branch, delivery, String(index));
}

/** A UUID of version 8 that is made of texts. */
function idOf(...texts: string[]): string {
    const hash = sha256(JSON.stringify(texts)).subarray(0, 16);
    hash[6] = (hash[6]! & 0x0f) | 0x80;
    hash[8] = (hash[8]! & 0x3f) | 0x80;
    return hash.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** JSON has halves of surrogate pairs as escapes, so that texts with them differ too. */
export function sha256(json: string): Buffer {
    return createHash("sha256").update(json).digest();
}

function requireText(field: string, value: unknown): string {
    if (typeof value !== "string") {
        throw invalid(field, "must be a text");
    }

    return value;
}
