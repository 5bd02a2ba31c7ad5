import type { SessionStoreEntry } from "@anthropic-ai/claude-agent-sdk";
import { mapAhead } from "../../http/src/ahead.js";
import { ForgeError, isMissing } from "../../http/src/errors.js";
import { type ForgeHttp, type Page, sessionPath } from "../../http/src/http.js";
import { isEntry, type Line } from "./deliveries.js";
import { isOvertaken, SessionDeletedError } from "./errors.js";
import { Deleted, isOfSubpath, type Place, Subkey, subpathOf } from "./names.js";

const PageOfCheckpoints = 1_000;
const PagesOfMissing = 3;
const Ahead = 8;
const Attempts = 50;

/** The newest checkpoint of a transcript. */
export interface Head {
    readonly id: string;
    readonly sequence: number;
    readonly tags: readonly string[];
}

interface CheckpointAnswer extends Head {
    readonly branch: string;
    readonly state?: unknown;
    readonly damage?: { readonly code: string; readonly problem: string };
}

/** Reads and deletes transcripts. */
export class Transcripts {
    readonly #http: ForgeHttp;

    constructor(http: ForgeHttp) {
        this.#http = http;
    }

    /** The newest checkpoint of a transcript; undefined if it has none. */
    async head(place: Place): Promise<Head | undefined> {
        for await (const found of this.#summaries(place, 1)) {
            return found;
        }

        return undefined;
    }

    /** The same of the transcript of a subagent, which must not be deleted. */
    async openHead(place: Place): Promise<Head | undefined> {
        const head = await this.head(place);
        if (head?.tags.includes(Deleted)) {
            throw new SessionDeletedError({
                code: "transcript_deleted", status: 0, detail: `The transcript ${place.subpath} of the session ${place.sessionId} was deleted.`, field: "subpath",
            });
        }

        return head;
    }

