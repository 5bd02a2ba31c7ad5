import type { SessionKey, SessionStore, SessionStoreEntry, SessionSummaryEntry } from "@anthropic-ai/claude-agent-sdk";
import { mapAhead } from "../../http/src/ahead.js";
import { type ForgeConnection, ForgeHttp, sessionPath } from "../../http/src/http.js";
import { Turns } from "../../http/src/turns.js";
import { Appending } from "./appending.js";
import { givenOf } from "./deliveries.js";
import { errorOf } from "./errors.js";
import { About, Main, Names, type Place } from "./names.js";
import { type Fold, Summaries, type SummaryData } from "./summaries.js";
import { Transcripts } from "./transcripts.js";

const PageOfSessions = 1_000;
const Ahead = 8;

// The SDK gives an append up after a minute and does not try it again then, but does if it fails before.
const Deadline = 45_000;

/** What a store needs to know. */
export interface ForgeSessionStoreOptions extends ForgeConnection {
    /**
     * What the names of the sessions begin with that hold transcripts, 1 to 50 characters; `claude:` if nothing is said. Stores with
     * prefixes of which none begins with another one see nothing of each other's sessions.
     */
    readonly prefix?: string;
    /**
     * The SDK's `foldSessionSummary`, for a process that uses the SDK by another entry than its root. The root is imported for it, with the
     * first append, if nothing is said.
     */
    readonly foldSessionSummary?: Fold;
    /**
     * How long an append may take from the call on, with all its requests and the wait for those before it, and any other request with all its
     * attempts, in milliseconds; 45,000 if nothing is said.
     */
    readonly deadline?: number;
}

/** A session in a list. */
interface Listed {
    readonly sessionId: string;
    readonly mtime: number;
}

/** The same with where its main transcript is, and the newest checkpoint of that. */
interface Found extends Listed {
    readonly place: Place;
    readonly head: { readonly sequence: number; readonly id: string };
}

interface SessionAnswer {
    readonly session: string;
    readonly activeAt: string;
    /** The newest checkpoint of the main transcript. */
    readonly head: Found["head"] | null;
}

/**
 * Keeps the transcripts of the Claude Agent SDK in Forge, over HTTP: a session is a session, the transcript of a subagent a branch of it,
 * and an entry a checkpoint. An instance may be used for any number of sessions at once.
 */
export class ForgeSessionStore implements SessionStore {
    readonly #http: ForgeHttp;
    readonly #deadline: number;
    readonly #names: Names;
    readonly #transcripts: Transcripts;
    readonly #summaries: Summaries;
    readonly #appending: Appending;
    readonly #turns = new Turns();

    constructor(options: ForgeSessionStoreOptions) {
        const { prefix = "claude:", deadline = Deadline, foldSessionSummary } = options;
        this.#http = new ForgeHttp({ ...options, deadline }, errorOf);
        this.#deadline = deadline;
        this.#names = new Names(prefix);
        this.#transcripts = new Transcripts(this.#http);
        this.#summaries = new Summaries(
            this.#http, async () => foldSessionSummary ?? (await import("@anthropic-ai/claude-agent-sdk")).foldSessionSummary);
        this.#appending = new Appending(this.#http, this.#summaries);
    }

