import { randomUUID } from "node:crypto";
import { ForgeError, invalid, isMissing, type Problem } from "./errors.js";

/** Where Forge is and how it is called. */
export interface ForgeConnection {
    /** The address of a silo, or of what stands before several: `http://127.0.0.1:5080`. Without user, password, query and fragment. */
    readonly url: string;
    /** Headers of every request, for a proxy that wants some. */
    readonly headers?: Readonly<Record<string, string>>;
    /** What sends the requests; the global `fetch` if nothing is said. */
    readonly fetch?: typeof fetch;
    /** How long one attempt may take, in milliseconds; 15,000 if nothing is said. */
    readonly attemptTimeout?: number;
    /** How often a call is made at most; 10 if nothing is said. */
    readonly attempts?: number;
    /** How long a call may take with all its attempts, in milliseconds; 60,000 if nothing is said. */
    readonly deadline?: number;
}

/** What stands behind the path; what is undefined is left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/** One call. */
export interface Call {
    readonly method: "GET" | "POST" | "PUT" | "DELETE";
    /** The path below the address, each part encoded. */
    readonly path: string;
    readonly query?: Query;
    /** A body that is sent as JSON. */
    readonly body?: unknown;
    /** The same, written out already. */
    readonly text?: string;
    /** What the body is; `application/json` if nothing is said. */
    readonly contentType?: string;
    /** The claim that the change is made under. */
    readonly epoch?: number | undefined;
    /** True if the request may be sent again as it is, since it carries an id in its body, or changes nothing the second time. */
    readonly needsNoKey?: boolean;
}

/** An answer. */
export interface Answer<T> {
    readonly status: number;
    readonly body: T;
}

/** A page of a list. */
export interface Page<T> {
    readonly items: readonly T[];
    /** The cursor of the next page; null at the end. */
    readonly next: string | null;
}

const FirstDelay = 100;
const MaxDelay = 5_000;

// Forge is busy or moving, or a proxy does not reach it; the change may have taken effect then, and the next attempt is its repeat.
const Transient = new Set([429, 502, 503, 504]);

/**
 * Calls Forge. Reads and changes are made again with growing waits if nothing answers, if Forge is
 * busy or moving, or if a proxy does not reach it; a change carries a key, if it needs one, so that it takes effect once.
 */
export class ForgeHttp {
    readonly #root: string;
    readonly #headers: Readonly<Record<string, string>>;
    readonly #fetch: typeof fetch;
    readonly #attemptTimeout: number;
    readonly #attempts: number;
    readonly #deadline: number;
    readonly #errorOf: (problem: Problem) => ForgeError;
    readonly #connection: ForgeConnection;
    readonly #end: number;