    /**
     * The lines whose checkpoints are not there. Those that are there were mostly written last: a few pages tell of them, and what those do not
     * tell of is asked for by its id, however long the transcript is.
     */
    async missing(place: Place, lines: readonly Line[]): Promise<Line[]> {
        const path = `${sessionPath(place.session)}/checkpoints`;
        const missing = new Map(lines.map((line) => [line.id, line]));
        let cursor: string | undefined;
        for (let read = 0; read < PagesOfMissing; read++) {
            const page = await this.#http.read<Page<Head>>(path, { branch: place.branch, limit: PageOfCheckpoints, cursor });
            for (const { id } of page?.items ?? []) {
                missing.delete(id);
            }

            cursor = page?.next ?? undefined;
            if (missing.size === 0 || cursor === undefined) {
                return [...missing.values()];
            }
        }

        // What is asked for are its pending writes, of which it has none, and not its state, which may be large.
        const asked = mapAhead(
            [...missing.values()], Ahead, async ({ id }) => ({ id, found: await this.#http.read(`${path}/${id}/writes`, { limit: 1 }) }));
        for await (const { id, found } of asked) {
            if (found !== undefined) {
                missing.delete(id);
            }
        }

        return [...missing.values()];
    }

    /** All entries of a transcript in their order; null if it is not there, or was deleted. */
    async load(place: Place): Promise<SessionStoreEntry[] | null> {
        const entries: SessionStoreEntry[] = [];
        try {
            for await (const found of this.#checkpoints(place)) {
                entries.push(entryOf(found));
            }
        } catch (error) {
            if (isMissing(error) || error instanceof SessionDeletedError) {
                return null;
            }

            throw error;
        }

        return entries.length === 0 ? null : entries;
    }

    /**
     * The entries of a transcript in their order, up to a sequence, without those that are damaged and what another tool put among them.
     * @throws If it is not there, or is deleted meanwhile.
     */
    async* readable(place: Place, last: number): AsyncGenerator<SessionStoreEntry> {
        for await (const { state, damage } of this.#checkpoints(place, last)) {
            if (damage === undefined && isEntry(state)) {
                yield state;
            }
        }
    }

    /** The subpaths of the transcripts of subagents that a session has. */
    async subpaths(session: string): Promise<string[]> {
        const found = await this.#http.read<{ items: { branch: string; count: number }[] }>(`${sessionPath(session)}/branches`);
        const branches = (found?.items ?? []).filter(({ branch, count }) => count > 0 && isOfSubpath(branch)).map(({ branch }) => branch);
        if (branches.length === 0) {
            return [];
        }

        const deleted = new Set<string>();
        for await (const { branch } of this.#http.pages<CheckpointAnswer>(`${sessionPath(session)}/checkpoints`, { tag: Deleted, limit: PageOfCheckpoints })) {
            deleted.add(branch);
        }

        const subpaths: string[] = [];
        for await (const subpath of mapAhead(branches.filter((branch) => !deleted.has(branch)), Ahead, (branch) => this.#subpath(session, branch))) {
            if (subpath !== undefined) {
                subpaths.push(subpath);
            }
        }

        return subpaths;
    }

    /** Deletes a session with all its transcripts, in one instant. One that is not there is left so. */
    async deleteSession(session: string): Promise<void> {
        try {
            await this.#http.send({ method: "DELETE", path: sessionPath(session) });
        } catch (error) {
            if (!isMissing(error)) {
                throw error;
            }
        }
    }

    /**
     * Deletes the transcript of a subagent, in one instant: a checkpoint at its end says so, and what is before it goes then. No append
     * follows that checkpoint, since each expects the head that it has seen.
     */
    async deleteSubpath(place: Place): Promise<void> {
        const path = `${sessionPath(place.session)}/checkpoints`;
        for (let attempt = 1; ; attempt++) {
            const head = await this.head(place);
            if (head === undefined) {
                return;
            }

            if (head.tags.includes(Deleted)) {
                break;
            }

            try {
                const { branch } = place;
                await this.#http.send({
                    method: "POST", path, body: { branch, expectedHead: head.sequence, message: "deleted", tags: [Deleted], state: { deleted: true } },
                });
                break;
            } catch (error) {
                if (isMissing(error)) {
                    return;
                }

                if (!isOvertaken(error) || attempt >= Attempts) {
                    throw error;
                }
            }
        }

        const ids: string[] = [];
        for await (const { id, tags } of this.#summaries(place, PageOfCheckpoints)) {
            if (!tags.includes(Deleted)) {
                ids.push(id);
            }
        }

        for await (const _ of mapAhead(ids, Ahead, (id) => this.#deleteCheckpoint(`${path}/${id}`))) {
            // Each is awaited, and that is all.
        }
    }

    async revive(session: string): Promise<void> {
        await this.#http.send({ method: "POST", path: `${sessionPath(session)}/revive` });
    }

    async #deleteCheckpoint(path: string): Promise<void> {
        try {
            await this.#http.send({ method: "DELETE", path });
        } catch (error) {
            if (!isMissing(error)) {
                throw error;
            }
        }
    }

    /**
     * The checkpoints of a transcript that stand for entries, with their states, the oldest first, up to a sequence if one is given.
     * @throws If it is not there, or is deleted meanwhile: what came before is not the whole of it.
     */
    async* #checkpoints(place: Place, last?: number): AsyncGenerator<CheckpointAnswer> {
        const path = `${sessionPath(place.session)}/checkpoints`;
        const query = { branch: place.branch, order: "oldest", include: "state", limit: PageOfCheckpoints, before: last === undefined ? undefined : last + 1 };
        let cursor: string | undefined;
        do {
            const { body: page } = await this.#http.send<Page<CheckpointAnswer>>({ method: "GET", path, query: { ...query, cursor } });
            for (const found of page.items) {
                if (found.tags.includes(Deleted)) {
                    throw new SessionDeletedError({ code: "transcript_deleted", status: 0, detail: "The transcript was deleted." });
                }

                if (!found.tags.includes(Subkey)) {
                    yield found;
                }
            }

            cursor = page.next ?? undefined;
        } while (cursor !== undefined);
    }

    /** Checkpoints without their states, the newest first. */
    #summaries(place: Place, limit: number): AsyncGenerator<CheckpointAnswer> {
        return this.#http.pages<CheckpointAnswer>(`${sessionPath(place.session)}/checkpoints`, { branch: place.branch, limit });
    }

    /** The subpath of a branch; undefined if it is not one, or is gone. */
    async #subpath(session: string, branch: string): Promise<string | undefined> {
        const told = subpathOf(branch);
        if (told !== undefined) {
            return told;
        }

        const pages = this.#http.pages<Omit<CheckpointAnswer, "state"> & { readonly state?: { readonly subpath?: string } }>(
            `${sessionPath(session)}/checkpoints`, { branch, order: "oldest", include: "state", limit: 1 });
        for await (const { state, tags } of pages) {
            return tags.includes(Subkey) ? state?.subpath : undefined;
        }

        return undefined;
    }
}

function entryOf(found: CheckpointAnswer): SessionStoreEntry {
    const { id, sequence, state, damage } = found;
    if (damage !== undefined) {
        throw new ForgeError({ code: damage.code, status: 500, detail: `The entry ${sequence} is damaged: ${damage.problem}`, sequence, checkpoint: id });
    }

    if (!isEntry(state)) {
        throw new ForgeError({
            code: "foreign_checkpoint", status: 0, detail: `The checkpoint ${sequence} is no entry: another tool put it there.`, sequence, checkpoint: id,
        });
    }

    return state;
}
