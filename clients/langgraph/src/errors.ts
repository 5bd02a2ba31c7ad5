import { ForgeError, type Problem } from "../../http/src/errors.js";

/**
 * Somebody else owns the thread: the ownership that the change was made under was superseded, or the change was made under none
 * in a thread that a worker owns. Nothing was written. A worker that meets it should stop.
 */
export class StaleWriteOwnerError extends ForgeError {
    /** By this a superseded worker is known without importing this package. */
    readonly is_stale_write_owner_error = true;

    /** The number of the newest claim. */
    get epoch(): number {
        return this.problem["epoch"] as number;
    }

    /** Who owns the thread now; null for nobody. */
    get owner(): string | null {
        return (this.problem["owner"] ?? null) as string | null;
    }
}

/** The thread was deleted. It stays so, whatever comes late, until `reviveThread`. */
export class ThreadDeletedError extends ForgeError {}

/** The error that an answer tells. */
export function errorOf(problem: Problem, cause?: unknown): ForgeError {
    const options = cause === undefined ? undefined : { cause };
    switch (problem.code) {
        case "claimed":
        case "superseded":
            return new StaleWriteOwnerError(problem, options);
        case "session_deleted":
            return new ThreadDeletedError(problem, options);
        default:
            return new ForgeError(problem, options);
    }
}
