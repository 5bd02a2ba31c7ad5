import { createHash } from "node:crypto";
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

/**
 * The states that were sent and read, up to a number of bytes, so that the next ones need not come whole. Silos that know nothing of
 * differences refuse the first one by its field, and are sent none for a minute then.
 */
export class States {
    readonly #states = new Map<string, Buffer>();
    readonly #newest = new Map<string, string>();
    readonly #capacity: number;
    #bytes = 0;
    #offUntil = 0;

    constructor(capacity: number) {
        this.#capacity = capacity;
    }

    /** Keeps the state of a checkpoint of a branch. */
    keep(branch: string, id: string, state: Buffer): void {
        if (Date.now() < this.#offUntil || state.length < LeastBytes || state.length > this.#capacity) {
            return;
        }

        const key = `${branch}\n${id}`;
        this.#remove(key);
        this.#states.set(key, state);
        this.#newest.set(branch, id);
        this.#bytes += state.length;
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

    /** How a state differs from that of a checkpoint of the same branch; undefined if that is not kept, or if it spares less than half. */
    difference(branch: string, base: string, state: Buffer): StateDifference | undefined {
        const from = this.#states.get(`${branch}\n${base}`);
        if (from === undefined || state.length < LeastBytes) {
            return undefined;
        }

        const front = sharedFront(from, state);
        const end = sharedEnd(from.subarray(front), state.subarray(front));
        const between = state.subarray(front, state.length - end);
        return between.length * 2 > state.length
            ? undefined
            : { base, front, end, sha256: sha256(state), betweenBase64: between.toString("base64") };
    }

    /** The state that a difference makes; undefined if what it is from is not kept any more, or it is another state. */
    assemble(branch: string, difference: StateDifference): Buffer | undefined {
        const from = this.#states.get(`${branch}\n${difference.base}`);
        if (from === undefined || difference.front + difference.end > from.length) {
            return undefined;
        }

        const state = Buffer.concat([
            from.subarray(0, difference.front), Buffer.from(difference.betweenBase64, "base64"), from.subarray(from.length - difference.end)]);
        return sha256(state) === difference.sha256 ? state : undefined;
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
            this.#bytes -= state.length;
            const at = key.lastIndexOf("\n");
            if (this.#newest.get(key.slice(0, at)) === key.slice(at + 1)) {
                this.#newest.delete(key.slice(0, at));
            }
        }
    }
}

export function sha256(bytes: Buffer): string {
    return createHash("sha256").update(bytes).digest("hex");
}

/** How many bytes two texts begin with that are the same: by halves, which the machine compares, and not byte by byte. */
function sharedFront(left: Buffer, right: Buffer): number {
    let [low, high] = [0, Math.min(left.length, right.length)];
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (left.subarray(low, middle).equals(right.subarray(low, middle))) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }

    return low;
}

/** The same at their ends. */
function sharedEnd(left: Buffer, right: Buffer): number {
    let [low, high] = [0, Math.min(left.length, right.length)];
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        const same = left.subarray(left.length - middle, left.length - low).equals(right.subarray(right.length - middle, right.length - low));
        if (same) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }

    return low;
}
