import { Changes } from "../changes.js";
import { type Lanes, layOut, sameLanes } from "../graph/layout.js";
import { type Beside, type Chunk, chunkOf, firstUpTo, merged, Nothing, Span } from "./chunk.js";
import type { Entry, Item } from "./items.js";

export type { Beside } from "./chunk.js";

/** Loads the checkpoints of sequences from `low` to `high`, the newest first. */
export type LoadRange = (low: number, high: number) => Promise<Entry[]>;

/**
 * The log of a session as a list of rows, of which chunks are loaded as they come into sight. Sequences are dense but for what was
 * removed, so that a chunk is a range of them, and can be loaded without those before it.
 */
export class ChunkedLog extends Changes {
    #chunks: Chunk[] = [];
    #beside: Beside = Nothing;
    #density = 1;
    #wanted = { first: 0, last: 0 };
    #running = 0;
    #starts: number[] | null = null;
    #failed: unknown = null;
    #generation = 1;

    constructor(readonly load: LoadRange, lastSequence: number, count: number) {
        super();
        this.#span(lastSequence, count);
    }

    /** Why rows could not be loaded; null if they could. */
    get failed(): unknown {
        return this.#failed;
    }

    /** How many rows there are, as far as is known: of what is not loaded it is estimated. */
    get length(): number {
        const starts = this.#places();
        return starts[starts.length - 1]!;
    }

    /** How many checkpoints are loaded. */
    get loaded(): number {
        return this.#chunks.reduce((sum, chunk) => sum + (chunk.entries?.length ?? 0), 0);
    }

    /** A row. */
    at(index: number): Item {
        const [place, within] = this.#find(index);
        const chunk = this.#chunks[place];
        if (chunk === undefined || chunk.entries === null) {
            return { kind: "loading", lanes: [] };
        }

        return this.#itemsOf(place)[within] ?? { kind: "loading", lanes: [] };
    }

