import { createHash, type Hash } from "node:crypto";
import { ForgeError } from "../../http/src/errors.js";

// Below this a difference spares less than what stands around it.
const LeastBytes = 4 * 1024;

// A silo that was not updated yet may be by then, or another one answer.
const OffMilliseconds = 60_000;

/** How a state differs from that of a checkpoint that both sides have. */
export interface StateDifference {
    /** The id of that checkpoint. */
    readonly base: string;
    /** How many bytes of its state this one begins with. */
    readonly front: number;
    /** How many it ends with. */
    readonly end: number;
    /** The SHA-256 of this state. */
    readonly sha256: string;
    /** What stands between. */
    readonly betweenBase64: string;
}

/** A state that is kept. */
interface Kept {
    readonly text: string;
    /** True if each character of it is a byte. */
    readonly isAscii: boolean;
    /** A hash that has taken in what the text begins with. */
    readonly begun: Begun | undefined;
}

/** A hash of the first characters of a text, to go on from with others that begin so. */
interface Begun {
    readonly hash: Hash;
    readonly length: number;
}

/** A state beside the one that it follows. */
export interface Compared {
    /** How it differs; undefined if the other is not kept, or if that spares less than half. */
    readonly difference: StateDifference | undefined;
    /** What was found out, for whoever keeps the state. */
    readonly kept: Kept | undefined;
}

/**
 * The states that were sent and read, up to a number of bytes, so that the next ones need not come whole. Silos that know nothing of
 * differences refuse the first one by its field, and are sent none for a minute then. States are kept as texts, and made bytes of
 * where they differ alone: most are long, and differ little from the ones before.
 */
export class States {
    readonly #states = new Map<string, Kept>();
    readonly #newest = new Map<string, string>();
    readonly #capacity: number;
    #bytes = 0;
    #offUntil = 0;

    constructor(capacity: number) {
        this.#capacity = capacity;
    }

    /** Keeps the state of a checkpoint of a branch, with what its comparison has found out. */
    keep(branch: string, id: string, text: string, kept: Kept = keptOf(text)): void {
        const size = sizeOf(kept);
        if (Date.now() < this.#offUntil || text.length < LeastBytes || size > this.#capacity) {
            return;
        }

        const key = `${branch}\n${id}`;
        this.#remove(key);
        this.#states.set(key, kept);
        this.#newest.set(branch, id);
        this.#bytes += size;
        for (const oldest of this.#states.keys()) {
            if (this.#bytes <= this.#capacity) {
                break;
            }

            this.#remove(oldest);
        }
    }

    /** The checkpoint of a branch whose state was kept last; undefined if there is none. */
    newest(branch: string): string | undefined {
        return this.#newest.get(branch);
    }

    /** How a state differs from that of a checkpoint of the same branch. */
    compare(branch: string, base: string, text: string): Compared {
        const from = this.#states.get(`${branch}\n${base}`);
        if (from === undefined || text.length < LeastBytes) {
            return { difference: undefined, kept: undefined };
        }

        const front = wholeFront(text, sharedFront(from.text, text));
        const end = wholeEnd(text, sharedEnd(from.text, text, front));
        const between = Buffer.from(text.slice(front, text.length - end));
        if (between.length * 2 > text.length) {
            return { difference: undefined, kept: undefined };
        }

        const begun = begin(from.begun, text, front);
        const isAscii = from.isAscii && between.length === text.length - front - end;
        return {
            difference: {
                base,
                front: isAscii ? front : Buffer.byteLength(text.slice(0, front)),
                end: isAscii ? end : Buffer.byteLength(text.slice(text.length - end)),
                sha256: begun.hash.copy().update(text.slice(front)).digest("hex"),
                betweenBase64: between.toString("base64"),
            },
            kept: { text, isAscii, begun },
        };
    }

