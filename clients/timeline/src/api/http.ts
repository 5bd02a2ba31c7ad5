import { Changes } from "../changes.js";

/** What stands behind the path; what is undefined or empty is left out, and a list comes several times. */
export type Query = Readonly<Record<string, string | number | undefined | readonly string[]>>;

/** One call: what a person could also do by hand. */
export interface Call {
    readonly method?: "GET" | "POST" | "PUT" | "DELETE";
    /** Below the address, each part encoded, without a slash in front. */
    readonly path: string;
    readonly query?: Query;
    readonly body?: unknown;
    /** The claim that a change is made under. */
    readonly epoch?: number | undefined;
}

/** A body that is JSON already, as it is written: numbers in it may be greater than a script can hold. */
export class Written {
    constructor(readonly text: string) {}
}

/** A body as it is sent. */
export function writtenBody(body: unknown): string {
    return body instanceof Written ? body.text : JSON.stringify(body);
}

/** An error as the silo tells it. */
export class ProblemError extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        detail: string,
        readonly told: Readonly<Record<string, unknown>> = {},
    ) {
        super(detail);
    }
}

const KeyItem = "forge-key";

/** The key that calls are made with, and whether one is wanted. It lives as long as the tab. */
class Credentials extends Changes {
    #key: string | null = sessionStorage.getItem(KeyItem);
    #wanted = false;

    get key(): string | null {
        return this.#key;
    }

    get isWanted(): boolean {
        return this.#wanted;
    }

    /** Says that a call was refused for want of a key that is good. */
    refuse(): void {
        if (!this.#wanted) {
            this.#wanted = true;
            this.changed();
        }
    }

    set(key: string | null): void {
        this.#key = key;
        this.#wanted = false;
        if (key === null) {
            sessionStorage.removeItem(KeyItem);
        } else {
            sessionStorage.setItem(KeyItem, key);
        }

        this.changed();
    }
}

export const credentials = new Credentials();

/** The path of a session and of what is below it. */
export function sessionPath(session: string, ...below: (string | number)[]): string {
    const parts = [session, ...below].map((part) => encodeURIComponent(part));
    // An address takes these for ways up, also encoded: another thing would be asked for.
    if (parts.some((part) => part === "." || part === "..")) {
        throw new Error("What is called . or .. has no address.");
    }

    return ["v1/sessions", ...parts].join("/");
}

export function urlOf(call: Pick<Call, "path" | "query">): string {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(call.query ?? {})) {
        for (const one of Array.isArray(value) ? value as readonly string[] : [value]) {
            if (one !== undefined && one !== "") {
                query.append(name, String(one));
            }
        }
    }

    return call.path + (query.size === 0 ? "" : `?${query}`);
}

export function authorization(): Record<string, string> {
    return credentials.key === null ? {} : { Authorization: `Bearer ${credentials.key}` };
}

/** Sends a call; what is not a success is a `ProblemError`. */
export async function send(call: Call, options: { signal?: AbortSignal | undefined; key?: string } = {}): Promise<Response> {
    const method = call.method ?? "GET";
    const headers: Record<string, string> = authorization();
    if (call.body !== undefined) {
        headers["Content-Type"] = "application/json";
    }

    if (call.epoch !== undefined) {
        headers["Forge-Epoch"] = String(call.epoch);
    }

    if (options.key !== undefined) {
        headers["Idempotency-Key"] = options.key;
    }

    let response: Response;
    try {
        response = await fetch(urlOf(call), {
            method,
            headers,
            ...(call.body === undefined ? {} : { body: writtenBody(call.body) }),
            ...(options.signal ? { signal: options.signal } : {}),
        });
    } catch (error) {
        if (options.signal?.aborted) {
            throw error;
        }

        throw new ProblemError(0, "unreachable", "The silo does not answer.");
    }

    if (!response.ok) {
        throw await problemOf(response);
    }

    return response;
}

/** Reads JSON. */
export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
    return (await (await send({ path, ...(query ? { query } : {}) }, { signal })).json()) as T;
}

/** The key of a change that a person may confirm more than once: the same as long as it is the same change. */
export class ChangeKey {
    #of: string | null = null;
    #key = "";

    for(call: Call): string {
        const of = `${call.method ?? "GET"} ${urlOf(call)}\n${call.body === undefined ? "" : writtenBody(call.body)}`;
        if (this.#of !== of) {
            this.#of = of;
            this.#key = keyOf();
        }

        return this.#key;
    }
}

/** True if it is not known whether a change was made, or it was not but may be when it is asked for again. */
export function mayBeAskedAgain(error: ProblemError): boolean {
    return error.status === 0 || error.status === 429 || error.status >= 500;
}

/** Makes a change, under a key, so that it is made once though it should be sent again. */
export async function change<T>(call: Call, given: string = keyOf()): Promise<T> {
    // A create that has an id of its own is known again by that, and takes no key.
    const hasId = typeof call.body === "object" && call.body !== null && "id" in call.body;
    const key = hasId ? undefined : given;
    for (let attempt = 1; ; attempt++) {
        try {
            const response = await send(call, key === undefined ? {} : { key });
            const text = await response.text().catch(() => {
                throw new ProblemError(0, "unreachable", "The answer was cut off.");
            });
            return (text === "" ? undefined : JSON.parse(text)) as T;
        } catch (error) {
            const again = error instanceof ProblemError && (error.status === 503 || error.status === 0);
            if (!again || attempt === 3) {
                throw error;
            }

            await new Promise((resolve) => setTimeout(resolve, 300 * attempt));
        }
    }
}

function keyOf(): string {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function problemOf(response: Response): Promise<ProblemError> {
    const text = await response.text();
    let problem: ProblemError;
    try {
        const told = JSON.parse(text) as Record<string, unknown>;
        problem = new ProblemError(
            response.status, String(told["code"] ?? `http_${response.status}`), String(told["detail"] ?? told["title"] ?? response.statusText), told);
    } catch {
        problem = new ProblemError(response.status, `http_${response.status}`, `The answer was ${response.status} ${response.statusText}.`);
    }

    if (response.status === 401) {
        credentials.refuse();
    }

    return problem;
}

/** What went wrong, for a person. */
export function tellOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
