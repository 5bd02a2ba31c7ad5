import { Follower } from "../api/follow.js";
import { get, ProblemError, sessionPath } from "../api/http.js";
import type { SentEvent } from "../api/sse.js";
import type { Annotation, Branch, Checkpoint, Effect, FeedEvent, LogEvent, Page, Session } from "../api/types.js";
import { Changes } from "../changes.js";
import { type Beside, ChunkedLog } from "../log/chunks.js";
import { type Conditions, FilteredLog, hasConditions } from "../log/filtered.js";
import { type Entry, entryOf, entryOfEvent } from "../log/items.js";

const PageSize = 500;

/** How many pages of the tenant's feed are looked through for notes of before; those of a checkpoint are read with it anyway. */
const NotePages = 40;

/** The session that is open: what it is now, and its log, kept up to date by its stream. */
export class OpenSession extends Changes {
    info: Session | null = null;
    branches: readonly Branch[] = [];
    effects: readonly Effect[] = [];
    problem: ProblemError | null = null;
    /** The log, whole. */
    log: ChunkedLog | null = null;
    /** The log by conditions; null if there are none. */
    filtered: FilteredLog | null = null;
    follower: Follower | null = null;
    /** Told how many rows came above what is shown. */
    onAbove: (rows: number) => void = () => {};

    readonly #stop = new AbortController();
    #notes = new Map<number, Annotation[]>();
    #renewing = false;
    #renewAgain = false;
    #reloads = false;
    #timer: ReturnType<typeof setTimeout> | undefined;
    #leases: ReturnType<typeof setTimeout> | undefined;
    #wanted: Conditions = {};

    constructor(readonly name: string) {
        super();
        void this.#begin();
    }

