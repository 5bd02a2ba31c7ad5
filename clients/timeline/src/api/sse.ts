/** One server-sent event. */
export interface SentEvent {
    readonly event: string;
    readonly data: string;
    readonly id: string | undefined;
}

/**
 * Takes a stream of server-sent events apart as it comes, whatever it is cut into. Read by `fetch`, since an `EventSource` sends no
 * key.
 */
export class SentEvents {
    #rest = "";
    #event = "";
    #data: string[] = [];
    #id: string | undefined;

    /** The events that are whole now. An event may be an `id` alone, with no data. */
    take(text: string): SentEvent[] {
        const events: SentEvent[] = [];
        const lines = (this.#rest + text).split("\n");
        this.#rest = lines.pop()!;
        for (const raw of lines) {
            const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
            if (line === "") {
                if (this.#data.length > 0 || this.#id !== undefined) {
                    events.push({ event: this.#event || "message", data: this.#data.join("\n"), id: this.#id });
                }

                this.#event = "";
                this.#data = [];
                this.#id = undefined;
                continue;
            }

            const colon = line.indexOf(":");
            if (colon === 0) {
                continue;
            }

            const field = colon < 0 ? line : line.slice(0, colon);
            const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
            if (field === "event") {
                this.#event = value;
            } else if (field === "data") {
                this.#data.push(value);
            } else if (field === "id") {
                this.#id = value;
            }
        }

        return events;
    }
}
