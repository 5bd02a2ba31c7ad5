import type { ChannelVersions, Checkpoint, CheckpointMetadata } from "@langchain/langgraph-checkpoint";
import { ForgeError } from "../../http/src/errors.js";
import { Recent } from "../../http/src/memory.js";
import { Turns } from "../../http/src/turns.js";
import type { Arrivals } from "./arrivals.js";
import type { Documents, NewWrite } from "./documents.js";
import type { Head } from "./heads.js";
import { messageOf } from "./listing.js";
import { type Place, runTag, topTag } from "./names.js";
import type { NewCheckpoint, Store } from "./store.js";

const KnownHeads = 10_000;

// Others that write to the same namespace at the same moment are met again and again only if they never stop.
const Attempts = 50;

/** A checkpoint to put. */
export interface Put {
    readonly place: Place;
    readonly checkpoint: Checkpoint;
    readonly metadata: CheckpointMetadata;
    readonly newVersions: ChannelVersions | undefined;
    readonly parent: string | undefined;
    readonly epoch: number | undefined;
    /** Writes to put under the parent in the same step, as they are being written out. */
    readonly writes: Promise<readonly NewWrite[]>;
}

/** Puts checkpoints. */
export class Putting {
    readonly #store: Store;
    readonly #documents: Documents;
    readonly #arrivals: Arrivals;
    readonly #heads = new Recent<Head>(KnownHeads);
    readonly #turns = new Turns();

    constructor(store: Store, documents: Documents, arrivals: Arrivals) {
        this.#store = store;
        this.#documents = documents;
        this.#arrivals = arrivals;
    }

    /** Notes the head of a branch as it was read. A put that goes by an older one is refused and goes by the present one then. */
    noteHead(place: Place, head: Head): void {
        this.#heads.set(place.key, head);
    }

    /** Forgets a thread. */
    forget(prefix: string): void {
        this.#heads.deleteWith(prefix);
    }

    /**
     * Puts a checkpoint, and then the writes that came before it. If these fail the checkpoint is there nevertheless, and a put of the
     * same one sends them again.
     */
    put(put: Put): Promise<void> {
        const key = `${put.place.key}\n${put.checkpoint.id}`;

        // Written out now and not when its turn comes: the graph goes on meanwhile, and may change what the values hold.
        const whole = isWhole(put) ? this.#documents.write(put.place, put.checkpoint, put.metadata, put.parent) : undefined;
        whole?.catch(() => {});
        return this.#arrivals.during(key, this.#turns.run(put.place.key, async () => {
            await this.#create(put, await whole, await put.writes);
            this.#arrivals.arrived(key);
            await this.#arrivals.deliver(
                key, (early) => this.#store.putWrites(put.place.session, put.checkpoint.id, early, put.epoch));
        }));
    }

    async #create(put: Put, whole: string | undefined, writes: readonly NewWrite[]): Promise<void> {
        const { place, metadata } = put;
        const checkpoint = whole === undefined ? await this.#withStoredValues(put) : put.checkpoint;
        const state = whole ?? await this.#documents.write(place, checkpoint, metadata, put.parent);
        const run = (metadata as { run_id?: unknown }).run_id;
        let parent = put.parent ?? "none";
        for (let attempt = 1; ; attempt++) {
            const head = await this.#head(place);
            const top = head.top !== undefined && head.top > checkpoint.id ? head.top : checkpoint.id;
            const create: NewCheckpoint = {
                id: checkpoint.id,
                branch: place.branch,
                parent,
                // The greatest id of the namespace is told from one head to the next, and so must be of the very one that is followed.
                expectedHead: head.sequence,
                message: messageOf(metadata),
                tags: [...(top === checkpoint.id ? [] : [topTag(top)]), ...(typeof run === "string" ? [runTag(run)] : [])],
                state,
                ...(put.parent !== undefined && needsParent(checkpoint, metadata) ? { requires: [put.parent] } : {}),
                ...(writes.length > 0 ? { writes, writesUnder: put.parent } : {}),
            };
            try {
                const { sequence, repeated } = await this.#store.create(place, create, put.epoch);
                if (repeated) {
                    this.#heads.delete(place.key);
                } else {
                    this.#heads.set(place.key, { sequence, top });
                }

                return;
            } catch (error) {
                this.#heads.delete(place.key);
                if (!(error instanceof ForgeError)) {
                    throw error;
                }

                if (error.code === "head_mismatch" && attempt < Attempts) {
                    continue;
                }

                // LangGraph may name a parent that was deleted, or was never put. The document names it still.
                if (error.code === "checkpoint_not_found" && error.field === "parent" && writes.length === 0 && parent !== "none") {
                    parent = "none";
                    continue;
                }

                if (error.code === "request_conflict" && await this.#isThere(put, state)) {
                    // As a rule its writes are there too, and what took their place since, as in special channels, stays.
                    if (writes.length > 0) {
                        const repeated = writes.map((write): NewWrite => ({ ...write, mode: "first" }));
                        await this.#store.putWrites(place.session, put.parent!, repeated, put.epoch);
                    }

                    return;
                }

                throw error;
            }
        }
    }

    /** Whether the same checkpoint is there already, put by an earlier call that met another head. */
    async #isThere(put: Put, state: string): Promise<boolean> {
        const found = await this.#store.checkpoint(put.place.session, put.checkpoint.id, put.place.branch);
        return found?.state !== undefined && JSON.stringify(found.state) === state;
    }

    async #head(place: Place): Promise<Head> {
        let head = this.#heads.get(place.key);
        if (head === undefined) {
            head = await this.#store.head(place);
            this.#heads.set(place.key, head);
        }

        return head;
    }

    /** The checkpoint with the values that are kept, for one that brings others beside them. */
    async #withStoredValues({ checkpoint, newVersions, place }: Put): Promise<Checkpoint> {
        const values: Record<string, unknown> = { ...checkpoint.channel_values };
        const missing = new Set(Object.keys(values).filter((channel) => !Object.hasOwn(newVersions ?? {}, channel)));
        for (const channel of missing) {
            delete values[channel];
        }

        if ((await this.#head(place)).sequence > 0) {
            for await (const answer of this.#store.summaries(place.session, { branch: place.branch, include: "state", limit: 50 })) {
                const other = (await this.#documents.read(answer)).checkpoint;
                for (const channel of missing) {
                    if (other.channel_versions[channel] === checkpoint.channel_versions[channel] && Object.hasOwn(other.channel_values, channel)) {
                        values[channel] = other.channel_values[channel];
                        missing.delete(channel);
                    }
                }

                if (missing.size === 0) {
                    break;
                }
            }
        }

        return { ...checkpoint, channel_values: values };
    }
}

/**
 * True if all values of a checkpoint are kept with it: those of new versions are, and so is what the step did not change since its
 * parent, which has it under the same version. A checkpoint without a parent may bring what is kept already, or was never put.
 */
function isWhole({ checkpoint, newVersions, parent }: Put): boolean {
    return newVersions === undefined || parent !== undefined
        || Object.keys(checkpoint.channel_values).every((channel) => Object.hasOwn(newVersions, channel));
}

/**
 * True if a channel of the checkpoint is kept as the writes since a snapshot of it: the checkpoint is of no use then without its
 * parent, which is of none without its own, down to the one with the snapshot.
 */
function needsParent(checkpoint: Checkpoint, metadata: CheckpointMetadata): boolean {
    return Object.keys(metadata.counters_since_delta_snapshot ?? {}).some((channel) => !Object.hasOwn(checkpoint.channel_values, channel));
}
