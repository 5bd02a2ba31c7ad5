import type { ForgeHttp } from "../../http/src/http.js";
import { Recent } from "../../http/src/memory.js";
import { Deliveries, type Given, type Line } from "./deliveries.js";
import { BytesOfRequest, Landing, type Position } from "./landing.js";
import type { Place } from "./names.js";
import type { Summaries } from "./summaries.js";

// What a request may bring (Forge:Limits:BatchRecords), with room for the checkpoint that tells a key.
const LinesOfRequest = 999;
const KnownPositions = 10_000;

/** Appends entries to transcripts. */
export class Appending {
    readonly #http: ForgeHttp;
    readonly #summaries: Summaries;
    readonly #deliveries = new Deliveries();
    readonly #positions = new Recent<Position>(KnownPositions);

    constructor(http: ForgeHttp, summaries: Summaries) {
        this.#http = http;
        this.#summaries = summaries;
    }

    /**
     * Appends entries in their order, in as few requests as they fit in. What of them is there already stays as it is.
     * Nothing is sent after the end, in milliseconds as `Date.now()` has them.
     */
    async append(place: Place, given: readonly Given[], end: number): Promise<void> {
        const delivery = this.#deliveries.of(place, given);
        const landing = new Landing(this.#http, this.#summaries, this.#positions, end);
        try {
            for (const part of parts(delivery.lines)) {
                await landing.land(place, part);
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
