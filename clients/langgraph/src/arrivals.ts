import type { NewWrite } from "./documents.js";
import { Recent } from "./heads.js";

// Writes whose checkpoint never comes cannot be reached by anybody, so that only so many are kept.
const Waiting = 1_000;
const Known = 10_000;

/**
 * What is known of checkpoints that are about to come. LangGraph puts the writes of a step's tasks before the checkpoint of the step
 * is there, and at times before it has asked to put it: those are kept here, and are put under the checkpoint once it is there. Until
 * then they would be of no use: nobody comes to them but by their checkpoint.
 */
export class Arrivals {
    readonly #underWay = new Map<string, Promise<unknown>>();
    readonly #waiting = new Recent<NewWrite[]>(Waiting);
    readonly #known = new Recent<true>(Known);

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

    /** Keeps writes for a checkpoint that is not there. */
    keep(key: string, writes: readonly NewWrite[]): void {
        this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), ...writes]);
    }

    /** The writes that were kept for a checkpoint, which are kept no longer. */
    claim(key: string): NewWrite[] {
        return this.#waiting.delete(key) ?? [];
    }

    /** Forgets a thread. */
    forget(prefix: string): void {
        this.#waiting.deleteWith(prefix);
        this.#known.deleteWith(prefix);
    }
}
