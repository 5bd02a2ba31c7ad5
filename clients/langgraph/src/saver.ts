import {
    BaseCheckpointSaver, getCheckpointId, type ChannelVersions, type Checkpoint, type CheckpointListOptions, type CheckpointMetadata,
    type CheckpointTuple, type DeltaChannelHistory, type PendingWrite, type SerializerProtocol,
} from "@langchain/langgraph-checkpoint";
import { invalid, isNotThere } from "../../http/src/errors.js";
import { type ForgeConnection, ForgeHttp } from "../../http/src/http.js";
import { isUuid } from "../../http/src/texts.js";
import { Arrivals } from "./arrivals.js";
import type { RunnableConfig } from "./config.js";
import { Documents, merged, type NewWrite } from "./documents.js";
import { errorOf } from "./errors.js";
import { Names, type Place } from "./names.js";
import { Putting } from "./putting.js";
import { Reading } from "./reading.js";
import { States } from "./states.js";
import { Store } from "./store.js";
import { type RunsDeleted, Upkeep } from "./upkeep.js";

/** What a saver needs to know. */
export interface ForgeSaverOptions extends ForgeConnection {
    /**
     * What the names of the sessions begin with that hold threads; `langgraph:` if nothing is said. Savers with prefixes of which none
     * begins with another one see nothing of each other's threads.
     */
    readonly prefix?: string;
    /** How values are written; LangGraph's own JSON if nothing is said. */
    readonly serde?: SerializerProtocol;
    /**
     * How many bytes it keeps of the states that it sent and read, to send and read the next ones as the difference; 64 MiB if nothing is
     * said, 0 to send and read all of them whole.
     */
    readonly baseBytes?: number;
    /**
     * How many bytes it keeps at most of writes whose checkpoint is not there yet; 64 MiB if nothing is said. Beyond that such writes are
     * refused with `waiting_full`.
     */
    readonly waitingBytes?: number;
}

/** How a thread is claimed. */
export interface WriteOwnershipOptions {
    /** Who claims it, for people: 1 to 200 characters; `langgraph` if nothing is said. */
    readonly owner?: string;
    /** How long it is the owner's where others claim it with `ifFree`, as `PT5M`; until it is released if nothing is said. */
    readonly lease?: string;
    /** True to claim it only if nobody has it, or the lease of who has it ran out. */
    readonly ifFree?: boolean;
}

/** The writes of one task. */
export interface TaskWrites {
    readonly taskId: string;
    readonly writes: readonly PendingWrite[];
    readonly taskPath?: string;
}

/** What a saver shares with those that own threads. */
interface Shared {
    readonly http: ForgeHttp;
    readonly names: Names;
    readonly arrivals: Arrivals;
    readonly states: States;
    readonly epochs: ReadonlyMap<string, number>;
}

/**
 * Keeps the threads of LangGraph in Forge, over HTTP: a thread is a session, a namespace is a branch of it, and the ids of checkpoints
 * are LangGraph's own. An instance may be used for any number of graphs and threads at once.
 */
export class ForgeSaver extends BaseCheckpointSaver {
    readonly #shared: Shared;
    readonly #store: Store;
    readonly #documents: Documents;
    readonly #putting: Putting;
    readonly #reading: Reading;
    readonly #upkeep: Upkeep;

    constructor(options: ForgeSaverOptions);
    /** @internal */
    constructor(options: { readonly serde?: SerializerProtocol }, shared: Shared);
    constructor(options: ForgeSaverOptions | { readonly serde?: SerializerProtocol }, shared?: Shared) {
        super(options.serde);
        this.#shared = shared ?? share(options as ForgeSaverOptions);
        const { http, names, states } = this.#shared;
        this.#store = new Store(http, states);
        this.#documents = new Documents(this);
        this.#putting = new Putting(this.#store, this.#documents, this.#shared.arrivals);
        this.#reading = new Reading(
            this.#store, this.#documents, names, this.#shared.arrivals, () => this.getNextVersion(undefined),
            (place, head) => this.#putting.noteHead(place, head));
        this.#upkeep = new Upkeep(this.#store, names, (session) => this.#shared.epochs.get(session));
    }

    override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
        const thread = textOf(config, "thread_id");
        if (thread === undefined || thread === "") {
            return undefined;
        }

