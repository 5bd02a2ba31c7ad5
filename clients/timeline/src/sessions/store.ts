import { Follower } from "../api/follow.js";
import { get, ProblemError } from "../api/http.js";
import type { SentEvent } from "../api/sse.js";
import type { FeedEvent, Page, Session } from "../api/types.js";
import { Changes } from "../changes.js";

/** What sessions are searched by, as a person writes it: `agent- label:team:red claim:worker-1 active:1d`. */
export interface Search {
    readonly prefix: string;
    readonly labels: readonly string[];
    readonly claim?: string | undefined;
    readonly branch?: string | undefined;
    /** Active within so many milliseconds. */
    readonly within?: number | undefined;
    readonly order: "activity" | "name";
}

const Lengths: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

export function searchOf(text: string): Search {
    let prefix = "";
    const labels: string[] = [];
    let claim: string | undefined;
    let branch: string | undefined;
    let within: number | undefined;
    let order: Search["order"] = "activity";
    for (const word of text.split(/\s+/)) {
        const [, name, value] = /^(label|claim|branch|active|order):(.+)$/.exec(word) ?? [];
        const length = name === "active" ? /^(\d{1,4})([mhdw])$/.exec(value!) : null;
        if (name === "label" && value!.includes(":")) {
            labels.push(value!);
        } else if (name === "claim") {
            claim = value;
        } else if (name === "branch") {
            branch = value;
        } else if (length) {
            within = Number(length[1]) * Lengths[length[2]!]!;
        } else if (name === "order" && (value === "name" || value === "activity")) {
            order = value;
        } else if (word !== "") {
            prefix = word;
        }
    }

    return { prefix, labels, claim, branch, within, order };
}

/** The sessions that a search finds, kept up to date by the feed of the tenant. */
export class SessionList extends Changes {
    items: readonly Session[] = [];
    problem: ProblemError | null = null;
    isLoaded = false;
    /** When something last happened in a session while it was looked at. */
    readonly happened = new Map<string, number>();
    /** The feed; null before it was begun. */
    follower: Follower | null = null;

    #search: Search = searchOf("");
    #next: string | null = null;
    #loading: AbortController | null = null;
    #isMore = false;
    #itemsOf: Search | null = null;
    #timer: ReturnType<typeof setTimeout> | undefined;

    /** Begins with the key that is given now: of what another one saw nothing stays. */
    begin(): Promise<void> {
        this.follower?.end();
        clearTimeout(this.#timer);
        this.#timer = undefined;
        this.items = [];
        this.#next = null;
        this.#itemsOf = null;
        this.happened.clear();
        this.isLoaded = false;
        let wasLive = false;
        const follower = this.follower = new Follower("v1/feed", { after: "latest" }, "", (events) => this.#take(events), async (error) => {
            // What this key may not see, or is not there, is not there a moment later either.
            if (error.status === 403 || error.status === 404) {
                return null;
            }

            await this.load();
            return "";
        });
        follower.subscribe(() => {
            // What could not be read is read when the silo is back.
            const isLive = follower.status === "live";
            if (isLive && !wasLive && this.problem !== null) {
                void this.load();
            }

            wasLive = isLive;
            this.changed();
        });
        return this.load();
    }

    get hasMore(): boolean {
        return this.#next !== null;
    }

    find(text: string): Promise<void> {
        this.#search = searchOf(text);
        this.isLoaded = false;
        return this.load();
    }

    /** Reads the first page again, and with it as many sessions as were shown, as far as they are a page. */
    async load(): Promise<void> {
        this.#loading?.abort();
        const loading = this.#loading = new AbortController();
        const wasMore = this.#isMore;
        this.#isMore = false;
        const search = this.#search;
        const shown = this.#itemsOf === search ? this.items : [];
        try {
            const page = await this.#page(undefined, Math.min(1000, Math.max(100, shown.length)), loading.signal);
            const rest = page.next === null ? [] : restOf(shown, page.items, search.order);
            this.items = [...page.items, ...rest];
            // Those that are shown below the page were read before; the next ones come after them.
            this.#next = rest.length > 0 ? this.#next : page.next;
            this.#itemsOf = search;
            this.problem = null;
        } catch (error) {
            if (loading.signal.aborted) {
                return;
            }

            this.problem = error instanceof ProblemError ? error : new ProblemError(0, "unknown", String(error));
        }

        this.isLoaded = true;
        this.#loading = null;
        this.changed();
        if (wasMore) {
            await this.more();
        }
    }

    /** Reads the next page. */
    async more(): Promise<void> {
        if (this.#next === null || this.#loading !== null) {
            return;
        }

        const loading = this.#loading = new AbortController();
        this.#isMore = true;
        try {
            const page = await this.#page(this.#next, 100, loading.signal);
            const known = new Set(this.items.map((session) => session.session));
            this.items = [...this.items, ...page.items.filter((session) => !known.has(session.session))];
            this.#next = page.next;
        } catch (error) {
            if (!loading.signal.aborted) {
                this.problem = error instanceof ProblemError ? error : new ProblemError(0, "unknown", String(error));
            }
        }

        if (this.#loading === loading) {
            this.#loading = null;
            this.#isMore = false;
        }

        this.changed();
    }

    #page(cursor: string | undefined, limit: number, signal: AbortSignal): Promise<Page<Session>> {
        const { prefix, labels, claim, branch, within, order } = this.#search;
        // A cursor holds for the conditions that it was made with, so that a page after the first has the same time as that.
        this.#since = cursor === undefined || this.#since === undefined
            ? within === undefined ? undefined : new Date(Date.now() - within).toISOString()
            : this.#since;
        return get<Page<Session>>("v1/sessions", { prefix, label: labels, claim, branch, activeAfter: this.#since, order, limit, cursor }, signal);
    }

    #since: string | undefined;

    #take(sent: readonly SentEvent[]): void {
        const now = Date.now();
        for (const { data } of sent) {
            if (data !== "") {
                this.happened.set((JSON.parse(data) as FeedEvent).session, now);
            }
        }

        if (this.happened.size > 2_000) {
            for (const [session, at] of this.happened) {
                if (now - at > 10_000) {
                    this.happened.delete(session);
                }
            }
        }

        this.changed();
        this.#loadSoon();
    }

    /** A busy tenant tells of much; the list is read again every second at most, and not before the last time is over. */
    #loadSoon(): void {
        this.#timer ??= setTimeout(() => {
            this.#timer = undefined;
            if (this.#loading === null) {
                void this.load();
            } else {
                this.#loadSoon();
            }
        }, 1_000);
    }
}

/** Of what was shown, what comes after a page that was read again. */
export function restOf(shown: readonly Session[], page: readonly Session[], order: Search["order"]): Session[] {
    const last = page[page.length - 1];
    if (last === undefined) {
        return [];
    }

    const known = new Set(page.map((session) => session.session));
    return shown.filter((session) => !known.has(session.session)
        && (order === "name" ? session.session > last.session : Date.parse(session.activeAt) <= Date.parse(last.activeAt)));
}
