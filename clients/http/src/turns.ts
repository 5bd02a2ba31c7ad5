/** Has the changes of one key go one after the other, so that those of one process do not run into each other. */
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
