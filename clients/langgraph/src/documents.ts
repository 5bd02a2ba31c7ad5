import type { Checkpoint, CheckpointMetadata, CheckpointPendingWrite, SerializerProtocol } from "@langchain/langgraph-checkpoint";
import { compareWritesSortKeys, WRITES_IDX_MAP, writesSortKey } from "@langchain/langgraph-checkpoint";
import { ForgeError } from "../../http/src/errors.js";
import { isHashed } from "../../http/src/texts.js";
import { type Place, writeText } from "./names.js";
import { isLangGraphs, isPlain, isRead } from "./plain.js";
import type { StateDifference } from "./states.js";

/** What a serializer made of a value: as JSON within the document, so that Forge compares it as such, or as bytes. */
export type Encoded = { readonly type: string; readonly json: unknown } | { readonly type: string; readonly base64: string };

/** The state of a checkpoint in Forge. */
export interface CheckpointDocument {
    readonly format: 1;
    /** The id of the checkpoint it follows, which may be gone, or may never have been there. */
    readonly parent?: string;
    /** The thread and the namespace, if the names of session and branch hold a hash in their place. */
    readonly thread?: string;
    readonly namespace?: string;
    readonly checkpoint: Encoded;
    readonly metadata: Encoded;
}

/** The value of a pending write in Forge. */
interface WriteDocument {
    readonly path?: string;
    readonly task?: string;
    readonly channel?: string;
    readonly value: Encoded;
}

/** A pending write as Forge takes it. */
export interface NewWrite {
    readonly task: string;
    readonly index: number;
    readonly name: string;
    readonly value: WriteDocument;
    readonly mode: "first" | "replace";
}

/** A pending write as Forge gives it. */
export interface WriteAnswer {
    readonly task: string;
    readonly index: number;
    readonly name: string;
    readonly value?: WriteDocument;
}

/** A checkpoint as Forge gives it. */
export interface CheckpointAnswer {
    readonly id: string;
    readonly sequence: number;
    readonly branch: string;
    readonly message: string;
    readonly tags: readonly string[];
    /** The SHA-256 of the state. */
    readonly checksum: string;
    readonly state?: CheckpointDocument;
    /** In the place of the state, if the reader said what it has. */
    readonly difference?: StateDifference;
    readonly damage?: { readonly code: string; readonly problem: string };
}

/** What a checkpoint is, read from its document. */
export interface Loaded {
    readonly checkpoint: Checkpoint;
    readonly metadata: CheckpointMetadata;
    readonly parent: string | undefined;
}

/** Turns what LangGraph gives into documents and back. */
export class Documents {
    readonly #owner: { readonly serde: SerializerProtocol };

    constructor(owner: { readonly serde: SerializerProtocol }) {
        this.#owner = owner;
    }

