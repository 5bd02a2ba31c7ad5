import { type ForgeHttp, type Page, sessionPath } from "../../http/src/http.js";
import type { CheckpointAnswer, CheckpointDocument, NewWrite, WriteAnswer } from "./documents.js";
import type { Head } from "./heads.js";
import { type Place, topOf } from "./names.js";
import { sha256, type StateDifference, type States } from "./states.js";

// What a request may bring (Forge:Limits:WriteRecords, BatchBytes), with room for what stands around the values.
export const RecordsOfRequest = 1_000;
export const BytesOfRequest = 12 * 1024 * 1024;
const PageOfSummaries = 1_000;

/** A create. */
export interface NewCheckpoint {
    readonly id: string;
    readonly branch: string;
    /** The id of the checkpoint it follows; `none` for a root. */
    readonly parent: string;
    readonly expectedHead: number;
    readonly message: string;
    readonly tags: readonly string[];
    readonly requires?: readonly string[];
    /** The text of its document. */
    readonly state: string;
    readonly writes?: readonly NewWrite[];
}

/** What became of a create. */
export interface Created {
    readonly sequence: number;
    /** True if an earlier request had made it. */
    readonly repeated: boolean;
}

interface WritePage extends Page<WriteAnswer> {
    readonly checkpoint: { readonly sequence: number; readonly id: string };
}

/** The pending writes of a checkpoint. */
export interface WritesOf {
    readonly checkpoint: string;
    readonly items: readonly WriteAnswer[];
}

export interface BranchAnswer {
    readonly branch: string;
    readonly count: number;
}

/** The calls that the saver makes, each of one session. */
export class Store {
    readonly #http: ForgeHttp;
    readonly #states: States;

    constructor(http: ForgeHttp, states: States) {
        this.#http = http;
        this.#states = states;
    }

    /**
     * Creates a checkpoint. This is the one place that a state leaves by: as the difference from that of its parent if that spares half of
     * it, and whole if the silo cannot use that, under the same id.
     * @returns Its sequence, and whether an earlier request had made it.
     */
    async create(place: Place, checkpoint: NewCheckpoint, epoch: number | undefined): Promise<Created> {
        const { state, ...rest } = checkpoint;
        const { difference, kept } = this.#states.compare(place.key, rest.parent, state);
        const created = (difference === undefined ? undefined : await this.#createByDifference(place, rest, difference, epoch))
            ?? await this.#create(place, `${JSON.stringify(rest).slice(0, -1)},"state":${state}}`, epoch);
        this.#states.keep(place.key, checkpoint.id, state, kept);
        return created;
    }

    /** A checkpoint with its state; undefined if it is not there, or is on another branch than the one that is named. */
    async checkpoint(session: string, id: string, branch?: string): Promise<CheckpointAnswer | undefined> {
        const path = `${sessionPath(session)}/checkpoints/${id}`;
        if (branch === undefined) {
            return this.#http.read<CheckpointAnswer>(path);
        }

        const found = await this.#readByDifference(`${session}\n${branch}`, path, {});
        return found?.branch === branch ? found : undefined;
    }

    /** The ancestors of a checkpoint that are there, without their states, the nearest first. */
    ancestors(session: string, id: string): AsyncGenerator<CheckpointAnswer> {
        return this.#http.pages<CheckpointAnswer>(`${sessionPath(session)}/checkpoints/${id}/ancestors`, { limit: 100 });
    }

    /** The newest checkpoint of a branch with its state, which may not be the one with the greatest id. */
    async newest(place: Place): Promise<CheckpointAnswer | undefined> {
        const found = await this.#readByDifference(place.key, `${sessionPath(place.session)}/checkpoints/latest`, { branch: place.branch });
        if (found?.state !== undefined) {
            // The next one follows it as a rule. Its bytes are those that were sent, unless another tool wrote it.
            const text = JSON.stringify(found.state);
            if (sha256(text) === found.checksum) {
                this.#states.keep(place.key, found.id, text);
            }
        }

        return found;
    }

    /** What is known of the head of a branch, read now. */
    async head(place: Place): Promise<Head> {
        for await (const summary of this.summaries(place.session, { branch: place.branch, limit: 1 })) {
            return { sequence: summary.sequence, top: topOf(summary.id, summary.tags) };
        }

        return { sequence: 0, top: undefined };
    }

    /** The pending writes of a checkpoint, by its id or as the newest one of the branch; undefined if that is not there. */
    async writes(place: Place, checkpoint: string): Promise<WritesOf | undefined> {
        const path = `${sessionPath(place.session)}/checkpoints/${checkpoint}/writes`;
        const branch = checkpoint === "latest" ? place.branch : undefined;
        let page = await this.#http.read<WritePage>(path, { branch, limit: RecordsOfRequest });
        if (page === undefined) {
            return undefined;
        }

        const { id } = page.checkpoint;
        const items = [...page.items];
        while (page.next !== null) {
            const following: WritePage | undefined = await this.#http.read<WritePage>(
                `${sessionPath(place.session)}/checkpoints/${id}/writes`, { limit: RecordsOfRequest, cursor: page.next });
            if (following === undefined) {
                return undefined;
            }

            items.push(...following.items);
            page = following;
        }

        return { checkpoint: id, items };
    }

