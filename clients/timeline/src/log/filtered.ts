import { Changes } from "../changes.js";
import type { Entry, Item } from "./items.js";

/** What checkpoints are shown. */
export interface Conditions {
    readonly branch?: string | undefined;
    readonly tag?: string | undefined;
    readonly trigger?: string | undefined;
    readonly text?: string | undefined;
}

/** A page of what meets the conditions that the silo knows. */
export type LoadPage = (cursor: string | undefined, signal: AbortSignal) => Promise<{ entries: Entry[]; next: string | null }>;

export function hasConditions(conditions: Conditions): boolean {
    return Boolean(conditions.branch || conditions.tag || conditions.trigger || conditions.text);
}

/** True if a checkpoint meets all conditions. Text is looked for in what it says, its tags and its id. */
export function meets(entry: Entry, conditions: Conditions): boolean {
    const text = conditions.text?.toLowerCase();
    return (!conditions.branch || entry.branch === conditions.branch)
        && (!conditions.tag || entry.tags.includes(conditions.tag))
        && (!conditions.trigger || entry.trigger === conditions.trigger)
        && (!text || entry.message.toLowerCase().includes(text) || entry.id === text || String(entry.sequence) === text
            || entry.tags.some((tag) => tag.toLowerCase().includes(text)));
}

/** Rows that are kept ahead of what is in sight. */
const Ahead = 100;

/** Of how many checkpoints one look for text is at most, before a person is asked to go on. */
const MostLooked = 200_000;

/** The checkpoints that meet conditions, loaded page by page as they come into sight. */
export class FilteredLog extends Changes {
    readonly #stop = new AbortController();
    readonly #known = new Set<number>();
    #entries: Entry[] = [];
    #cursor: string | undefined;
    #isWhole = false;
    #loading = false;
    /** What was changed while a page was loaded, which may have been read before. */
    #changes: { readonly sequence: number; readonly change: (entry: Entry) => Entry }[] = [];
    #wanted = 0;
    #failed: unknown = null;

    /** How many checkpoints were looked at. */
    looked = 0;

    constructor(readonly load: LoadPage, readonly conditions: Conditions) {
        super();
        this.want(0, 0);
    }

    get failed(): unknown {
        return this.#failed;
    }

    get isWhole(): boolean {
        return this.#isWhole;
    }

    /** With a row for what is to come. */
    get length(): number {
        return this.#entries.length + (this.#isWhole || this.#failed !== null ? 0 : 1);
    }

    get found(): number {
        return this.#entries.length;
    }

    at(index: number): Item {
        const entry = this.#entries[index];
        return entry === undefined ? { kind: "loading", lanes: [] } : { kind: "checkpoint", entry, cell: null };
    }

    placeOf(sequence: number): number {
        return this.#entries.findIndex((entry) => entry.sequence === sequence);
    }

    want(_first: number, last: number): void {
        this.#wanted = last;
        if (!this.#loading && !this.#isWhole && this.#failed === null && this.looked < MostLooked && this.#entries.length < this.#wanted + Ahead) {
            void this.#next();
        }
    }

    add(entries: readonly Entry[]): number {
        const come = entries.filter((entry) => meets(entry, this.conditions) && !this.#known.has(entry.sequence));
        come.forEach((entry) => this.#known.add(entry.sequence));
        this.#entries = [...come, ...this.#entries].sort((one, other) => other.sequence - one.sequence);
        this.changed();
        return come.length;
    }

    change(sequence: number, change: (entry: Entry) => Entry): void {
        if (this.#loading) {
            this.#changes.push({ sequence, change });
        }

        this.#entries = this.#entries.map((entry) => (entry.sequence === sequence ? change(entry) : entry));
        this.changed();
    }

    retry(): void {
        this.#failed = null;
        this.want(0, this.#wanted);
    }

    end(): void {
        this.#stop.abort();
    }

    async #next(): Promise<void> {
        this.#loading = true;
        try {
            const { entries, next } = await this.load(this.#cursor, this.#stop.signal);
            this.looked += entries.length;
            for (const read of entries) {
                const entry = this.#changes.reduce((now, { sequence, change }) => (now.sequence === sequence ? change(now) : now), read);
                if (meets(entry, this.conditions) && !this.#known.has(entry.sequence)) {
                    this.#known.add(entry.sequence);
                    this.#entries.push(entry);
                }
            }

            this.#cursor = next ?? undefined;
            this.#isWhole = next === null;
        } catch (error) {
            if (this.#stop.signal.aborted) {
                return;
            }

            this.#failed = error;
        }

        this.#loading = false;
        this.#changes = [];
        this.changed();
        this.want(0, this.#wanted);
    }
}
