import { ForgeError, type Problem } from "../../http/src/errors.js";

/**
 * The session, or this transcript of a subagent, was deleted. It stays so, whatever comes late; `reviveSession` lets the session's id be
 * used again.
 */
export class SessionDeletedError extends ForgeError {}

/** The error that an answer tells. */
export function errorOf(problem: Problem): ForgeError {
    return problem.code === "session_deleted" ? new SessionDeletedError(problem) : new ForgeError(problem);
}

/** True if what was sent did not fit what is there: another writer was first, or some of it has landed before. Nothing of it was written. */
export function isOvertaken(error: unknown): error is ForgeError {
    return isConflict(error) || (error instanceof ForgeError && error.code === "head_mismatch");
}

/** True if an id of what was sent came before, with another request. */
export function isConflict(error: unknown): error is ForgeError {
    return error instanceof ForgeError && error.code === "request_conflict";
}
