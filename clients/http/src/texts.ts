import { createHash } from "node:crypto";
import { invalid } from "./errors.js";

// What stands for itself in a name: no character that means something in a path or a query.
const Plain = /[A-Za-z0-9._:@|=+,-]/;
const Uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

// No text is escaped to a name with it, since after the first of the two come four digits.
const Hashed = "~~";

/** How many characters the name of a session has at most. */
export const SessionCharacters = 200;

/** How many characters the name of a branch has at most. */
export const BranchCharacters = 500;

/** A prefix of names, as it was given. */
export function requirePrefix(prefix: string, length: number): string {
    if (!new RegExp(`^[A-Za-z0-9._:@|=+,-]{1,${length}}$`).test(prefix)) {
        throw invalid("prefix", `must be 1 to ${length} letters, digits or any of . _ : @ | = + , -`);
    }

    return prefix;
}

export function isUuid(id: unknown): id is string {
    return typeof id === "string" && Uuid.test(id) && id !== "00000000-0000-0000-0000-000000000000";
}

/** True if a name holds a hash in the place of what it is the name of. */
export function isHashed(name: string): boolean {
    return name.includes(Hashed);
}

/** A text as a name of so many characters at most: what a name cannot hold is escaped, and what is too long then stands for its hash. */
export function within(text: string, length: number): string {
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

/** The text of a name; undefined if that holds a hash of it. */
export function unescape(escaped: string): string | undefined {
    return escaped.startsWith(Hashed)
        ? undefined
        : escaped.replace(/~([0-9a-f]{4})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
