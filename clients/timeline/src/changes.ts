/** Something that changes and tells those who look at it. */
export class Changes {
    readonly #watchers = new Set<() => void>();
    #version = 0;

    /** A number that differs after each change. */
    get version(): number {
        return this.#version;
    }

    subscribe(watcher: () => void): () => void {
        this.#watchers.add(watcher);
        return () => this.#watchers.delete(watcher);
    }

    changed(): void {
        this.#version++;
        for (const watcher of [...this.#watchers]) {
            watcher();
        }
    }
}