        const place = this.#shared.names.place(thread, textOf(config, "checkpoint_ns") ?? "");
        const id = getCheckpointId(config);
        return id === "" ? this.#reading.greatest(place) : isUuid(id) ? this.#reading.byId(place, id) : undefined;
    }

    /**
     * Checkpoints by falling ids. Without a thread those of all threads, thread by thread in the order of their names. A filter compares
     * with the metadata as a whole; a key that they do not have matches nothing.
     */
    override async* list(config: RunnableConfig, options: CheckpointListOptions = {}): AsyncGenerator<CheckpointTuple> {
        const id = getCheckpointId(config);
        if (id !== "" && !isUuid(id)) {
            return;
        }

        yield* this.#reading.list({
            thread: textOf(config, "thread_id") || undefined,
            namespace: textOf(config, "checkpoint_ns"),
            id: id || undefined,
            options,
        });
    }

    override async put(
        config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, newVersions: ChannelVersions,
    ): Promise<RunnableConfig> {
        return this.#put(config, checkpoint, metadata, newVersions, Promise.resolve([]));
    }

    /**
     * Puts a checkpoint, and writes under the one that it follows, in one step: all of it is there, or nothing. The config must name the
     * checkpoint that it follows, and that must be there.
     */
    async putWithWrites(
        config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, newVersions: ChannelVersions,
        writes: readonly TaskWrites[],
    ): Promise<RunnableConfig> {
        if (getCheckpointId(config) === "" && writes.length > 0) {
            throw invalid("checkpoint_id", "must be given: the writes are put under it");
        }

        const made = Promise.all(writes.map((task) => this.#documents.writes(task.writes, task.taskId, task.taskPath ?? "")));
        return this.#put(config, checkpoint, metadata, newVersions, made.then(merged));
    }

    /**
     * Puts the writes of one task under a checkpoint: all of them or none, if they are at most 1,000. One that is there under the same
     * task and index stays; those of special channels, as errors and interrupts, take the place of the ones before. Writes of a checkpoint
     * that is not there yet are kept until this saver puts it. If it has put or read the checkpoint before, that is gone, and they are
     * refused with `checkpoint_not_found`.
     */
    override async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string, taskPath = ""): Promise<void> {
        const place = this.#place(config);
        const id = getCheckpointId(config);
        if (!isUuid(id)) {
            throw invalid("checkpoint_id", "must be given: a UUID in lower case");
        }

        const made = await this.#documents.writes(writes, taskId, taskPath);
        if (made.length === 0) {
            return;
        }

        const { arrivals, epochs } = this.#shared;
        const key = `${place.key}\n${id}`;
        const put = () => this.#store.putWrites(place.session, id, made, epochs.get(place.session));
        await arrivals.settled(key);
        const wasKnown = arrivals.isKnown(key);
        try {
            await put();
            arrivals.arrived(key);
        } catch (error) {
            if (wasKnown || !isNotThere(error)) {
                throw error;
            }

            // It may have come while this was under way.
            await arrivals.settled(key);
            if (arrivals.isKnown(key)) {
                await put();
            } else {
                arrivals.keep(key, made, error);
            }
        }
    }

    /**
     * Deletes a thread with all its namespaces and writes, in one instant. What comes late is refused with `ThreadDeletedError` and does
     * not bring it back; only `reviveThread` lets its id be used again.
     */
    override async deleteThread(threadId: string): Promise<void> {
        const session = this.#shared.names.session(required("threadId", threadId));
        await this.#upkeep.deleteThread(session);
        this.#forget(session);
    }

    /** Lets the id of a deleted thread be used again, for an empty thread. */
    async reviveThread(threadId: string): Promise<void> {
        const session = this.#shared.names.session(required("threadId", threadId));
        await this.#store.revive(session);
        this.#forget(session);
    }

    override async getDeltaChannelHistory(options: { config: RunnableConfig; channels: string[] }): Promise<Record<string, DeltaChannelHistory>> {
        const id = getCheckpointId(options.config);
        return options.channels.length === 0 ? {} : this.#reading.history(this.#place(options.config), id || undefined, options.channels);
    }

    /**
     * Makes the caller the only writer of a thread, and takes it from whoever was before.
     * @returns A saver whose changes to the thread are made under this claim. Once somebody else claims the thread they are refused with
     * `StaleWriteOwnerError`, whose `is_stale_write_owner_error` is true, and so are those of savers that claimed nothing.
     */
    async claimWriteOwnership(threadId: string, options: WriteOwnershipOptions = {}): Promise<ForgeSaver> {
        const session = this.#shared.names.session(required("threadId", threadId));
        const { owner = "langgraph", ...rest } = options;
        const { epoch } = await this.#store.claim(session, { owner, ...rest });
        return new ForgeSaver({ serde: this.serde }, { ...this.#shared, epochs: new Map(this.#shared.epochs).set(session, epoch) });
    }

    /** Tells whether this saver owns a thread still, without writing to it: throws `StaleWriteOwnerError` if it does not. */
    async checkWriteOwnership(threadId: string): Promise<void> {
        const { session, epoch } = this.#owned(threadId);
        const claim = await this.#store.claimOf(session);
        if (claim.epoch !== epoch || claim.owner === null) {
            throw errorOf({
                ...claim, code: "superseded", status: 409, detail: `The thread ${threadId} is owned by another claim than this saver's.`,
            });
        }
    }

    /** Lets the lease of the claim begin anew. */
    async renewWriteOwnership(threadId: string, lease: string): Promise<void> {
        const { session, epoch } = this.#owned(threadId);
        await this.#store.renewClaim(session, lease, epoch);
    }

    /** Gives a thread free that this saver owns. This saver cannot write to it afterwards; others can. */
    async releaseWriteOwnership(threadId: string): Promise<void> {
        const { session, epoch } = this.#owned(threadId);
        await this.#store.releaseClaim(session, epoch);
    }

    /**
     * Removes what is old in threads: with `keep_latest` all but the greatest checkpoint of each namespace and what that requires to be
     * read; with `delete` the threads, as `deleteThread` does.
     */
    async prune(threadIds: readonly string[], options: { readonly strategy?: "keep_latest" | "delete" } = {}): Promise<void> {
        const strategy = options.strategy ?? "keep_latest";
        if (strategy !== "keep_latest" && strategy !== "delete") {
            throw invalid("strategy", "must be keep_latest or delete");
        }

        for (const threadId of threadIds) {
            if (strategy === "delete") {
                await this.deleteThread(threadId);
            } else {
                const session = this.#shared.names.session(required("threadIds", threadId));
                await this.#upkeep.keepLatest(session);

                // What is known of its checkpoints stays, so that writes of one that went are not taken for such as came early.
                this.#putting.forget(`${session}\n`);
            }
        }
    }

    /** Copies a thread with all its namespaces and writes, as of one instant; ids stay. The copy is there as a whole, or not at all. */
    async copyThread(sourceThreadId: string, targetThreadId: string): Promise<void> {
        await this.#upkeep.copyThread(required("sourceThreadId", sourceThreadId), required("targetThreadId", targetThreadId));
        this.#putting.forget(`${this.#shared.names.session(targetThreadId)}\n`);
    }

    /** Removes the checkpoints whose metadata have one of the runs as `run_id`, in all threads, each by itself. */
    async deleteForRuns(runIds: readonly string[]): Promise<RunsDeleted> {
        return this.#upkeep.deleteForRuns(runIds);
    }

    async #put(
        config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, newVersions: ChannelVersions | undefined,
        writes: Promise<readonly NewWrite[]>,
    ): Promise<RunnableConfig> {
        // Should anything below be refused, nobody sees whether these can be written out.
        writes.catch(() => {});
        const place = this.#place(config);
        const parent = getCheckpointId(config) || undefined;
        if (!isUuid(checkpoint.id)) {
            throw invalid("checkpoint.id", "must be a UUID in lower case");
        }

        if (parent !== undefined && !isUuid(parent)) {
            throw invalid("checkpoint_id", "must be a UUID in lower case");
        }

        await this.#putting.put({
            place, checkpoint, metadata, newVersions, parent, writes, epoch: this.#shared.epochs.get(place.session),
        });
        return { configurable: { thread_id: place.thread, checkpoint_ns: place.namespace, checkpoint_id: checkpoint.id } };
    }

    #place(config: RunnableConfig): Place {
        const thread = required("thread_id", textOf(config, "thread_id"));
        return this.#shared.names.place(thread, textOf(config, "checkpoint_ns") ?? "");
    }

    #owned(threadId: string): { session: string; epoch: number } {
        const session = this.#shared.names.session(required("threadId", threadId));
        const epoch = this.#shared.epochs.get(session);
        if (epoch === undefined) {
            throw invalid("threadId", "must be a thread that this saver has claimed");
        }

        return { session, epoch };
    }

    #forget(session: string): void {
        this.#putting.forget(`${session}\n`);
        this.#shared.arrivals.forget(`${session}\n`);
    }
}

function share(options: ForgeSaverOptions): Shared {
    const { prefix = "langgraph:", baseBytes = 64 * 1024 * 1024, waitingBytes = 64 * 1024 * 1024 } = options;
    for (const [field, bytes] of Object.entries({ baseBytes, waitingBytes })) {
        if (!Number.isSafeInteger(bytes) || bytes < 0) {
            throw invalid(field, "must be a whole number, not below 0");
        }
    }

    return {
        http: new ForgeHttp(options, errorOf),
        names: new Names(prefix),
        arrivals: new Arrivals(waitingBytes),
        states: new States(baseBytes),
        epochs: new Map(),
    };
}

function required(field: string, value: string | undefined): string {
    if (typeof value !== "string" || value === "") {
        throw invalid(field, "must be given: a text that is not empty");
    }

    return value;
}

function textOf(config: RunnableConfig, name: string): string | undefined {
    const value: unknown = config.configurable?.[name];
    if (value !== undefined && value !== null && typeof value !== "string") {
        throw invalid(name, "must be a text");
    }

    return value ?? undefined;
}
