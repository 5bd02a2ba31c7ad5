export { ForgeError, type Problem, StaleWriteOwnerError, ThreadDeletedError } from "./errors.js";
export type { ForgeConnection } from "./http.js";
export { ForgeSaver, type ForgeSaverOptions, type TaskWrites, type WriteOwnershipOptions } from "./saver.js";
export type { RunsDeleted } from "./upkeep.js";
