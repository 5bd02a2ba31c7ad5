import type { SessionStoreEntry } from "@anthropic-ai/claude-agent-sdk";
import { randomUUID } from "node:crypto";
import { type ForgeHttp, sessionPath } from "../../http/src/http.js";
import { Recent } from "../../http/src/memory.js";
import { isHashed } from "../../http/src/texts.js";
import { Deliveries, type Given, type Line } from "./deliveries.js";
import { isConflict, isOvertaken } from "./errors.js";
import { About, Main, type Place, Subkey } from "./names.js";
import type { Summaries, SummaryData } from "./summaries.js";
import type { Head, Transcripts } from "./transcripts.js";

// What a request may bring (Forge:Limits:BatchRecords, BatchBytes), with room for what stands around the entries and for the checkpoint
// that tells a key.
const LinesOfRequest = 999;
const BytesOfRequest = 12 * 1024 * 1024;
const KnownPositions = 10_000;

// Others that write to the same transcript at the same moment are met again and again only if they never stop.
const Attempts = 50;

/** Where a transcript stands. */
export interface Position {
    /** Its newest checkpoint; undefined if it has none. */
    readonly head: Pick<Head, "id" | "sequence"> | undefined;
    /** Of the main transcript, the checkpoint that its summary is kept under; undefined if that is not there. */
    readonly about?: string | undefined;
    /** Of the main transcript, the summary as of its head. */
    readonly data?: SummaryData | undefined;
}

interface BatchAnswer {
    readonly items: readonly { readonly checkpoint: { readonly id: string; readonly sequence: number } }[];
}

/** Appends entries to transcripts. */
export class Appending {
    readonly #http: ForgeHttp;
    readonly #transcripts: Transcripts;
    readonly #summaries: Summaries;
    readonly #deliveries = new Deliveries();
    readonly #positions = new Recent<Position>(KnownPositions);

    constructor(http: ForgeHttp, transcripts: Transcripts, summaries: Summaries) {
        this.#http = http;
        this.#transcripts = transcripts;
        this.#summaries = summaries;
    }

    /** Appends entries in their order, in as few requests as they fit in. What of them is there already stays as it is. */
    async append(place: Place, given: readonly Given[]): Promise<void> {
        const delivery = this.#deliveries.of(place, given);
        try {
            for (const part of parts(delivery.lines)) {
                await this.#land(place, part);
            }
        } catch (error) {
            this.#deliveries.failed(place, delivery);
            throw error;
        }

        this.#deliveries.landed(place);
    }

    /** What is known of where a main transcript stands, if its newest checkpoint is still the one that is named. */
    known(place: Place, head: string): Position | undefined {
        const position = this.#positions.get(place.key);
        return position?.head?.id === head ? position : undefined;
    }

    note(place: Place, position: Position): void {
        this.#positions.set(place.key, position);
    }

    /** Forgets transcripts that were deleted. */
    forget(prefix: string): void {
        this.#positions.deleteWith(prefix);
    }

    async #land(place: Place, part: readonly Line[]): Promise<void> {
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
        const data = isMain ? await this.#summaries.with(place, position.data, lines.map((line) => line.entry)) : undefined;
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
            carriesId: true,
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

    /** The summary of all entries down to a checkpoint, as far as they are entries and can be read: an append does not fail for the others. */
    async #folded(place: Place, head: Head): Promise<SummaryData | undefined> {
        let data: SummaryData | undefined;
        for await (const entry of this.#transcripts.readable(place, head.sequence)) {
            data = await this.#summaries.with(place, data, [entry]);
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

function* parts(lines: readonly Line[]): Generator<readonly Line[]> {
    let [start, bytes] = [0, 0];
    for (const [i, line] of lines.entries()) {
        const size = Buffer.byteLength(line.text);
        if (i > start && (i - start >= LinesOfRequest || bytes + size > BytesOfRequest)) {
            yield lines.slice(start, i);
            [start, bytes] = [i, 0];
        }

        bytes += size;
    }

    if (start < lines.length) {
        yield lines.slice(start);
    }
}

/** What Forge tells people of an entry. */
function messageOf(entry: SessionStoreEntry): string {
    return typeof entry.type === "string" && /^[!-~]{1,100}$/.test(entry.type) ? entry.type : "entry";
}
