import { type Checkpoint, type CheckpointMetadata, type CheckpointTuple, emptyCheckpoint, uuid6 } from "@langchain/langgraph-checkpoint";
import { randomUUID } from "node:crypto";
import { inject } from "vitest";
import { ForgeSaver, type ForgeSaverOptions } from "../src/index.js";

export type Config = { configurable: { thread_id: string; checkpoint_ns: string; checkpoint_id?: string } };

/** What the names of the sessions of one test begin with. */
export function newPrefix(): string {
    return `test-${randomUUID()}:`;
}

/** A saver that sees the threads of no other test. */
export function newSaver(options: Partial<ForgeSaverOptions> = {}): ForgeSaver {
    return new ForgeSaver({ url: inject("forgeUrl"), prefix: newPrefix(), ...options });
}

/** Two savers of the same threads, of which neither knows what the other does. */
export function newSavers(): [ForgeSaver, ForgeSaver] {
    const prefix = newPrefix();
    return [newSaver({ prefix }), newSaver({ prefix })];
}

/** The address of the silo. */
export function forgeUrl(): string {
    return inject("forgeUrl");
}

export function thread(id: string, namespace = "", checkpoint?: string): Config {
    return { configurable: { thread_id: id, checkpoint_ns: namespace, ...(checkpoint === undefined ? {} : { checkpoint_id: checkpoint }) } };
}

export function checkpointOf(values: Record<string, unknown> = {}, id = uuid6(1)): Checkpoint {
    return { ...emptyCheckpoint(), id, channel_values: values, channel_versions: Object.fromEntries(Object.keys(values).map((key) => [key, 1])) };
}

export function metadataOf(step: number, rest: Record<string, unknown> = {}): CheckpointMetadata {
    return { source: "loop", step, parents: {}, ...rest };
}

/** Puts a checkpoint with all its values and gives its config. */
export async function put(saver: ForgeSaver, config: Config, checkpoint: Checkpoint, metadata = metadataOf(0)): Promise<Config> {
    return await saver.put(config, checkpoint, metadata, checkpoint.channel_versions) as Config;
}

/** Puts a line of checkpoints, each the child of the one before, and gives their configs. */
export async function putLine(saver: ForgeSaver, start: Config, count: number): Promise<Config[]> {
    const configs: Config[] = [];
    let config = start;
    for (let step = 0; step < count; step++) {
        config = await put(saver, config, checkpointOf({ step }), metadataOf(step));
        configs.push(config);
    }

    return configs;
}

export function idOf(config: Config | CheckpointTuple): string {
    return ("config" in config ? config.config.configurable!["checkpoint_id"] : config.configurable.checkpoint_id) as string;
}

export async function listed(tuples: AsyncIterable<CheckpointTuple>): Promise<CheckpointTuple[]> {
    const all: CheckpointTuple[] = [];
    for await (const tuple of tuples) {
        all.push(tuple);
    }

    return all;
}
