import type { SessionStoreEntry } from "@anthropic-ai/claude-agent-sdk";
import { randomUUID } from "node:crypto";
import { ForgeError } from "../../http/src/errors.js";
import { type ForgeHttp, sessionPath } from "../../http/src/http.js";
import type { Recent } from "../../http/src/memory.js";
import { isHashed } from "../../http/src/texts.js";
import type { Line } from "./deliveries.js";
import { isConflict, isOvertaken } from "./errors.js";
import { About, Main, type Place, Subkey } from "./names.js";
import type { Summaries, SummaryData } from "./summaries.js";
import { type Head, Transcripts } from "./transcripts.js";

/** What a request may bring (Forge:Limits:BatchBytes), with room for what stands around the entries and for the checkpoint that tells a key. */
export const BytesOfRequest = 12 * 1024 * 1024;

// Others that write to the same transcript at the same moment are met again and again only if they never stop.
const Attempts = 50;

/** Where a transcript stands. */
export interface Position {
    /** Its newest checkpoint; undefined if it has none. */
    readonly head: Pick<Head, "id" | "sequence"> | undefined;
    /** Of the main transcript, the checkpoint that its summary is kept under; undefined if that is not there. */
    readonly about?: string | undefined;
    /** Of the main transcript, the summary as of its head; undefined if nothing is there, and null if it could not be made. */
    readonly data?: SummaryData | null | undefined;
}

interface BatchAnswer {
    readonly items: readonly { readonly checkpoint: { readonly id: string; readonly sequence: number } }[];
}

/** Lands the lines of one append, which has one end for all that it asks of Forge. */
export class Landing {
    readonly #http: ForgeHttp;
    readonly #transcripts: Transcripts;
    readonly #summaries: Summaries;
    readonly #positions: Recent<Position>;
    readonly #end: number;

    constructor(http: ForgeHttp, summaries: Summaries, positions: Recent<Position>, end: number) {
        this.#http = http.until(end);
        this.#transcripts = new Transcripts(this.#http);
        this.#summaries = summaries.over(this.#http);
        this.#positions = positions;
        this.#end = end;
    }

    /** Lands lines of one request. What of them is there already stays as it is. */
    async land(place: Place, part: readonly Line[]): Promise<void> {
        let lines = part;
        for (let attempt = 1; lines.length > 0; attempt++) {
            const position = this.#positions.get(place.key) ?? await this.#position(place);
            try {
                this.#positions.set(place.key, await this.#send(place, position, lines));
                return;
            } catch (error) {
                this.#positions.delete(place.key);
                if (!isOvertaken(error) || attempt >= Attempts) {
                    throw error;
                }

                if (isConflict(error)) {
                    // All lines of a request are new, or all were sent before by the same one: of any other that has landed before, the
                    // rest is sent.
                    const missing = await this.#transcripts.missing(place, lines);
                    if (missing.length === lines.length) {
                        await this.#landEach(place, lines);
                        return;
                    }

                    lines = missing;
                }
            }
        }
    }

