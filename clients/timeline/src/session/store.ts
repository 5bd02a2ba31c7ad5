import { Follower } from "../api/follow.js";
import { get, ProblemError, sessionPath } from "../api/http.js";
import type { SentEvent } from "../api/sse.js";
import type { Annotation, Branch, Checkpoint, Effect, FeedEvent, LogEvent, Page, Session } from "../api/types.js";
import { Changes } from "../changes.js";
import { type Beside, ChunkedLog } from "../log/chunks.js";
import { type Conditions, FilteredLog, hasConditions } from "../log/filtered.js";
import { type Entry, entryOf, entryOfEvent } from "../log/items.js";
import { readEffects, sameEffects } from "./effects.js";

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

    /** How often the stream came back: what could not be read is worth another try then. */
    backs = 0;

    readonly #stop = new AbortController();
    #notes = new Map<number, Annotation[]>();
    #renewing: Promise<void> | null = null;
    #renewsNext: Promise<void> | null = null;
    #begins: Promise<void> | null = null;
    #tries = 0;
    #hasNotes = false;
    #reloads = false;
    #again: ReturnType<typeof setTimeout> | undefined;
    #timer: ReturnType<typeof setTimeout> | undefined;
    #leases: ReturnType<typeof setTimeout> | undefined;
    #wanted: Conditions = {};

    constructor(readonly name: string) {
        super();
        void this.begin();
    }

    end(): void {
        this.#stop.abort();
        this.follower?.end();
        this.filtered?.end();
        clearTimeout(this.#timer);
        clearTimeout(this.#again);
        clearTimeout(this.#leases);
    }

    /** True if nothing more is told of it: it was deleted, or may not be seen any more. */
    get isEnded(): boolean {
        return this.follower?.status === "ended";
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

    /** Reads again what the session is, after a change; over once it was read by a reading that began later than this call. */
    renew(): Promise<void> {
        if (this.#renewing !== null) {
            return this.#renewsNext ??= this.#renewing.then(() => {
                this.#renewsNext = null;
                return this.renew();
            });
        }

        return this.#renewing = this.#renew().finally(() => {
            this.#renewing = null;
        });
    }

    /** Reads what the session is, and makes of that its log, what of it is shown, and its stream; also anew, after any of it was lost. */
    begin(): Promise<void> {
        return this.#begins ??= this.#begin().finally(() => {
            this.#begins = null;
        });
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

    async #renew(): Promise<void> {
        try {
            const [info, branches, effects] = await Promise.all([
                get<Session>(sessionPath(this.name), undefined, this.#stop.signal),
                get<{ items: Branch[] }>(sessionPath(this.name, "branches"), undefined, this.#stop.signal),
                readEffects(this.name, this.#stop.signal),
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
        } catch (error) {
            if (!this.#stop.signal.aborted) {
                this.problem = error instanceof ProblemError ? error : new ProblemError(0, "unknown", String(error));
            }
        }

        this.changed();
    }

    async #begin(): Promise<void> {
        clearTimeout(this.#again);
        this.follower?.end();
        this.follower = null;
        await this.renew();
        if (this.#stop.signal.aborted) {
            return;
        }

        const { info, problem } = this;
        if (info === null || problem !== null) {
            // It may be made while it is waited for, or the silo be back; what was deleted or may not be seen stays so.
            if (problem === null || (problem.status !== 401 && problem.status !== 403 && problem.code !== "session_deleted")) {
                this.#await();
            }

            return;
        }

        this.#tries = 0;
        if (this.log === null) {
            this.log = new ChunkedLog((low, high) => this.#range(low, high), info.lastSequence, info.count);
        } else {
            this.log.renew(info.lastSequence, info.count);
        }

        this.#place();
        this.filter(this.#wanted);
        this.#follow(info.lastPosition);
        if (!this.#hasNotes) {
            this.#hasNotes = true;
            void this.#readNotes().catch(() => {
                // The feed may not reach back so far, or not be open to this key; each checkpoint tells its own notes.
            });
        }
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

    /** Waits for the session to be there: as soon as its stream is, all is made of what it is then. */
    #await(): void {
        const follower = new Follower(sessionPath(this.name, "events"), {}, "0", () => {}, async (error) => {
            this.problem = error;
            this.changed();
            return error.status === 404 && error.code !== "session_deleted" ? "0" : null;
        });
        this.follower = follower;
        follower.subscribe(() => {
            if (follower.status === "live" && this.follower === follower) {
                follower.end();
                this.#again = setTimeout(() => void this.begin(), Math.min(this.#tries++ * 500, 5_000));
            }

            this.changed();
        });
        this.changed();
    }

    #follow(after: number): void {
        const follower = new Follower(sessionPath(this.name, "events"), {}, String(after), (events) => this.#take(events), async (error) => {
            if (error.code === "position_expired") {
                // It is told of no more what came between: all of it is read anew.
                void this.begin();
            } else {
                this.problem = error;
            }

            this.changed();
            return null;
        });
        this.follower = follower;
        let wasLive = true;
        follower.subscribe(() => {
            const isLive = follower.status === "live";
            if (isLive && !wasLive) {
                this.#back();
            }

            wasLive = isLive;
            this.changed();
        });
        this.changed();
    }

    /** The stream is back: what could not be read meanwhile is read now. */
    #back(): void {
        this.backs++;
        if (this.problem !== null) {
            void this.renew();
        }

        for (const list of [this.log, this.filtered]) {
            if (list !== null && list.failed !== null) {
                list.retry();
            }
        }
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
            // Events come in crowds; what the session is then is read once for all of them, and soon though more come.
            this.#reloads ||= reloads;
            this.#timer ??= setTimeout(() => void this.#refresh(), 120);
        }
    }

    async #refresh(): Promise<void> {
        this.#timer = undefined;
        const reloads = this.#reloads;
        this.#reloads = false;
        await this.renew();
        if (reloads) {
            this.#renewLog();
        }
    }

    #renewLog(): void {
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