    /** Throws what is made of an answer's problem. No call goes on beyond the end, in milliseconds as `Date.now()` has them. */
    constructor(connection: ForgeConnection, errorOf: (problem: Problem) => ForgeError = (problem) => new ForgeError(problem), end = Infinity) {
        if (!URL.canParse(connection.url) || !/^https?:/.test(connection.url)) {
            throw invalid("url", "must be an address with http or https");
        }

        // A path is put behind it as it is, and no fetch takes an address with a password. The text is not told: it may hold one.
        const { username, password } = new URL(connection.url);
        if (username !== "" || password !== "" || /[?#]/.test(connection.url)) {
            throw invalid("url", "must have no user, password, query or fragment; headers are given by themselves");
        }

        this.#root = connection.url.replace(/\/+$/, "");
        this.#headers = connection.headers ?? {};
        this.#fetch = connection.fetch ?? globalThis.fetch;
        this.#attemptTimeout = positive("attemptTimeout", connection.attemptTimeout ?? 15_000);
        this.#attempts = positive("attempts", connection.attempts ?? 10);
        this.#deadline = positive("deadline", connection.deadline ?? 60_000);
        this.#errorOf = errorOf;
        this.#connection = { ...connection };
        this.#end = end;
    }

    /**
     * The same for calls that share one end, if that is sooner than their own, in milliseconds as `Date.now()` has them. What would begin
     * after it is not sent, and fails with the code `deadline_exceeded`.
     */
    until(end: number): ForgeHttp {
        return new ForgeHttp(this.#connection, this.#errorOf, Math.min(end, this.#end));
    }

    /** Makes a call and reads its answer as JSON. */
    async send<T>(call: Call): Promise<Answer<T>> {
        const headers: Record<string, string> = { ...this.#headers, Accept: "application/json" };
        if (call.epoch !== undefined) {
            headers["Forge-Epoch"] = String(call.epoch);
        }

        // One key for all attempts: it is what makes the second one a repeat of the first.
        if (call.method !== "GET" && call.needsNoKey !== true) {
            headers["Idempotency-Key"] = randomUUID();
        }

        const body = call.text ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
        if (body !== undefined) {
            headers["Content-Type"] = call.contentType ?? "application/json";
        }

        const url = this.#urlOf(call);
        const end = Math.min(Date.now() + this.#deadline, this.#end);
        if (Date.now() >= end) {
            throw new ForgeError({ code: "deadline_exceeded", status: 0, detail: "The time for this was over before all of it was sent." });
        }

        for (let attempt = 1; ; attempt++) {
            const outcome = await this.#attempt<T>(url, {
                method: call.method,
                headers,
                ...(body === undefined ? {} : { body }),
                // An end may lie within a millisecond, and the signal takes whole ones alone.
                signal: AbortSignal.timeout(Math.ceil(Math.max(1, Math.min(this.#attemptTimeout, end - Date.now())))),
            });
            if (!(outcome instanceof Failure)) {
                return outcome;
            }

            const delay = outcome.delay(attempt);
            if (!outcome.isTransient || attempt >= this.#attempts || Date.now() + delay >= end) {
                throw outcome.error;
            }

            await new Promise((resolve) => setTimeout(resolve, delay));
        }
    }

    /** What a path answers; undefined if Forge says that it is not there, or was deleted. */
    async read<T>(path: string, query: Query = {}): Promise<T | undefined> {
        try {
            return (await this.send<T>({ method: "GET", path, query })).body;
        } catch (error) {
            if (isMissing(error)) {
                return undefined;
            }

            throw error;
        }
    }

    /**
     * The items of all pages, each page read when it is come to. A page may be empty and not be the last one. What is not there has no
     * items, and what is deleted meanwhile has no more of them.
     */
    async* pages<T>(path: string, query: Query): AsyncGenerator<T> {
        let cursor: string | undefined;
        do {
            const page: Page<T> | undefined = await this.read<Page<T>>(path, { ...query, cursor });
            yield* page?.items ?? [];
            cursor = page?.next ?? undefined;
        } while (cursor !== undefined);
    }

    /**
     * Sends a document of any length from one route to another. It is one attempt; a document that breaks off is refused by
     * the route that takes it, and nothing of it is there.
     */
    async pipe(from: string, to: string, contentType: string, epoch?: number): Promise<void> {
        const stop = new AbortController();
        try {
            const source = await this.#fetchOrFail(this.#root + from, { headers: { ...this.#headers }, signal: stop.signal });
            if (!source.ok) {
                throw this.#errorOf(await problemOf(source));
            }

            const request: RequestInit & { duplex: "half" } = {
                method: "POST",
                headers: {
                    ...this.#headers,
                    "Content-Type": contentType,
                    ...(epoch === undefined ? {} : { "Forge-Epoch": String(epoch) }),
                },
                body: source.body,
                duplex: "half",
            };
            const target = await this.#fetchOrFail(this.#root + to, request);
            if (!target.ok) {
                throw this.#errorOf(await problemOf(target));
            }

            await target.arrayBuffer();
        } catch (error) {
            // What nobody takes any more would be kept open by whoever sends it.
            stop.abort();
            throw error;
        }
    }

    #urlOf(call: Call): string {
        const query = new URLSearchParams();
        for (const [name, value] of Object.entries(call.query ?? {})) {
            if (value !== undefined) {
                query.append(name, String(value));
            }
        }

        return this.#root + call.path + (query.size === 0 ? "" : `?${query}`);
    }

    async #attempt<T>(url: string, request: RequestInit): Promise<Answer<T> | Failure> {
        try {
            const response = await this.#fetch(url, request);
            if (!response.ok) {
                return Failure.of(response, this.#errorOf(await problemOf(response)));
            }

            const text = await response.text();
            return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as T };
        } catch (error) {
            return new Failure(unreachable(url, error), true);
        }
    }

    async #fetchOrFail(url: string, request: RequestInit): Promise<Response> {
        try {
            return await this.#fetch(url, request);
        } catch (error) {
            throw unreachable(url, error);
        }
    }
}

/** The path of a session. */
export function sessionPath(session: string): string {
    return `/v1/sessions/${encodeURIComponent(session)}`;
}

/** An attempt that brought no result. */
class Failure {
    constructor(
        readonly error: ForgeError,
        readonly isTransient: boolean,
        readonly wanted?: number,
    ) {}

    static of(response: Response, error: ForgeError): Failure {
        // A quota that no waiting frees says nothing of when to come again.
        const isLasting = error.code === "quota_exceeded" && !response.headers.has("Retry-After");
        const isTransient = Transient.has(response.status) && !isLasting;
        return new Failure(error, isTransient, isTransient ? waitOf(response.headers.get("Retry-After")) : undefined);
    }

    /** How long to wait before the next attempt: as long as was asked for, and otherwise longer each time. */
    delay(attempt: number): number {
        const growing = Math.min(FirstDelay * 2 ** (attempt - 1), MaxDelay) * (0.5 + Math.random() / 2);
        return Math.max(growing, this.wanted ?? 0);
    }
}

/** The wait of a `Retry-After`, in milliseconds: it is seconds or a date. */
function waitOf(header: string | null): number | undefined {
    if (header === null || header === "") {
        return undefined;
    }

    const seconds = Number(header);
    const wait = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
    return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

async function problemOf(response: Response): Promise<Problem> {
    const text = await response.text();
    try {
        const told = JSON.parse(text) as Record<string, unknown>;
        if (typeof told["code"] === "string") {
            return { ...told, code: told["code"], status: response.status, detail: String(told["detail"] ?? told["code"]) };
        }
    } catch {
        // Not of Forge: something between has answered, and its status is all there is.
    }

    return { code: `http_${response.status}`, status: response.status, detail: `The answer was ${response.status} ${response.statusText}`.trim() };
}

function unreachable(url: string, cause: unknown): ForgeError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new ForgeError({ code: "unreachable", status: 0, detail: `${new URL(url).origin} did not answer: ${reason}` }, { cause });
}

function positive(field: string, value: number): number {
    if (!Number.isFinite(value) || value <= 0) {
        throw invalid(field, "must be a number above 0");
    }

    return value;
}
