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

/** What a caller gave is wrong; nothing was sent. */
export function invalid(field: string, detail: string): ForgeError {
    return new ForgeError({ code: "invalid_request", status: 0, detail: `${field} ${detail}`, field });
}

// By their codes and not by 404: a proxy that does not know the way to Forge answers that too, and says nothing of what is there.
const NotThere = new Set(["checkpoint_not_found", "session_not_found", "branch_not_found"]);

/** True if Forge says that the session, branch or checkpoint of a call is not there. */
export function isNotThere(error: unknown): boolean {
    return error instanceof ForgeError && NotThere.has(error.code);
}

/** True if it is not there, or was deleted with its session. */
export function isMissing(error: unknown): boolean {
    return isNotThere(error) || (error instanceof ForgeError && error.code === "session_deleted");
}
