export { ForgeError, type Problem } from "../../http/src/errors.js";
export type { ForgeConnection } from "../../http/src/http.js";
export { StaleWriteOwnerError, ThreadDeletedError } from "./errors.js";
export { ForgeSaver, type ForgeSaverOptions, type TaskWrites, type WriteOwnershipOptions } from "./saver.js";
export type { RunsDeleted } from "./upkeep.js";
