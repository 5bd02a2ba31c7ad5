import type { Annotation, Checkpoint, Effect, LogEvent } from "../api/types.js";
import type { GraphCell, Lanes } from "../graph/layout.js";

/** What the log keeps of a checkpoint: little, for there may be a hundred thousand. */
export interface Entry {
    readonly sequence: number;
    readonly id: string;
    readonly at: string;
    readonly parent: number | null;
    readonly branch: string;
    readonly message: string;
    readonly tags: readonly string[];
    readonly trigger: string;
    readonly size: number;
}

/** A row of the log. */
export type Item =
    | { readonly kind: "checkpoint"; readonly entry: Entry; readonly cell: GraphCell | null }
    | { readonly kind: "effect"; readonly effect: Effect; readonly lanes: Lanes }
    | { readonly kind: "note"; readonly sequence: number; readonly note: Annotation; readonly lanes: Lanes }
    | { readonly kind: "loading"; readonly lanes: Lanes };

export function entryOf(checkpoint: Checkpoint): Entry {
    return {
        sequence: checkpoint.sequence,
        id: checkpoint.id,
        at: checkpoint.createdAt,
        parent: checkpoint.keptParent,
        branch: checkpoint.branch,
        message: checkpoint.message,
        tags: checkpoint.tags,
        trigger: checkpoint.trigger,
        size: checkpoint.size,
    };
}

/** The checkpoint that an event tells of. Its parent was there when it was created. */
export function entryOfEvent(event: LogEvent): Entry {
    return {
        sequence: event.sequence!,
        id: event.id ?? "",
        at: event.at,
        parent: event.parent ?? null,
        branch: event.branch ?? "main",
        message: event.message ?? "",
        tags: event.tags ?? [],
        trigger: event.trigger ?? "manual",
        size: event.size ?? 0,
    };
}