    /** Puts pending writes under a checkpoint: all of a request or none, and in several requests only if there are too many for one. */
    async putWrites(session: string, id: string, writes: readonly NewWrite[], epoch: number | undefined): Promise<void> {
        for (const part of parts(writes)) {
            await this.#http.send({
                method: "POST",
                path: `${sessionPath(session)}/checkpoints/${id}/writes`,
                body: { writes: part },
                epoch,
                // Where the first one stays, a repeat finds its own, unless a claim was taken over meanwhile. Of what takes the place of others the
                // silo has to remember that it did.
                needsNoKey: epoch === undefined && part.every((write) => write.mode === "first"),
            });
        }
    }

    /** Checkpoints by falling sequence, with their states or without. */
    summaries(session: string, conditions: { branch?: string; limit?: number; include?: "state" }): AsyncGenerator<CheckpointAnswer> {
        return this.#http.pages<CheckpointAnswer>(`${sessionPath(session)}/checkpoints`, { limit: PageOfSummaries, ...conditions });
    }

    /** The branches that have checkpoints. */
    async branches(session: string): Promise<BranchAnswer[]> {
        const found = await this.#http.read<{ items: BranchAnswer[] }>(`${sessionPath(session)}/branches`);
        return (found?.items ?? []).filter((branch) => branch.count > 0);
    }

    /** The names of the sessions that begin with a prefix, in their order. */
    async* sessions(prefix: string): AsyncGenerator<string> {
        for await (const { session } of this.#http.pages<{ session: string }>("/v1/sessions", { prefix, limit: PageOfSummaries })) {
            yield session;
        }
    }

    /** The checkpoints with a tag in the sessions that begin with a prefix, the newest first. */
    tagged(tag: string, prefix: string): AsyncGenerator<{ session: string; checkpoint: CheckpointAnswer }> {
        return this.#http.pages("/v1/checkpoints", { tag, session: prefix, limit: PageOfSummaries });
    }

    async deleteCheckpoint(session: string, id: string, epoch: number | undefined): Promise<void> {
        await this.#http.send({ method: "DELETE", path: `${sessionPath(session)}/checkpoints/${id}`, epoch });
    }

    /** Removes all but the newest of each branch, its tips, and what these require. */
    async compact(session: string, epoch: number | undefined): Promise<void> {
        await this.#http.send({ method: "POST", path: `${sessionPath(session)}/compact`, body: { keepRecent: 1 }, epoch });
    }

    async deleteSession(session: string, epoch: number | undefined): Promise<void> {
        await this.#http.send({ method: "DELETE", path: sessionPath(session), epoch });
    }

    async revive(session: string): Promise<void> {
        await this.#http.send({ method: "POST", path: `${sessionPath(session)}/revive` });
    }

    async copy(from: string, to: string, epoch: number | undefined): Promise<void> {
        await this.#http.pipe(`${sessionPath(from)}/export`, `${sessionPath(to)}/import`, "application/x-ndjson", epoch);
    }

    async claim(session: string, body: { owner: string; lease?: string; ifFree?: boolean }): Promise<ClaimAnswer> {
        return (await this.#http.send<ClaimAnswer>({ method: "POST", path: `${sessionPath(session)}/claim`, body })).body;
    }

    async renewClaim(session: string, lease: string, epoch: number): Promise<void> {
        await this.#http.send({ method: "PUT", path: `${sessionPath(session)}/claim`, body: { lease }, epoch });
    }

    async releaseClaim(session: string, epoch: number): Promise<void> {
        await this.#http.send({ method: "DELETE", path: `${sessionPath(session)}/claim`, epoch });
    }

    async claimOf(session: string): Promise<ClaimAnswer> {
        return (await this.#http.send<ClaimAnswer>({ method: "GET", path: `${sessionPath(session)}/claim` })).body;
    }

    async #createByDifference(
        place: Place, rest: Omit<NewCheckpoint, "state">, difference: StateDifference, epoch: number | undefined,
    ): Promise<Created | undefined> {
        try {
            return await this.#create(place, JSON.stringify({ ...rest, contentType: "application/json", difference }), epoch);
        } catch (error) {
            if (this.#states.refuses(place.key, difference.base, error)) {
                return undefined;
            }

            throw error;
        }
    }

    async #create(place: Place, text: string, epoch: number | undefined): Promise<Created> {
        const answer = await this.#http.send<CheckpointAnswer>({
            method: "POST", path: `${sessionPath(place.session)}/checkpoints`, text, epoch, needsNoKey: true,
        });
        return { sequence: answer.body.sequence, repeated: answer.status === 200 };
    }

    async #readByDifference(
        branch: string, path: string, query: Record<string, string | number | undefined>,
    ): Promise<CheckpointAnswer | undefined> {
        const have = this.#states.newest(branch);
        if (have === undefined) {
            return this.#http.read<CheckpointAnswer>(path, query);
        }

        try {
            const found = await this.#http.read<CheckpointAnswer>(path, { ...query, have });
            if (found?.difference === undefined) {
                return found;
            }

            const text = this.#states.assemble(branch, found.difference);
            if (text !== undefined) {
                return { ...found, state: JSON.parse(text) as CheckpointDocument };
            }

            this.#states.forget(branch, have);
        } catch (error) {
            if (!this.#states.refuses(branch, have, error)) {
                throw error;
            }
        }

        return this.#http.read<CheckpointAnswer>(path, query);
    }
}

export interface ClaimAnswer {
    readonly epoch: number;
    readonly owner: string | null;
    readonly until: string | null;
}

function* parts(writes: readonly NewWrite[]): Generator<NewWrite[]> {
    let part: NewWrite[] = [];
    let bytes = 0;
    for (const write of writes) {
        const size = Buffer.byteLength(JSON.stringify(write.value));
        if (part.length > 0 && (part.length >= RecordsOfRequest || bytes + size > BytesOfRequest)) {
            yield part;
            [part, bytes] = [[], 0];
        }

        part.push(write);
        bytes += size;
    }

    if (part.length > 0) {
        yield part;
    }
}