    /** Lands lines of which some were there and are deleted, as Forge remembers for a day: these stay so. */
    async #landEach(place: Place, lines: readonly Line[]): Promise<void> {
        for (const line of lines) {
            for (let attempt = 1; ; attempt++) {
                const position = this.#positions.get(place.key) ?? await this.#position(place);
                try {
                    this.#positions.set(place.key, await this.#send(place, position, [line]));
                    break;
                } catch (error) {
                    this.#positions.delete(place.key);
                    if (isConflict(error)) {
                        break;
                    }

                    if (!isOvertaken(error) || attempt >= Attempts) {
                        throw error;
                    }
                }
            }
        }
    }

    /**
     * Sends lines in one step, all of them or none, if the transcript stands where it is thought to. So the summary, which goes with them,
     * is that of all entries, whoever appends at the same time.
     */
    async #send(place: Place, position: Position, lines: readonly Line[]): Promise<Position> {
        const isMain = place.branch === Main;
        const about = isMain ? position.about ?? randomUUID() : undefined;
        const last = lines.at(-1)!;
        const data = isMain && position.data !== null
            ? await this.#summaries.with(place, position.data, lines.map((line) => line.entry))
            : position.data;
        const sent: string[] = [];
        let expectedHead: number | undefined = position.head?.sequence ?? 0;
        const first = firstOf(place, position, about);
        if (first !== undefined) {
            if (Buffer.byteLength(last.text) > BytesOfRequest) {
                // Together they might be more than a request may bring.
                await this.#post(place, [first]);
                return this.#send(place, await this.#position(place), lines);
            }

            sent.push(first);
            expectedHead = isMain ? expectedHead : undefined;
        }

        for (const line of lines) {
            const rest = {
                id: line.id,
                branch: place.branch,
                message: messageOf(line.entry),
                expectedHead,
                ...(data !== undefined && line === last ? { writes: [this.#summaries.write(line.id, data)], writesUnder: about } : {}),
            };
            sent.push(`${JSON.stringify(rest).slice(0, -1)},"state":${line.text}}`);
            expectedHead = undefined;
        }

        return { head: await this.#post(place, sent), about, data };
    }

    /** Creates checkpoints in one step, and gives the last of them. */
    async #post(place: Place, lines: readonly string[]): Promise<{ id: string; sequence: number }> {
        const { body } = await this.#http.send<BatchAnswer>({
            method: "POST",
            path: `${sessionPath(place.session)}/checkpoints/batch`,
            text: lines.join("\n"),
            contentType: "application/x-ndjson",
            needsNoKey: true,
        });
        const { id, sequence } = body.items.at(-1)!.checkpoint;
        return { id, sequence };
    }

    async #position(place: Place): Promise<Position> {
        for (let attempt = 1; ; attempt++) {
            if (place.branch !== Main) {
                return { head: await this.#transcripts.openHead(place) };
            }

            const [head, kept] = await Promise.all([this.#transcripts.head(place), this.#summaries.read(place.session)]);
            const about = kept?.about;
            if (head === undefined) {
                return { head, about };
            }

            if (kept?.last === head.id && kept.data !== undefined) {
                return { head, about, data: kept.data };
            }

            // The two were read with an append between them. Or the summary is too large, or another tool has written to the branch or
            // deleted from it: then it is made anew.
            if (kept?.last === head.id || attempt >= 3) {
                return { head, about, data: await this.#folded(place, head) };
            }
        }
    }

    /**
     * The summary of all entries down to a checkpoint, as far as they are entries and can be read. An append does not fail for want of one: it
     * is null if it cannot be made in half of the time that is left, and the SDK reads the session itself then.
     */
    async #folded(place: Place, head: Head): Promise<SummaryData | null | undefined> {
        const transcripts = new Transcripts(this.#http.until((Date.now() + this.#end) / 2));
        let data: SummaryData | undefined;
        try {
            for await (const entry of transcripts.readable(place, head.sequence)) {
                data = await this.#summaries.with(place, data, [entry]);
            }
        } catch (error) {
            if (error instanceof ForgeError) {
                return null;
            }

            throw error;
        }

        return data;
    }
}

/** The checkpoint that goes before the first entry of a transcript; undefined if none does. */
function firstOf(place: Place, position: Position, about: string | undefined): string | undefined {
    const { projectKey, sessionId, branch, subpath } = place;
    if (branch === Main) {
        return position.about === undefined
            ? JSON.stringify({ id: about, branch: About, expectedHead: 0, message: "session", state: { projectKey, sessionId } })
            : undefined;
    }

    return position.head === undefined && isHashed(branch)
        ? JSON.stringify({ id: randomUUID(), branch, expectedHead: 0, message: "subkey", tags: [Subkey], state: { subpath } })
        : undefined;
}

/** What Forge tells people of an entry. */
function messageOf(entry: SessionStoreEntry): string {
    return typeof entry.type === "string" && /^[!-~]{1,100}$/.test(entry.type) ? entry.type : "entry";
}