    end(): void {
        this.#stop.abort();
        this.follower?.end();
        this.filtered?.end();
        clearTimeout(this.#timer);
        clearTimeout(this.#leases);
    }

    /** The list that is shown. */
    get list(): ChunkedLog | FilteredLog | null {
        return this.filtered ?? this.log;
    }

    /** Shows only what meets conditions. */
    filter(conditions: Conditions): void {
        this.#wanted = conditions;
        this.filtered?.end();
        this.filtered = !hasConditions(conditions) || this.info === null ? null : new FilteredLog(async (cursor, signal) => {
            const { branch, tag, trigger } = conditions;
            const page = await get<Page<Checkpoint>>(
                sessionPath(this.name, "checkpoints"), { branch, tag, trigger, cursor, limit: conditions.text ? 1000 : 200 }, signal);
            return { entries: page.items.map(entryOf), next: page.next };
        }, conditions);
        this.changed();
    }

    /** Reads again what the session is, after a change. */
    async renew(): Promise<void> {
        if (this.#renewing) {
            this.#renewAgain = true;
            return;
        }

        this.#renewing = true;
        try {
            do {
                this.#renewAgain = false;
                const [info, branches, effects] = await Promise.all([
                    get<Session>(sessionPath(this.name), undefined, this.#stop.signal),
                    get<{ items: Branch[] }>(sessionPath(this.name, "branches"), undefined, this.#stop.signal),
                    this.#readEffects(),
                ]);
                this.info = info;
                this.branches = branches.items;
                // What is the same stays the same list, so that nothing is laid out anew for it.
                if (!sameEffects(this.effects, effects)) {
                    this.effects = effects;
                }

                this.problem = null;
                this.#place();
                this.#waitForLeases();
            } while (this.#renewAgain);
        } catch (error) {
            if (!this.#stop.signal.aborted) {
                this.problem = error instanceof ProblemError ? error : new ProblemError(0, "unknown", String(error));
            }
        } finally {
            this.#renewing = false;
            this.changed();
        }
    }

    /** How many notes of a checkpoint are known. */
    notesOf(sequence: number): number {
        return this.#notes.get(sequence)?.length ?? 0;
    }

    /** Notes of a checkpoint that was read by itself. */
    putNotes(sequence: number, notes: readonly Annotation[]): void {
        const known = this.#notes.get(sequence);
        if ((known?.length ?? 0) !== notes.length) {
            this.#notes = new Map(this.#notes).set(sequence, [...notes]);
            this.#place();
        }
    }

    async #begin(): Promise<void> {
        await this.renew();
        const { info } = this;
        if (this.#stop.signal.aborted) {
            return;
        }

        if (info === null) {
            // It may be made while it is waited for.
            if (this.problem?.code !== "session_deleted") {
                this.#follow(0);
            }

            return;
        }

        this.log = new ChunkedLog((low, high) => this.#range(low, high), info.lastSequence, info.count);
        this.#place();
        this.filter(this.#wanted);
        this.#follow(info.lastPosition);
        await this.#readNotes().catch(() => {
            // The feed may not reach back so far, or not be open to this key; each checkpoint tells its own notes.
        });
    }

    async #range(low: number, high: number): Promise<Entry[]> {
        const entries: Entry[] = [];
        let cursor: string | undefined;
        do {
            const page: Page<Checkpoint> = await get<Page<Checkpoint>>(
                sessionPath(this.name, "checkpoints"), { after: low - 1, before: high + 1, limit: PageSize, cursor }, this.#stop.signal);
            entries.push(...page.items.map(entryOf));
            cursor = page.next ?? undefined;
        } while (cursor !== undefined);
        return entries;
    }

    async #readEffects(): Promise<Effect[]> {
        const effects: Effect[] = [];
        let cursor: string | undefined;
        do {
            const page: Page<Effect> = await get<Page<Effect>>(sessionPath(this.name, "effects"), { limit: 1000, cursor }, this.#stop.signal);
            effects.push(...page.items);
            cursor = page.next ?? undefined;
        } while (cursor !== undefined);
        return effects.sort((one, other) => other.after - one.after || Date.parse(other.begunAt) - Date.parse(one.begunAt));
    }

    /** Finds the notes of before in the feed of the tenant, which can be asked for them alone. */
    async #readNotes(): Promise<void> {
        let after: string | undefined;
        for (let pages = 0; pages < NotePages; pages++) {
            const page: { items: FeedEvent[]; next: string; more: boolean } = await get(
                "v1/feed", { prefix: this.name, kind: "annotated", after, limit: 1000 }, this.#stop.signal);
            let come = false;
            for (const { session, event } of page.items) {
                if (session === this.name && event.text !== undefined) {
                    come = this.#note(event) || come;
                }
            }

            if (come) {
                this.#place();
                this.changed();
            }

            after = page.next;
            if (!page.more) {
                return;
            }
        }
    }

    /** A lease that runs out is no event: what is running then is unknown, or may be taken by others. */
    #waitForLeases(): void {
        clearTimeout(this.#leases);
        const ends = this.effects.flatMap((effect) => (effect.status === "running" && effect.until !== null ? [Date.parse(effect.until)] : []));
        if (ends.length > 0) {
            // If the clock here is ahead of the silo's, it is asked now and then.
            const left = Math.min(...ends) - Date.now();
            this.#leases = setTimeout(() => void this.renew(), left > 0 ? Math.min(left + 700, 3_600_000) : 5_000);
        }
    }

    #note(event: LogEvent): boolean {
        const notes = this.#notes.get(event.sequence!) ?? [];
        if (notes.some((note) => note.position === event.position)) {
            return false;
        }

        const note = { position: event.position, at: event.at, severity: event.severity ?? "info", text: event.text ?? "" };
        this.#notes = new Map(this.#notes).set(event.sequence!, [...notes, note]);
        return true;
    }

    #follow(after: number): void {
        this.follower = new Follower(sessionPath(this.name, "events"), {}, String(after), (events) => this.#take(events), async (error) => {
            if (error.code === "position_expired") {
                await this.renew();
                this.#renewLog();
                return String(this.info?.lastPosition ?? 0);
            }

            this.problem = error;
            this.changed();
            return error.status === 404 ? "0" : null;
        });
        this.follower.subscribe(() => this.changed());
        this.changed();
    }

    #take(sent: readonly SentEvent[]): void {
        const created: Entry[] = [];
        let renews = false;
        let reloads = false;
        for (const { data } of sent) {
            if (data === "") {
                continue;
            }

            const event = JSON.parse(data) as LogEvent;
            switch (event.kind) {
                case "created":
                    created.push(entryOfEvent(event));
                    renews = true;
                    break;
                case "annotated":
                    renews = this.#note(event) || renews;
                    this.#place();
                    break;
                case "tagged":
                    for (const list of [this.log, this.filtered]) {
                        list?.change(event.sequence!, (entry) => ({ ...entry, tags: event.tags ?? [] }));
                    }

                    break;
                case "deleted":
                case "compacted":
                case "imported":
                case "unknown":
                    reloads = true;
                    break;
                default:
                    renews = true;
            }
        }

        if (created.length > 0) {
            const above = this.log?.add(created) ?? 0;
            const found = this.filtered?.add(created) ?? 0;
            this.#advance(created);
            this.onAbove(this.filtered === null ? above : found);
        }

        this.changed();
        if (reloads || renews) {
            // Events come in crowds; what the session is then is read once for all of them.
            this.#reloads ||= reloads;
            clearTimeout(this.#timer);
            this.#timer = setTimeout(async () => {
                await this.renew();
                if (this.log === null && this.info !== null) {
                    this.log = new ChunkedLog((low, high) => this.#range(low, high), this.info.lastSequence, this.info.count);
                    this.#place();
                    this.changed();
                } else if (this.#reloads) {
                    this.#renewLog();
                }
            }, 120);
        }
    }

    #renewLog(): void {
        this.#reloads = false;
        if (this.info !== null) {
            this.log?.renew(this.info.lastSequence, this.info.count);
            if (this.filtered !== null) {
                this.filter(this.#wanted);
            }
        }
    }

    /** What is created is current at once, before anybody is asked. */
    #advance(created: readonly Entry[]): void {
        const newest = new Map<string, Entry>();
        created.forEach((entry) => newest.set(entry.branch, entry));
        const known = new Set(this.branches.map((branch) => branch.branch));
        this.branches = [
            ...this.branches.map((branch) => {
                const entry = newest.get(branch.branch);
                return entry === undefined ? branch : { ...branch, head: entry, current: entry, count: branch.count + 1 };
            }),
            ...[...newest.values()].filter((entry) => !known.has(entry.branch)).map((entry) => ({ branch: entry.branch, head: entry, current: entry, count: 1 })),
        ];
        if (this.info !== null) {
            const last = created[created.length - 1]!;
            this.info = { ...this.info, count: this.info.count + created.length, lastSequence: last.sequence, activeAt: last.at };
        }

        this.#place();
    }

    #place(): void {
        const beside: Beside = {
            effects: this.effects,
            notes: this.#notes,
            current: new Set(this.branches.flatMap((branch) => branch.current?.sequence ?? [])),
        };
        this.log?.put(beside);
    }
}

function sameEffects(one: readonly Effect[], other: readonly Effect[]): boolean {
    return one.length === other.length && one.every((effect, place) => {
        const beside = other[place]!;
        return effect.key === beside.key && effect.status === beside.status && effect.epoch === beside.epoch && effect.after === beside.after;
    });
}
