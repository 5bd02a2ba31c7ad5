import type {
    Checkpoint, CheckpointListOptions, CheckpointPendingWrite, CheckpointTuple, DeltaChannelHistory,
} from "@langchain/langgraph-checkpoint";
import { maxChannelVersion, TASKS } from "@langchain/langgraph-checkpoint";
import { mapAhead, merge, take, where } from "../../http/src/ahead.js";
import { ForgeError } from "../../http/src/errors.js";
import type { Arrivals } from "./arrivals.js";
import { type CheckpointAnswer, documentOf, type Documents, isForeign, type Loaded } from "./documents.js";
import type { Head } from "./heads.js";
import { byFallingId, matches, mayMatch } from "./listing.js";
import { branchOf, isOfNamespace, type Names, namespaceOf, type Place, topOf } from "./names.js";
import type { Store, WritesOf } from "./store.js";

// How many reads of one list are under way at once.
const Ahead = 8;
const FewOfPage = 20;
const SummariesOfPage = 100;

// Each time the latest checkpoint was there and went before its writes were read.
const Attempts = 10;

/** A checkpoint that was found. */
interface Found {
    readonly session: string;
    readonly answer: CheckpointAnswer;
}

/** What is looked for; what is undefined is not asked for. */
export interface Search {
    readonly thread: string | undefined;
    readonly namespace: string | undefined;
    readonly id: string | undefined;
    readonly options: CheckpointListOptions;
}

/** Reads checkpoints. */
export class Reading {
    readonly #store: Store;
    readonly #documents: Documents;
    readonly #names: Names;
    readonly #arrivals: Arrivals;
    readonly #firstVersion: () => number | string;
    readonly #noteHead: (place: Place, head: Head) => void;

    constructor(
        store: Store, documents: Documents, names: Names, arrivals: Arrivals, firstVersion: () => number | string,
        noteHead: (place: Place, head: Head) => void,
    ) {
        this.#store = store;
        this.#documents = documents;
        this.#names = names;
        this.#arrivals = arrivals;
        this.#firstVersion = firstVersion;
        this.#noteHead = noteHead;
    }

