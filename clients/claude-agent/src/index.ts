export { ForgeError, type Problem } from "../../http/src/errors.js";
export type { ForgeConnection } from "../../http/src/http.js";
export { SessionDeletedError } from "./errors.js";
export { ForgeSessionStore, type ForgeSessionStoreOptions } from "./store.js";
