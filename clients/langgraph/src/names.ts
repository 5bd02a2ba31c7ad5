import { createHash } from "node:crypto";
import { invalid } from "./errors.js";

// What stands for itself in a name: no character that means something in a path or a query.
const Plain = /[A-Za-z0-9._:@|=+,-]/;
const Uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SessionCharacters = 200;
const BranchCharacters = 500;
const WriteCharacters = 200;
const TagCharacters = 128;

// No text is escaped to a name with it, since after the first of the two come four digits.
const Hashed = "~~";

/** The branch of the empty namespace. */
export const Main = "main";

/** Where the checkpoints of a namespace of a thread are. */
export interface Place {
    readonly thread: string;
    readonly namespace: string;
    readonly session: string;
    readonly branch: string;
    /** One text for both. */
    readonly key: string;
}

/** The names that threads, namespaces and the rest have in Forge. No two of them have the same. */
export class Names {
    readonly prefix: string;

    constructor(prefix: string) {
        if (!/^[A-Za-z0-9._:@|=+,-]{1,100}$/.test(prefix)) {
            throw invalid("prefix", "must be 1 to 100 letters, digits or any of . _ : @ | = + , -");
        }

        // With it the thread "." would be "..", which an address means its parent by, however it is escaped.
        if (prefix === ".") {
            throw invalid("prefix", "must be more than a dot");
        }

        this.prefix = prefix;
    }

    place(thread: string, namespace: string): Place {
        const session = this.session(thread);
        const branch = branchOf(namespace);
        return { thread, namespace, session, branch, key: `${session}\n${branch}` };
    }

    /** The session of a thread: what a session's name cannot hold is escaped, and what is too long then stands for its hash. */
    session(thread: string): string {
        return this.prefix + within(thread, SessionCharacters - this.prefix.length);
    }

    /** The thread of a session; undefined if its name holds a hash, so that the checkpoints tell it. */
    thread(session: string): string | undefined {
        return unescape(session.slice(this.prefix.length));
    }
}

/** The branch of a namespace. */
export function branchOf(namespace: string): string {
    return namespace === "" ? Main : `/${within(namespace, BranchCharacters - 1)}`;
}

/** True if a branch is that of a namespace, and not one that another tool made. */
export function isOfNamespace(branch: string): boolean {
    return branch === Main || branch.startsWith("/");
}

/** The namespace of a branch; undefined if its name holds a hash, or it is of none. */
export function namespaceOf(branch: string): string | undefined {
    return branch === Main ? "" : branch.startsWith("/") ? unescape(branch.slice(1)) : undefined;
}

/** A task or channel as the text of a pending write. */
export function writeText(text: string): string {
    return within(text, WriteCharacters);
}

/** True if a name holds a hash in the place of what it is the name of. */
export function isHashed(name: string): boolean {
    return name.includes(Hashed);
}

const Top = "langgraph.top:";

/** The tag of a checkpoint that is not the greatest of its namespace: which one was when it came. */
export function topTag(id: string): string {
    return Top + id;
}

/** The greatest id of the namespace when a checkpoint came. */
export function topOf(id: string, tags: readonly string[]): string {
    return tags.find((tag) => tag.startsWith(Top))?.slice(Top.length) ?? id;
}

/** The tag by which the checkpoints of a run are found. */
export function runTag(run: string): string {
    const prefix = "langgraph.run:";
    return prefix + within(run, TagCharacters - prefix.length);
}

export function isUuid(id: unknown): id is string {
    return typeof id === "string" && Uuid.test(id) && id !== "00000000-0000-0000-0000-000000000000";
}

function within(text: string, length: number): string {
    // A text of this length cannot be short enough, and may be of any length.
    const escaped = text.length > length ? undefined : escape(text);
    return escaped !== undefined && escaped.length <= length && escaped !== ""
        ? escaped
        : Hashed + createHash("sha256").update(Buffer.from(text, "utf16le")).digest("hex");
}

// By code units, so that halves of surrogate pairs, which no UTF-8 has, are told apart too.
function escape(text: string): string {
    let escaped = "";
    for (let i = 0; i < text.length; i++) {
        const character = text[i]!;
        escaped += Plain.test(character) ? character : `~${text.charCodeAt(i).toString(16).padStart(4, "0")}`;
    }

    return escaped;
}

function unescape(escaped: string): string | undefined {
    return escaped.startsWith(Hashed)
        ? undefined
        : escaped.replace(/~([0-9a-f]{4})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
