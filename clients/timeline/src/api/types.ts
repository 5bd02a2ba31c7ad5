/** A checkpoint by both of its names. */
export interface Pointer {
    readonly sequence: number;
    readonly id: string;
}

/** A checkpoint without its state, as lists have it. */
export interface Checkpoint {
    readonly id: string;
    readonly sequence: number;
    readonly createdAt: string;
    readonly parent: number | null;
    readonly keptParent: number | null;
    readonly branch: string;
    readonly message: string;
    readonly tags: readonly string[];
    readonly trigger: string;
    readonly contentType: string;
    readonly size: number;
    readonly checksum: string;
    readonly position: number | null;
    readonly requires?: readonly number[];
    readonly annotations?: readonly Annotation[];
}

export interface Annotation {
    readonly position: number;
    readonly at: string;
    readonly severity: string;
    readonly text: string;
}

export interface Claim {
    readonly epoch: number;
    readonly owner: string | null;
    readonly until: string | null;
}

export interface Policy {
    readonly keepRecent?: number | null;
    readonly keepTags?: readonly string[] | null;
    readonly keepYoungerThan?: string | null;
}

export interface Session {
    readonly session: string;
    readonly tenant: string;
    readonly createdAt: string;
    readonly activeAt: string;
    readonly count: number;
    readonly bytes: number;
    readonly head: Pointer | null;
    readonly current: Pointer | null;
    readonly lastSequence: number;
    readonly lastPosition: number;
    readonly settings: { readonly labels: Readonly<Record<string, string>>; readonly retention: Policy | null; readonly timeToLive: string | null };
    readonly claim: Claim | null;
    readonly origin: { readonly session: string; readonly sequence: number; readonly gone: boolean } | null;
    readonly forkCount: number | null;
}

export interface Branch {
    readonly branch: string;
    readonly head: Pointer | null;
    readonly current: Pointer | null;
    readonly count: number;
}

export interface Page<T> {
    readonly items: readonly T[];
    readonly next: string | null;
}

export interface Effect {
    readonly key: string;
    readonly class: string;
    readonly status: string;
    readonly epoch: number;
    /** The greatest sequence that was given out when it was last begun. */
    readonly after: number;
    readonly begunAt: string;
    readonly until: string | null;
    readonly changedAt: string;
}

export interface Evidence {
    readonly epoch: number;
    readonly verdict: string;
    readonly at: string;
    readonly by: string | null;
    readonly reason: string | null;
}

export interface EffectWhole extends Effect {
    readonly request?: string;
    readonly requestSha256: string;
    readonly targetKey: string;
    readonly result?: unknown;
    readonly resultBase64?: string;
    readonly reason?: string;
    readonly resolvedBy?: string;
    readonly evidence: readonly Evidence[];
}

export interface EffectsAfter {
    readonly items: readonly { readonly key: string; readonly class: string; readonly status: string }[];
    readonly count: number;
    readonly more: boolean;
}

export interface PatchEntry {
    readonly kind: "added" | "removed" | "changed" | "moved";
    readonly path: string;
    readonly from?: string;
    readonly fromBytes: number | null;
    readonly toBytes: number | null;
}

export interface PatchSummary {
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
    readonly moved: number;
    readonly entries: readonly PatchEntry[];
    readonly rest: number;
}

export interface NotCompared {
    readonly reason: string;
    readonly problem: string;
}

export interface ShortDifference {
    readonly firstDifference: number | null;
    readonly summary?: PatchSummary;
    readonly notCompared?: NotCompared;
}

export interface RestoreAnswer {
    readonly checkpoint: Checkpoint | null;
    readonly undo: Pointer | null;
    readonly effectsAfter: EffectsAfter;
    readonly difference?: ShortDifference;
}

export interface ForkAnswer {
    readonly session: string;
    readonly head: Pointer | null;
    readonly count: number;
    readonly bytes: number;
    readonly storedBytes: number | null;
    /** The last position of the new session's log; null of a dry run. */
    readonly position: number | null;
    readonly effectsAfter: EffectsAfter;
}

export interface CompactAnswer {
    readonly deleted: number;
    readonly remaining: number;
    readonly freedBytes: number;
}

/** An event of a session's log; what does not apply to its kind is left out. */
export interface LogEvent {
    readonly position: number;
    readonly kind: string;
    readonly at: string;
    readonly sequence?: number;
    readonly id?: string;
    readonly branch?: string;
    readonly parent?: number;
    readonly message?: string;
    readonly tags?: readonly string[];
    readonly trigger?: string;
    readonly size?: number;
    readonly contentType?: string;
    readonly severity?: string;
    readonly text?: string;
    readonly epoch?: number;
    readonly owner?: string;
    readonly until?: string;
}

export interface FeedEvent {
    readonly session: string;
    readonly event: LogEvent;
    readonly cursor: string;
}