    /** Where the row of a checkpoint is, or where it will be when it is loaded; -1 if it is not there. */
    placeOf(sequence: number): number {
        const place = this.#chunks.findIndex((chunk) => sequence >= chunk.low && sequence <= chunk.high);
        if (place < 0) {
            return -1;
        }

        const start = this.#places()[place]!;
        if (this.#chunks[place]!.entries === null) {
            const chunk = this.#chunks[place]!;
            return start + Math.round((chunk.high - sequence) * this.#density);
        }

        const within = this.#itemsOf(place).findIndex((item) => item.kind === "checkpoint" && item.entry.sequence === sequence);
        return within < 0 ? -1 : start + within;
    }

    /** Where the row of an effect is, as far as what it stands between is loaded; -1 otherwise. */
    placeOfEffect(key: string): number {
        for (let place = 0; place < this.#chunks.length; place++) {
            if (this.#chunks[place]!.entries !== null) {
                const within = this.#itemsOf(place).findIndex((item) => item.kind === "effect" && item.effect.key === key);
                if (within >= 0) {
                    return this.#places()[place]! + within;
                }
            }
        }

        return -1;
    }

    /** Has the rows loaded that are in sight, and then those above them, that the graph is laid out by. */
    want(first: number, last: number): void {
        this.#wanted = { first, last };
        this.#go();
    }

    /** Says what stands between the checkpoints, and what is current. */
    put(beside: Beside): void {
        this.#beside = beside;
        this.#moved();
    }

    /** Adds checkpoints that were created; the answer is how many rows came above, or -1 if it cannot be told. */
    add(entries: readonly Entry[]): number {
        const before = this.length;
        for (const entry of entries) {
            let chunk = this.#chunks[0];
            if (chunk !== undefined && entry.sequence < chunk.low) {
                continue;
            }

            if (chunk === undefined || entry.sequence - chunk.low >= Span * 2) {
                chunk = chunkOf((chunk?.high ?? 0) + 1, entry.sequence, []);
                this.#chunks.unshift(chunk);
            }

            chunk.high = Math.max(chunk.high, entry.sequence);
            if (chunk.entries === null || chunk.loading) {
                chunk.extra.push(entry);
            }

            if (chunk.entries !== null) {
                chunk.entries = merged(chunk.entries, [entry]);
                chunk.drawn = null;
            }
        }

        this.#moved();
        this.#go();
        return this.length - before;
    }

    /** Changes what is known of one checkpoint. */
    change(sequence: number, change: (entry: Entry) => Entry): void {
        const chunk = this.#chunks.find((one) => sequence >= one.low && sequence <= one.high);
        if (chunk === undefined) {
            return;
        }

        const changed = (entry: Entry) => (entry.sequence === sequence ? change(entry) : entry);
        chunk.extra = chunk.extra.map(changed);
        if (chunk.loading) {
            chunk.changes.push({ sequence, change });
        }

        if (chunk.entries !== null) {
            chunk.entries = chunk.entries.map(changed);
            chunk.drawn = null;
            this.#moved();
        }
    }

    /** Reads all of it again as it comes into sight; what is loaded is shown until then. */
    renew(lastSequence: number, count: number): void {
        this.#failed = null;
        const known = this.#chunks.flatMap((chunk) => chunk.entries ?? []);
        this.#span(lastSequence, count);
        let at = 0;
        for (const chunk of this.#chunks) {
            const from = at;
            while (at < known.length && known[at]!.sequence >= chunk.low) {
                at++;
            }

            if (at > from) {
                chunk.entries = known.slice(from, at);
                chunk.stale = true;
            }
        }

        this.#moved();
        this.#go();
    }

    /** Tries again what could not be loaded. */
    retry(): void {
        this.#failed = null;
        this.changed();
        this.#go();
    }

    /** How many columns the graph has around some rows. */
    columnsAround(first: number, last: number): number {
        let most = 1;
        const [from] = this.#find(first);
        const [to] = this.#find(Math.max(first, last - 1));
        for (let place = from; place <= to && place < this.#chunks.length; place++) {
            if (this.#chunks[place]?.entries) {
                for (const cell of this.#drawn(place).cells) {
                    most = Math.max(most, cell.after.length, cell.column + 1);
                }
            }
        }

        return most;
    }

    #span(lastSequence: number, count: number): void {
        this.#density = lastSequence === 0 ? 1 : Math.min(1, count / lastSequence);
        this.#chunks = [];
        this.#starts = null;
        for (let low = lastSequence - (lastSequence % Span) + 1; lastSequence > 0; low -= Span) {
            const high = Math.min(low + Span - 1, lastSequence);
            if (high >= low) {
                this.#chunks.push(chunkOf(low, high, null));
            }

            if (low <= 1) {
                break;
            }
        }
    }