    /** The state that a difference makes; undefined if what it is from is not kept any more, or it is another state. */
    assemble(branch: string, difference: StateDifference): string | undefined {
        const from = this.#states.get(`${branch}\n${difference.base}`);
        if (from === undefined) {
            return undefined;
        }

        // A difference is one of bytes, and may part a character, but none of a byte.
        const between = Buffer.from(difference.betweenBase64, "base64");
        const text = from.isAscii
            ? joined(from.text, difference, between.toString())
            : joined(Buffer.from(from.text), difference, between)?.toString();
        return text !== undefined && sha256(text) === difference.sha256 ? text : undefined;
    }

    /** Forgets a checkpoint whose state the silo cannot use. */
    forget(branch: string, id: string): void {
        this.#remove(`${branch}\n${id}`);
    }

    /** True if an error says that the state has to be sent or read whole; then the next ones go so too. */
    refuses(branch: string, base: string, error: unknown): boolean {
        if (!(error instanceof ForgeError)) {
            return false;
        }

        if (error.code === "invalid_request" && (error.field === "difference" || error.field === "have")) {
            this.#offUntil = Date.now() + OffMilliseconds;
            this.#states.clear();
            this.#newest.clear();
            this.#bytes = 0;
            return true;
        }

        if (error.code === "base_unknown" || error.code === "state_mismatch") {
            this.forget(branch, base);
            return true;
        }

        return false;
    }

    #remove(key: string): void {
        const state = this.#states.get(key);
        if (state !== undefined) {
            this.#states.delete(key);
            this.#bytes -= sizeOf(state);
            const at = key.lastIndexOf("\n");
            if (this.#newest.get(key.slice(0, at)) === key.slice(at + 1)) {
                this.#newest.delete(key.slice(0, at));
            }
        }
    }
}

export function sha256(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}

function keptOf(text: string): Kept {
    return { text, isAscii: Buffer.byteLength(text) === text.length, begun: undefined };
}

/** What a state takes: texts with any character that is beyond a byte have two for each. */
function sizeOf({ text, isAscii }: Kept): number {
    return isAscii ? text.length : 2 * text.length;
}

/** A hash of the first characters of a text: from one of fewer of them, if there is one. */
function begin(from: Begun | undefined, text: string, length: number): Begun {
    const [hash, at] = from !== undefined && from.length <= length ? [from.hash.copy(), from.length] : [createHash("sha256"), 0];
    return { hash: hash.update(text.slice(at, length)), length };
}

/** What a difference makes of what it is from; undefined if that is shorter than it says. */
function joined(from: string, difference: StateDifference, between: string): string | undefined;
function joined(from: Buffer, difference: StateDifference, between: Buffer): Buffer | undefined;
function joined(from: string | Buffer, { front, end }: StateDifference, between: string | Buffer): string | Buffer | undefined {
    if (front + end > from.length) {
        return undefined;
    }

    return typeof from === "string"
        ? from.slice(0, front) + between.toString() + from.slice(from.length - end)
        : Buffer.concat([from.subarray(0, front), between as Buffer, from.subarray(from.length - end)]);
}

/** How many characters two texts begin with that are the same: by halves, which the machine compares, and not one by one. */
function sharedFront(left: string, right: string): number {
    let [low, high] = [0, Math.min(left.length, right.length)];
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (left.slice(low, middle) === right.slice(low, middle)) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }

    return low;
}

/** The same at their ends, of what is behind so many characters. */
function sharedEnd(left: string, right: string, front: number): number {
    let [low, high] = [0, Math.min(left.length, right.length) - front];
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        const same = left.slice(left.length - middle, left.length - low) === right.slice(right.length - middle, right.length - low);
        if (same) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }

    return low;
}

/** So many characters or one fewer, so that what comes behind them does not begin within one of two. */
function wholeFront(text: string, front: number): number {
    return front > 0 && front < text.length && isLow(text.charCodeAt(front)) ? front - 1 : front;
}

/** The same of the last characters. */
function wholeEnd(text: string, end: number): number {
    return end > 0 && isLow(text.charCodeAt(text.length - end)) ? end - 1 : end;
}

function isLow(unit: number): boolean {
    return unit >= 0xdc00 && unit < 0xe000;
}
