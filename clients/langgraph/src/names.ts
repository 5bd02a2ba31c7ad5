import { invalid } from "../../http/src/errors.js";
import { BranchCharacters, requirePrefix, SessionCharacters, unescape, within } from "../../http/src/texts.js";

const WriteCharacters = 200;
const TagCharacters = 128;

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
        // With it the thread "." would be "..", which an address means its parent by, however it is escaped.
        if (prefix === ".") {
            throw invalid("prefix", "must be more than a dot");
        }

        this.prefix = requirePrefix(prefix, 100);
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