    /** The document of a checkpoint, as the text that is kept. */
    async write(
        place: Place, checkpoint: Checkpoint, metadata: CheckpointMetadata, parent: string | undefined,
    ): Promise<string> {
        // The values first, and what is of each checkpoint alone behind them: a state is sent and stored as its difference from the one
        // before, which is what stands between the bytes that both begin with and those that both end with.
        const { channel_values, ...rest } = checkpoint;
        const head = {
            format: 1,
            ...(isHashed(place.session) ? { thread: place.thread } : {}),
            ...(isHashed(place.branch) ? { namespace: place.namespace } : {}),
        } satisfies Partial<CheckpointDocument>;
        const tail = parent === undefined ? {} : { parent };
        const ordered = { channel_values, ...rest };

        // As one text at once, if it can be: it is long, and each copy of it costs.
        if (isLangGraphs(this.#owner.serde) && isPlain(ordered) && isPlain(metadata)) {
            return JSON.stringify({
                ...head, checkpoint: { type: "json", json: ordered }, metadata: { type: "json", json: metadata }, ...tail,
            } satisfies CheckpointDocument);
        }

        const [encodedCheckpoint, encodedMetadata] = await Promise.all([this.#encodeText(ordered), this.#encodeText(metadata)]);
        const behind = parent === undefined ? "" : `,"parent":${JSON.stringify(parent)}`;
        return `${JSON.stringify(head).slice(0, -1)},"checkpoint":${encodedCheckpoint},"metadata":${encodedMetadata}${behind}}`;
    }

    async read(answer: CheckpointAnswer): Promise<Loaded> {
        const document = documentOf(answer);
        const [checkpoint, metadata] = await Promise.all([this.#decode(document.checkpoint), this.#decode(document.metadata)]);
        return { checkpoint: checkpoint as Checkpoint, metadata: metadata as CheckpointMetadata, parent: document.parent };
    }

    async readMetadata(answer: CheckpointAnswer): Promise<CheckpointMetadata> {
        return await this.#decode(documentOf(answer).metadata) as CheckpointMetadata;
    }

    /**
     * The writes of one task. An earlier one with the same index stays, so that a task that is run again changes nothing; one of a
     * special channel, as an interrupt or an error, takes the place of the one before.
     */
    async writes(writes: readonly (readonly [string, unknown])[], taskId: string, taskPath: string): Promise<NewWrite[]> {
        // All are written out before anything is waited for: the graph goes on meanwhile, and may change what the values hold.
        const task = writeText(taskId);
        const made = writes.map(([channel, value], i) => {
            const special = Object.hasOwn(WRITES_IDX_MAP, channel) ? WRITES_IDX_MAP[channel] : undefined;
            return this.#write(channel, value, taskId, taskPath, {
                task, index: special ?? i, mode: special === undefined ? "first" : "replace",
            });
        });
        return merged([await Promise.all(made)]);
    }

    /** Pending writes in the order in which a step applies them, which is not that of Forge: it knows no paths. */
    async readWrites(answers: readonly WriteAnswer[]): Promise<CheckpointPendingWrite[]> {
        const read = answers.map((answer) => {
            const document = answer.value ?? foreign("a pending write");
            const task = document.task ?? answer.task;
            return { document, task, channel: document.channel ?? answer.name, key: writesSortKey(document.path ?? "", task, answer.index) };
        });
        read.sort((left, right) => compareWritesSortKeys(left.key, right.key));
        return Promise.all(read.map(async ({ document, task, channel }): Promise<CheckpointPendingWrite> =>
            [task, channel, await this.#decode(document.value)]));
    }

    async #write(
        channel: string, value: unknown, taskId: string, taskPath: string, rest: Pick<NewWrite, "task" | "index" | "mode">,
    ): Promise<NewWrite> {
        const name = writeText(channel);
        return {
            ...rest,
            name,
            value: {
                ...(taskPath === "" ? {} : { path: taskPath }),
                ...(isHashed(rest.task) || rest.task !== taskId ? { task: taskId } : {}),
                ...(isHashed(name) || name !== channel ? { channel } : {}),
                value: await this.#encode(value),
            },
        };
    }

    async #encode(value: unknown): Promise<Encoded> {
        return JSON.parse(await this.#encodeText(value)) as Encoded;
    }

    /** The text of what the serializer makes of a value; it is written out before anything is waited for. */
    async #encodeText(value: unknown): Promise<string> {
        const { serde } = this.#owner;
        const isOwn = isLangGraphs(serde);
        if (isOwn && isPlain(value)) {
            return JSON.stringify({ type: "json", json: value } satisfies Encoded);
        }

        const [type, bytes] = await serde.dumpsTyped(value);
        const text = type === "json" ? jsonOf(bytes, isOwn) : undefined;
        return text === undefined
            ? JSON.stringify({ type, base64: Buffer.from(bytes).toString("base64") } satisfies Encoded)
            : `{"type":"json","json":${text}}`;
    }

    async #decode(encoded: Encoded): Promise<unknown> {
        const { serde } = this.#owner;
        if (!("json" in encoded)) {
            return serde.loadsTyped(encoded.type, new Uint8Array(Buffer.from(encoded.base64, "base64")));
        }

        return isLangGraphs(serde) && isRead(encoded.json)
            ? encoded.json
            : serde.loadsTyped(encoded.type, Buffer.from(JSON.stringify(encoded.json)));
    }
}

/**
 * The writes of several calls as one: of two of the same task and index the one that is left if they are put one after the other. A
 * request that has both is refused.
 */
export function merged(calls: readonly (readonly NewWrite[])[]): NewWrite[] {
    const writes = new Map<string, NewWrite>();
    for (const write of calls.flat()) {
        const key = `${write.index} ${write.task}`;
        if (write.mode === "replace" || !writes.has(key)) {
            writes.set(key, write);
        }
    }

    return [...writes.values()];
}

/** True if a checkpoint that was read with its state was written by another tool. */
export function isForeign(answer: CheckpointAnswer): boolean {
    return answer.damage === undefined && answer.state?.format !== 1;
}

/** The document of a checkpoint. */
export function documentOf(answer: CheckpointAnswer): CheckpointDocument {
    if (answer.damage !== undefined) {
        throw new ForgeError({
            code: answer.damage.code,
            status: 500,
            detail: `The state of ${answer.id} is damaged: ${answer.damage.problem}`,
            checkpoint: answer.id,
        });
    }

    return isForeign(answer) ? foreign(`The checkpoint ${answer.id}`) : answer.state!;
}

// Only if writing what was read gives the same bytes again: a serializer may write JSON that this language cannot hold, as long numbers.
// LangGraph's own writes with this language, if it writes anything at all.
function jsonOf(bytes: Uint8Array, isOwn: boolean): string | undefined {
    if (isOwn) {
        return bytes.length === 0 ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
    }

    try {
        const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
        return JSON.stringify(JSON.parse(text)) === text ? text : undefined;
    } catch {
        return undefined;
    }
}

function foreign(what: string): never {
    throw new ForgeError({ code: "foreign_checkpoint", status: 0, detail: `${what} was not written by this saver.` });
}