    /** A checkpoint by its id; undefined if it is not there. */
    async byId(place: Place, id: string): Promise<CheckpointTuple | undefined> {
        const [answer, writes] = await Promise.all([
            this.#store.checkpoint(place.session, id, place.branch), this.#store.writes(place, id)]);
        return answer === undefined || writes === undefined ? undefined : this.#tuple(place, answer, writes);
    }

    /** The checkpoint with the greatest id of a namespace; undefined if it has none. */
    async greatest(place: Place): Promise<CheckpointTuple | undefined> {
        for (let attempt = 1; attempt <= Attempts; attempt++) {
            const [newest, writes] = await Promise.all([this.#store.newest(place), this.#store.writes(place, "latest")]);
            if (newest === undefined) {
                this.#noteHead(place, { sequence: 0, top: undefined });
                return undefined;
            }

            // One that goes between two reads is no reason to say that there is none: there may be others.
            const found = await this.#greatestBy(place, newest, writes);
            if (found !== undefined) {
                return found;
            }
        }

        throw new ForgeError({
            code: "latest_moving", status: 0, detail: `The latest checkpoint of ${place.thread} was deleted ${Attempts} times while it was read.`,
        });
    }

    /** Checkpoints by falling ids; those of several threads thread by thread. */
    async* list(search: Search): AsyncGenerator<CheckpointTuple> {
        const { filter, limit } = search.options;
        const isOfAllThreads = search.thread === undefined;
        const isFiltered = filter !== undefined && Object.keys(filter).length > 0;
        let found: AsyncIterable<Found> = this.#find(search);

        // Where nothing is passed over, no state is read beyond the limit.
        if (limit !== undefined && !isOfAllThreads && !isFiltered) {
            found = take(found, limit);
        }

        found = this.#withStates(found);

        // Of a thread that was named it is an error. What another tool has under the prefix is not in the way of all threads.
        if (isOfAllThreads) {
            found = where(found, ({ answer }) => !isForeign(answer));
        }

        if (isFiltered) {
            found = where(found, async ({ answer }) => matches(await this.#documents.readMetadata(answer), filter));
        }

        found = limit === undefined ? found : take(found, limit);
        for await (const tuple of mapAhead(found, Math.min(Ahead, limit ?? Ahead), (one) => this.#tupleOf(one, search))) {
            if (tuple !== undefined) {
                yield tuple;
            }
        }
    }

    /**
     * What was written to channels along the ancestors of a checkpoint, and the value that each began with, as LangGraph wants it to
     * make the values of channels that are kept as what was written.
     */
    async history(place: Place, id: string | undefined, channels: readonly string[]): Promise<Record<string, DeltaChannelHistory>> {
        const writes = new Map(channels.map((channel) => [channel, [] as CheckpointPendingWrite[][]]));
        const seeds = new Map<string, unknown>();
        const open = new Set(channels);
        const target = id === undefined
            ? (await this.greatest(place))?.config.configurable?.["checkpoint_id"] as string | undefined
            : id;
        const answer = target === undefined ? undefined : await this.#store.checkpoint(place.session, target, place.branch);
        let wanted = answer === undefined ? undefined : documentOf(answer).parent;
        const chain = answer === undefined ? [] : mapAhead(
            this.#store.ancestors(place.session, answer.id), Ahead, (summary) => this.#read(place, summary.id));
        for await (const ancestor of chain) {
            // One that is missing ends the way: what comes behind it is not all that was written.
            if (open.size === 0 || ancestor === undefined || ancestor.id !== wanted) {
                break;
            }

            for (const channel of open) {
                // From the nearest to the farthest, to be turned round as a whole; those of one checkpoint stay in their order.
                writes.get(channel)!.push(ancestor.writes.filter((write) => write[1] === channel));
                if (ancestor.loaded.checkpoint.channel_values[channel] !== undefined) {
                    seeds.set(channel, ancestor.loaded.checkpoint.channel_values[channel]);
                    open.delete(channel);
                }
            }

            wanted = ancestor.loaded.parent;
        }

        return Object.fromEntries(channels.map((channel) => [channel, {
            writes: writes.get(channel)!.reverse().flat(),
            ...(seeds.has(channel) ? { seed: seeds.get(channel) } : {}),
        }]));
    }

    async #read(place: Place, id: string): Promise<{ id: string; loaded: Loaded; writes: CheckpointPendingWrite[] } | undefined> {
        const [answer, writes] = await Promise.all([
            this.#store.checkpoint(place.session, id, place.branch), this.#store.writes(place, id)]);
        return answer === undefined || writes === undefined
            ? undefined
            : { id, loaded: await this.#documents.read(answer), writes: await this.#documents.readWrites(writes.items) };
    }

    async #greatestBy(place: Place, newest: CheckpointAnswer, writes: WritesOf | undefined): Promise<CheckpointTuple | undefined> {
        const top = topOf(newest.id, newest.tags);
        this.#noteHead(place, { sequence: newest.sequence, top });
        if (top === newest.id) {
            return this.#tuple(place, newest, writes);
        }

        // The greatest may have been deleted since, and then the greatest of those that are left is nowhere noted.
        return await this.byId(place, top) ?? await this.#search(place);
    }

    /** Looks all over a namespace for its greatest checkpoint. */
    async #search(place: Place): Promise<CheckpointTuple | undefined> {
        let greatest: string | undefined;
        for await (const { id } of this.#store.summaries(place.session, { branch: place.branch })) {
            greatest = greatest === undefined || id > greatest ? id : greatest;
        }

        return greatest === undefined ? undefined : this.byId(place, greatest);
    }

    async* #find(search: Search): AsyncGenerator<Found> {
        const sessions = search.thread === undefined
            ? this.#store.sessions(this.#names.prefix)
            : [this.#names.session(search.thread)];
        for await (const session of sessions) {
            if (search.id !== undefined) {
                const answer = await this.#store.checkpoint(
                    session, search.id, search.namespace === undefined ? undefined : branchOf(search.namespace));
                if (answer !== undefined && isOfNamespace(answer.branch) && isWanted(answer, search)) {
                    yield { session, answer };
                }

                continue;
            }

            for await (const answer of this.#ofSession(session, search)) {
                yield { session, answer };
            }
        }
    }

    async* #ofSession(session: string, search: Search): AsyncGenerator<CheckpointAnswer> {
        const { before, filter, limit } = search.options;
        const branches = search.namespace === undefined
            ? (await this.#store.branches(session)).map(({ branch }) => branch).filter(isOfNamespace)
            : [branchOf(search.namespace)];

        // States come with the list, unless it passes over much that is not wanted, or reads a page of each of many namespaces.
        const isSparse = branches.length > 1 || before !== undefined || (filter !== undefined && ("source" in filter || "step" in filter));
        const page = isSparse
            ? { limit: branches.length > 1 ? FewOfPage : SummariesOfPage }
            : { limit: filter === undefined ? Math.max(1, Math.min(limit ?? FewOfPage, FewOfPage)) : FewOfPage, include: "state" as const };
        const sources = branches.map((branch) => byFallingId(this.#store.summaries(session, { branch, ...page })));
        for await (const answer of sources.length === 1 ? sources[0]! : merge(sources, (left, right) => left.id > right.id)) {
            if (isWanted(answer, search)) {
                yield answer;
            }
        }
    }

    async* #withStates(found: AsyncIterable<Found>): AsyncGenerator<Found> {
        const read = mapAhead(found, Ahead, async (one): Promise<Found | undefined> => {
            if (one.answer.state !== undefined || one.answer.damage !== undefined) {
                return one;
            }

            const answer = await this.#store.checkpoint(one.session, one.answer.id);
            return answer === undefined ? undefined : { session: one.session, answer };
        });
        for await (const one of read) {
            // One that was deleted since the list was read is not in it.
            if (one !== undefined) {
                yield one;
            }
        }
    }

    async #tupleOf({ session, answer }: Found, search: Search): Promise<CheckpointTuple | undefined> {
        const thread = search.thread ?? this.#names.thread(session) ?? documentOf(answer).thread;
        const namespace = search.namespace ?? namespaceOf(answer.branch) ?? documentOf(answer).namespace;
        if (thread === undefined || namespace === undefined) {
            return undefined;
        }

        const place = this.#names.place(thread, namespace);
        const writes = await this.#store.writes(place, answer.id);
        return writes === undefined ? undefined : this.#tuple(place, answer, writes);
    }

    async #tuple(place: Place, answer: CheckpointAnswer, writes: WritesOf | undefined): Promise<CheckpointTuple | undefined> {
        // Those of the newest checkpoint, read beside it, may be of one that came in between.
        const own = writes?.checkpoint === answer.id ? writes : await this.#store.writes(place, answer.id);
        if (own === undefined) {
            return undefined;
        }

        this.#arrivals.arrived(`${place.key}\n${answer.id}`);
        const [{ checkpoint, metadata, parent }, pendingWrites] = await Promise.all([
            this.#documents.read(answer), this.#documents.readWrites(own.items)]);
        if (checkpoint.v < 4 && parent !== undefined) {
            await this.#moveSends(place, checkpoint, parent);
        }

        return {
            config: configOf(place, answer.id),
            checkpoint,
            metadata,
            pendingWrites,
            ...(parent === undefined ? {} : { parentConfig: configOf(place, parent) }),
        };
    }

    /** Checkpoints of before version 4 have their pending sends among the writes of their parents; now they are a channel. */
    async #moveSends(place: Place, checkpoint: Checkpoint, parent: string): Promise<void> {
        const writes = await this.#store.writes(place, parent);
        const sends = await this.#documents.readWrites(writes?.items ?? []);
        const versions = Object.values(checkpoint.channel_versions);
        checkpoint.channel_values[TASKS] = sends.filter(([, channel]) => channel === TASKS).map(([, , value]) => value);
        checkpoint.channel_versions[TASKS] = versions.length > 0 ? maxChannelVersion(...versions) : this.#firstVersion();
    }
}

function isWanted(answer: CheckpointAnswer, { options: { before, filter } }: Search): boolean {
    const bound: unknown = before?.configurable?.["checkpoint_id"];
    return (typeof bound !== "string" || bound === "" || answer.id < bound) && (filter === undefined || mayMatch(answer.message, filter));
}

function configOf(place: Place, id: string): { configurable: Record<string, string> } {
    return { configurable: { thread_id: place.thread, checkpoint_ns: place.namespace, checkpoint_id: id } };
}
