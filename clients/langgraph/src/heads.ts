/** What is known of the head of a branch. */
export interface Head {
    /** Its sequence; 0 for none. */
    readonly sequence: number;
    /** The greatest id that was there when it came; undefined for a branch without one. */
    readonly top: string | undefined;
}

/** A map that forgets what was not used for longest, once it is full. What it forgets can be read again. */
export class Recent<V> {
    readonly #items = new Map<string, V>();
    readonly #capacity: number;

    constructor(capacity: number) {
        this.#capacity = capacity;
    }

    get(key: string): V | undefined {
        const value = this.#items.get(key);
        if (value !== undefined) {
            this.#items.delete(key);
            this.#items.set(key, value);
        }

        return value;
    }

    set(key: string, value: V): void {
        this.#items.delete(key);
        this.#items.set(key, value);
        if (this.#items.size > this.#capacity) {
            this.#items.delete(this.#items.keys().next().value!);
        }
    }

    delete(key: string): V | undefined {
        const value = this.#items.get(key);
        this.#items.delete(key);
        return value;
    }

    deleteWith(prefix: string): void {
        for (const key of this.#items.keys()) {
            if (key.startsWith(prefix)) {
                this.#items.delete(key);
            }
        }
    }
}

/** Has the puts of a branch go one after the other, so that those of one process do not run into each other. */
export class Turns {
    readonly #last = new Map<string, Promise<void>>();

    run<T>(key: string, work: () => Promise<T>): Promise<T> {
        const mine = (this.#last.get(key) ?? Promise.resolve()).then(work);
        const last = mine.then(() => {}, () => {});
        this.#last.set(key, last);
        void last.then(() => {
            if (this.#last.get(key) === last) {
                this.#last.delete(key);
            }
        });
        return mine;
    }
}
