import type { CheckpointMetadata } from "@langchain/langgraph-checkpoint";
import { isDeepStrictEqual } from "node:util";
import type { CheckpointAnswer } from "./documents.js";
import { topOf } from "./names.js";

/**
 * The checkpoints of a branch by falling ids, made of those by falling sequences. The two are the same but for checkpoints that came
 * late, with an id that is not the greatest: each of these says so by a tag. One without the tag was the greatest when it came, so that
 * all that came before it are smaller, and what was held back for being late can go as soon as it is greater than that one.
 */
export async function* byFallingId(source: AsyncIterable<CheckpointAnswer>): AsyncGenerator<CheckpointAnswer> {
    const late: CheckpointAnswer[] = [];
    for await (const next of source) {
        if (topOf(next.id, next.tags) !== next.id) {
            late.push(next);
            continue;
        }

        late.sort((left, right) => (left.id > right.id ? -1 : 1));
        while (late.length > 0 && late[0]!.id > next.id) {
            yield late.shift()!;
        }

        yield next;
    }

    yield* late.sort((left, right) => (left.id > right.id ? -1 : 1));
}

/** What is told of a checkpoint where lists have no states: why LangGraph took it, and at which step. */
export function messageOf(metadata: CheckpointMetadata): string {
    const { source, step } = metadata as { source?: unknown; step?: unknown };
    return typeof source === "string" && /^[a-z]{1,20}$/.test(source) && Number.isSafeInteger(step) ? `${source} ${step as number}` : "checkpoint";
}

/** False if the metadata of a checkpoint cannot be as they are asked for, by what its message says; they are not read for that. */
export function mayMatch(message: string, filter: Readonly<Record<string, unknown>>): boolean {
    const told = /^([a-z]+) (-?\d+)$/.exec(message);
    return told === null
        || ((!Object.hasOwn(filter, "source") || filter["source"] === told[1])
            && (!Object.hasOwn(filter, "step") || filter["step"] === Number(told[2])));
}

/** True if the metadata have all that is asked for; what they do not have at all is never as it is asked for. */
export function matches(metadata: CheckpointMetadata, filter: Readonly<Record<string, unknown>>): boolean {
    return Object.entries(filter).every(([key, value]) =>
        Object.hasOwn(metadata, key) && isDeepStrictEqual((metadata as Record<string, unknown>)[key], value));
}
