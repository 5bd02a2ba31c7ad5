import type { Annotation, Effect } from "../api/types.js";
import type { GraphCell, Lanes } from "../graph/layout.js";
import type { Entry, Item } from "./items.js";

/** How many sequence numbers a chunk spans. */
export const Span = 500;

/** What stands in the log between the checkpoints. */
export interface Beside {
    /** Effects, those first that came after the greatest sequence. */
    readonly effects: readonly Effect[];
    readonly notes: ReadonlyMap<number, readonly Annotation[]>;
    /** What is current of the branches. */
    readonly current: ReadonlySet<number>;
}

export const Nothing: Beside = { effects: [], notes: new Map(), current: new Set() };

/** The checkpoints of a range of sequence numbers, which are loaded together. */
export interface Chunk {
    readonly low: number;
    high: number;
    entries: Entry[] | null;
    /** What was created while it was not loaded. */
    extra: Entry[];
    /** What was changed while it was loaded, which may have been read before. */
    changes: { readonly sequence: number; readonly change: (entry: Entry) => Entry }[];
    loading: boolean;
    /** True if what it has is of before something went or came, and is to be read again. */
    stale: boolean;
    /** The state of the log that how it is drawn was held against. */
    checked: number;
    /** How it is drawn, below which lines, and beside what; made when it is asked for. */
    drawn: { cells: GraphCell[]; above: Lanes; after: Lanes; current: string; exact: boolean } | null;
    items: { list: Item[]; effects: Beside["effects"]; notes: Beside["notes"]; drawn: object } | null;
}

export function chunkOf(low: number, high: number, entries: Entry[] | null): Chunk {
    return { low, high, entries, extra: [], changes: [], loading: false, stale: false, checked: 0, drawn: null, items: null };
}

/** Both, the newest first; of what is in both, that of the second. */
export function merged(entries: readonly Entry[], others: readonly Entry[]): Entry[] {
    const again = new Set(others.map((entry) => entry.sequence));
    return [...others, ...entries.filter((entry) => !again.has(entry.sequence))].sort((one, other) => other.sequence - one.sequence);
}

/** The place of the first effect that came after this sequence or an earlier one. */
export function firstUpTo(effects: readonly Effect[], sequence: number): number {
    let low = 0;
    let high = effects.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (effects[middle]!.after > sequence) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }

    return low;
}
