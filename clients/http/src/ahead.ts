/** Maps a sequence in its order, with some of the work under way ahead of what is taken. */
export async function* mapAhead<S, T>(source: AsyncIterable<S> | Iterable<S>, ahead: number, map: (item: S) => Promise<T>): AsyncGenerator<T> {
    const under: Promise<T>[] = [];
    for await (const item of source) {
        const mapped = map(item);
        // It is awaited later; until then its failure must not count as one that nobody sees.
        mapped.catch(() => {});
        under.push(mapped);
        if (under.length >= ahead) {
            yield await under.shift()!;
        }
    }

    for (const mapped of under) {
        yield await mapped;
    }
}

/** The first of a sequence, at most so many. */
export async function* take<T>(source: AsyncIterable<T>, limit: number): AsyncGenerator<T> {
    if (limit <= 0) {
        return;
    }

    let taken = 0;
    for await (const item of source) {
        yield item;
        if (++taken >= limit) {
            return;
        }
    }
}

/** Those for which a test holds. */
export async function* where<T>(source: AsyncIterable<T>, test: (item: T) => boolean | Promise<boolean>): AsyncGenerator<T> {
    for await (const item of source) {
        if (await test(item)) {
            yield item;
        }
    }
}

/** Sequences that are each in an order become one in that order. */
export async function* merge<T>(sources: readonly AsyncIterable<T>[], isBefore: (left: T, right: T) => boolean): AsyncGenerator<T> {
    const iterators = sources.map((source) => source[Symbol.asyncIterator]());
    try {
        const firsts: IteratorResult<T>[] = [];
        for await (const first of mapAhead(iterators, 8, (iterator) => iterator.next())) {
            firsts.push(first);
        }

        for (;;) {
            let best = -1;
            for (const [i, first] of firsts.entries()) {
                const other = best < 0 ? undefined : firsts[best]!;
                if (first.done !== true && (other === undefined || isBefore(first.value, other.value as T))) {
                    best = i;
                }
            }

            if (best < 0) {
                return;
            }

            yield firsts[best]!.value as T;
            firsts[best] = await iterators[best]!.next();
        }
    } finally {
        await Promise.all(iterators.map((iterator) => iterator.return?.()));
    }
}