    /** Where each chunk begins, and behind the last how many rows there are. */
    #places(): number[] {
        if (this.#starts === null) {
            this.#starts = [0];
            let sum = 0;
            this.#chunks.forEach((chunk, place) => {
                sum += chunk.entries === null ? Math.round((chunk.high - chunk.low + 1) * this.#density) : this.#itemsOf(place).length;
                this.#starts!.push(sum);
            });
        }

        return this.#starts;
    }

    #find(index: number): [number, number] {
        const starts = this.#places();
        let low = 0;
        let high = starts.length - 1;
        while (low < high - 1) {
            const middle = (low + high) >> 1;
            if (starts[middle]! <= index) {
                low = middle;
            } else {
                high = middle;
            }
        }

        return [low, index - starts[low]!];
    }

    #drawn(place: number): NonNullable<Chunk["drawn"]> {
        const chunk = this.#chunks[place]!;
        if (chunk.checked === this.#generation && chunk.drawn !== null) {
            return chunk.drawn;
        }

        // Chunks above that are loaded are laid out first, from the last one that is known not to have changed.
        let from = place;
        while (from > 0 && this.#chunks[from - 1]!.entries !== null && this.#chunks[from]!.checked !== this.#generation) {
            from--;
        }

        const begun = this.#chunks[from]!;
        const isKnown = begun.checked === this.#generation && begun.drawn !== null;
        let above: Lanes = isKnown ? begun.drawn!.above : [];
        const exact = isKnown ? begun.drawn!.exact : from === 0;
        for (let at = from; at <= place; at++) {
            const one = this.#chunks[at]!;
            const known = one.drawn;
            const current = this.#currentIn(one);
            if (known === null || known.current !== current || known.exact !== exact || !sameLanes(known.above, above)) {
                // Below what is not loaded, what comes first is taken for current until it is known better.
                const newest = one.entries![0]?.sequence;
                const live = exact || at > from || newest === undefined ? this.#beside.current : new Set([...this.#beside.current, newest]);
                const { cells, after } = layOut(one.entries!, above, live);
                one.drawn = { cells, above, after, current, exact };
            }

            one.checked = this.#generation;
            above = one.drawn!.after;
        }

        return chunk.drawn!;
    }

    #currentIn(chunk: Chunk): string {
        let found = "";
        for (const sequence of this.#beside.current) {
            if (sequence >= chunk.low && sequence <= chunk.high) {
                found += `${sequence} `;
            }
        }

        return found;
    }

    #itemsOf(place: number): Item[] {
        const chunk = this.#chunks[place]!;
        const drawn = this.#drawn(place);
        const { effects, notes } = this.#beside;
        if (chunk.items === null || chunk.items.effects !== effects || chunk.items.notes !== notes || chunk.items.drawn !== drawn) {
            const list: Item[] = [];
            const low = place === this.#chunks.length - 1 ? 0 : chunk.low;
            let next = place === 0 ? 0 : firstUpTo(effects, this.#chunks[place - 1]!.low - 1);
            let lanes = drawn.above;
            const upTo = (sequence: number) => {
                for (; next < effects.length && effects[next]!.after >= sequence; next++) {
                    list.push({ kind: "effect", effect: effects[next]!, lanes });
                }
            };
            chunk.entries!.forEach((entry, at) => {
                upTo(entry.sequence);
                const cell = drawn.cells[at]!;
                list.push({ kind: "checkpoint", entry, cell });
                lanes = cell.after;
                for (const note of notes.get(entry.sequence) ?? []) {
                    list.push({ kind: "note", sequence: entry.sequence, note, lanes });
                }
            });
            upTo(low);
            chunk.items = { list, effects, notes, drawn };
        }

        return chunk.items.list;
    }

    #moved(): void {
        this.#generation++;
        this.#starts = null;
        this.changed();
    }

    #go(): void {
        if (this.#failed !== null || this.#running >= 3 || this.#chunks.length === 0) {
            return;
        }

        const next = this.#next();
        if (next === null) {
            return;
        }

        next.loading = true;
        this.#running++;
        const chunks = this.#chunks;
        void this.load(next.low, next.high).then(
            (entries) => {
                if (chunks === this.#chunks) {
                    next.entries = next.changes.reduce(
                        (list, { sequence, change }) => list.map((entry) => (entry.sequence === sequence ? change(entry) : entry)),
                        merged(entries, next.extra));
                    next.extra = [];
                    next.stale = false;
                    next.drawn = null;
                }
            },
            (error: unknown) => {
                if (chunks === this.#chunks) {
                    this.#failed = error;
                }
            },
        ).finally(() => {
            next.loading = false;
            next.changes = [];
            this.#running--;
            this.#moved();
            this.#go();
        });
        this.#go();
    }

    #next(): Chunk | null {
        const [from] = this.#find(this.#wanted.first);
        const [to] = this.#find(Math.max(this.#wanted.first, this.#wanted.last - 1));
        const isMissing = (chunk: Chunk | undefined): chunk is Chunk => chunk !== undefined && (chunk.entries === null || chunk.stale) && !chunk.loading;
        // What is in sight first, then the one that comes next, then what the lines of the graph come from.
        for (let place = from; place <= Math.min(to + 1, this.#chunks.length - 1); place++) {
            if (isMissing(this.#chunks[place])) {
                return this.#chunks[place]!;
            }
        }

        for (let place = 0; place < from; place++) {
            if (isMissing(this.#chunks[place])) {
                return this.#chunks[place]!;
            }
        }

        return null;
    }
}