    /**
     * Appends entries to a transcript in their order, behind what was appended to it before. Those with a `uuid` that is there already are
     * left as they are, and so are those of a delivery that failed and comes again. Up to 999 of at most 12 MiB together are there all at
     * once or not at all; more go in several steps, in order.
     * @throws SessionDeletedError If the session, or the transcript of a subagent, was deleted: nothing is there of it then.
     * @throws ForgeError If Forge refuses them or cannot be reached.
     */
    async append(key: SessionKey, entries: SessionStoreEntry[]): Promise<void> {
        const place = this.#names.place(key);
        const [given, end] = [givenOf(entries), Date.now() + this.#deadline];
        if (given.length > 0) {
            await this.#turns.run(place.key, () => this.#appending.append(place, given, end));
        }
    }

    /** All entries of a transcript in their order; null if there are none, or it was deleted. */
    async load(key: SessionKey): Promise<SessionStoreEntry[] | null> {
        return this.#transcripts.load(this.#names.place(key));
    }

    /**
     * The sessions of a project that have a main transcript, with the times of their newest activity, also of their subagents; the newest
     * first.
     */
    async listSessions(projectKey: string): Promise<Array<{ sessionId: string; mtime: number }>> {
        const sessions: Listed[] = [];
        for await (const { sessionId, mtime } of this.#sessions(projectKey)) {
            sessions.push({ sessionId, mtime });
        }

        return sessions.sort(byTime);
    }

    /** What the SDK tells of the sessions of a project in lists; the newest first. */
    async listSessionSummaries(projectKey: string): Promise<SessionSummaryEntry[]> {
        const summaries: SessionSummaryEntry[] = [];
        for await (const summary of mapAhead(this.#sessions(projectKey), Ahead, (session) => this.#summary(session))) {
            if (summary !== undefined) {
                summaries.push(summary);
            }
        }

        return summaries.sort(byTime);
    }

    /**
     * Deletes a session with the transcripts of all its subagents, or that of one subagent alone, in one instant. It stays deleted, whatever
     * comes late. What is not there is left so.
     */
    async delete(key: SessionKey): Promise<void> {
        const place = this.#names.place(key);
        await this.#turns.run(place.key, async () => {
            await (place.branch === Main ? this.#transcripts.deleteSession(place.session) : this.#transcripts.deleteSubpath(place));
            this.#appending.forget(place.branch === Main ? `${place.session}\n` : place.key);
        });
    }

    /** The subpaths of the transcripts of subagents that a session has. */
    async listSubkeys(key: { projectKey: string; sessionId: string }): Promise<string[]> {
        return this.#transcripts.subpaths(this.#names.session(key));
    }

    /** Lets the id of a deleted session be used again. It has no entries then. */
    async reviveSession(key: { projectKey: string; sessionId: string }): Promise<void> {
        await this.#transcripts.revive(this.#names.session(key));
    }

    async* #sessions(projectKey: string): AsyncGenerator<Found> {
        const prefix = this.#names.project(projectKey);
        for await (const { session, activeAt, head } of this.#http.pages<SessionAnswer>("/v1/sessions", { prefix, limit: PageOfSessions })) {
            if (head === null) {
                continue;
            }

            const sessionId = this.#names.sessionId(session) ?? await this.#sessionId(session);
            if (sessionId !== undefined) {
                yield { sessionId, mtime: Date.parse(activeAt), head, place: this.#names.place({ projectKey, sessionId }) };
            }
        }
    }

    async #summary({ sessionId, mtime, place, head }: Found): Promise<SessionSummaryEntry | undefined> {
        const known = this.#appending.known(place, head.id)?.data;
        if (known !== undefined && known !== null) {
            return { sessionId, mtime, data: copyOf(known) };
        }

        const kept = await this.#summaries.read(place.session);
        if (kept?.data === undefined) {
            // The SDK reads such a session whole: it is in the list.
            return undefined;
        }

        if (kept.last !== head.id) {
            // By an older time than that in the list the SDK knows that the summary is not of all entries.
            return { sessionId, mtime: mtime - 1, data: kept.data };
        }

        this.#appending.note(place, { head, about: kept.about, data: kept.data });
        return { sessionId, mtime, data: copyOf(kept.data) };
    }

    /** The id of a session whose name holds a hash of it. */
    async #sessionId(session: string): Promise<string | undefined> {
        const told = await this.#http.read<{ state?: { sessionId?: string } }>(`${sessionPath(session)}/checkpoints/latest`, { branch: About });
        return told?.state?.sessionId;
    }
}

// Those that are given may be changed by whom they are given to.
function copyOf(data: SummaryData): SummaryData {
    return structuredClone(data);
}

function byTime(left: { mtime: number }, right: { mtime: number }): number {
    return right.mtime - left.mtime;
}
