import { merged, type NewWrite } from "./documents.js";
import { ForgeError } from "../../http/src/errors.js";
import { Recent } from "../../http/src/memory.js";
import { BytesOfRequest, RecordsOfRequest } from "./store.js";

// What falls out of these counts as one that is yet to come: writes of it would be kept for nothing if it were gone. Writes follow a put
// or a read of their checkpoint closely, so that it takes this many others in between. They come to some 10 MB.
const Known = 50_000;

/** The writes of one call, which are put together or not at all. */
interface Call {
    readonly writes: readonly NewWrite[];
    readonly bytes: number;
}

/**
 * What is known of checkpoints that are about to come. LangGraph puts the writes of a step's tasks before the checkpoint of the step
 * is there, and at times before it has asked to put it: those are kept here, and are put under the checkpoint once it is there. Until
 * then they would be of no use: nobody comes to them but by their checkpoint.
 */
export class Arrivals {
    readonly #underWay = new Map<string, Promise<unknown>>();
    readonly #waiting = new Map<string, readonly Call[]>();
    readonly #known = new Recent<true>(Known);
    readonly #capacity: number;
    #bytes = 0;

    /** Keeps writes of so many bytes at most for checkpoints that are not there. */
    constructor(capacity: number) {
        this.#capacity = capacity;
    }

    /** Notes that a checkpoint is being put, until it is there or was refused. */
    async during<T>(key: string, put: Promise<T>): Promise<T> {
        this.#underWay.set(key, put);
        try {
            return await put;
        } finally {
            if (this.#underWay.get(key) === put) {
                this.#underWay.delete(key);
            }
        }
    }

    /** Waits for a checkpoint that is being put, however that ends. */
    async settled(key: string): Promise<void> {
        for (let put = this.#underWay.get(key); put !== undefined; put = this.#underWay.get(key)) {
            await put.then(() => {}, () => {});
        }
    }

    /** True if the checkpoint was there, as far as is known. */
    isKnown(key: string): boolean {
        return this.#known.get(key) === true;
    }

    /** Notes that a checkpoint is there. */
    arrived(key: string): void {
        this.#known.set(key, true);
    }

    /**
     * Keeps the writes of one call for a checkpoint that is not there. What is kept was told to be put, so that none of it makes room for
     * others: if there is no room for these, they are refused.
     */
    keep(key: string, writes: readonly NewWrite[], cause: unknown): void {
        const call = { writes, bytes: Buffer.byteLength(JSON.stringify(writes)) };
        if (this.#bytes + call.bytes > this.#capacity) {
            throw new ForgeError({
                code: "waiting_full",
                status: 0,
                detail: `The checkpoint of these writes is not there, and to keep them until then there is no room: they have ${call.bytes} bytes, `
                    + `and of waitingBytes, ${this.#capacity}, ${this.#bytes} are taken.`,
                field: "waitingBytes",
                limit: this.#capacity,
                actual: this.#bytes + call.bytes,
            }, { cause });
        }

        this.#bytes += call.bytes;
        this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), call]);
    }

    /**
     * Sends the writes that wait for a checkpoint. Each waits until it was taken, so that what fails here is sent by the next put of the
     * checkpoint. What is refused takes down the writes of no other call: these are sent by themselves then.
     * @throws The first refusal, after all calls were tried; whatever else goes wrong, at once.
     */
    async deliver(key: string, send: (writes: readonly NewWrite[]) => Promise<void>): Promise<void> {
        const refusals = new Map<Call, unknown>();
        let isAlone = false;
        for (;;) {
            const calls = (this.#waiting.get(key) ?? []).filter((call) => !refusals.has(call));
            if (calls.length === 0) {
                break;
            }

            const sent = isAlone ? calls.slice(0, 1) : fitting(calls);
            try {
                await send(merged(sent.map((call) => call.writes)));
                this.#drop(key, sent);
            } catch (error) {
                if (!isRefusal(error)) {
                    throw error;
                }

                if (sent.length === 1) {
                    refusals.set(sent[0]!, error);
                }

                isAlone = true;
            }
        }

        if (refusals.size > 0) {
            throw refusals.values().next().value;
        }
    }

    /** Forgets a thread, which was deleted or begins anew. */
    forget(prefix: string): void {
        for (const key of [...this.#waiting.keys()]) {
            if (key.startsWith(prefix)) {
                this.#drop(key, this.#waiting.get(key)!);
            }
        }

        this.#known.deleteWith(prefix);
    }

    #drop(key: string, calls: readonly Call[]): void {
        const rest: Call[] = [];
        for (const call of this.#waiting.get(key) ?? []) {
            if (calls.includes(call)) {
                this.#bytes -= call.bytes;
            } else {
                rest.push(call);
            }
        }

        if (rest.length === 0) {
            this.#waiting.delete(key);
        } else {
            this.#waiting.set(key, rest);
        }
    }
}

/** The first calls that go in one request as a whole; one by itself, however large it is. */
function fitting(calls: readonly Call[]): Call[] {
    const fit: Call[] = [];
    let [records, bytes] = [0, 0];
    for (const call of calls) {
        records += call.writes.length;
        bytes += call.bytes;
        if (fit.length > 0 && (records > RecordsOfRequest || bytes > BytesOfRequest)) {
            break;
        }

        fit.push(call);
    }

    return fit;
}

/** True if an error is of what was sent, so that other writes may be taken where these are not. */
function isRefusal(error: unknown): boolean {
    return error instanceof ForgeError && (error.code === "limit_exceeded" || error.code === "invalid_request");
}
