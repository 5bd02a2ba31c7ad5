/** An error's answer: `application/problem+json`. */
export interface Problem {
    /** The stable name of the kind of error. */
    readonly code: string;
    /** The status of the answer; 0 if there was none. */
    readonly status: number;
    /** What was wrong, for a person. */
    readonly detail: string;
    /** What the request has wrong, if it is one thing. */
    readonly field?: string;
    readonly [name: string]: unknown;
}

/** Forge refused a call, or could not be reached. */
export class ForgeError extends Error {
    /** What the answer says of the error. */
    readonly problem: Problem;

    constructor(problem: Problem, options?: ErrorOptions) {
        super(problem.detail, options);
        this.name = new.target.name;
        this.problem = problem;
    }

    /** The stable name of the kind of error, as `invalid_request`; `unreachable` if nothing answered. */
    get code(): string {
        return this.problem.code;
    }

    /** The status of the answer; 0 if there was none. */
    get status(): number {
        return this.problem.status;
    }

    /** What the request has wrong, if it is one thing. */
    get field(): string | undefined {
        return this.problem.field;
    }
}

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

/** What a caller gave is wrong; nothing was sent. */
export function invalid(field: string, detail: string): ForgeError {
    return new ForgeError({ code: "invalid_request", status: 0, detail: `${field} ${detail}`, field });
}

// By their codes and not by 404: a proxy that does not know the way to Forge answers that too, and says nothing of what is there.
const NotThere = new Set(["checkpoint_not_found", "session_not_found", "branch_not_found"]);

/** True if Forge says that the thread, namespace or checkpoint of a call is not there. */
export function isNotThere(error: unknown): boolean {
    return error instanceof ForgeError && NotThere.has(error.code);
}

/** True if it is not there, or was deleted with its thread. */
export function isMissing(error: unknown): boolean {
    return isNotThere(error) || error instanceof ThreadDeletedError;
}
