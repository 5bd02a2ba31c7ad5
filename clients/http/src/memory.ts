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
