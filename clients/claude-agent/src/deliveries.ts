import type { SessionStoreEntry } from "@anthropic-ai/claude-agent-sdk";
import { randomUUID } from "node:crypto";
import { invalid } from "../../http/src/errors.js";
import { Recent } from "../../http/src/memory.js";
import { entryId, type Place, placeId, sha256 } from "./names.js";

const KnownFailures = 1_000;

/** An entry as it is sent. */
export interface Line {
    readonly id: string;
    readonly entry: SessionStoreEntry;
    /** The entry in JSON. */
    readonly text: string;
}

/** What one append brings. */
export interface Delivery {
    readonly lines: readonly Line[];
    /** What the ids of entries without a `uuid` are made of. */
    readonly seed: string;
    readonly digest: string;
}

/**
 * Gives entries the ids by which one that is delivered again is known. Most have a `uuid`. Those without are told apart by nothing but
 * where they stand: "plan" behind "default" behind "plan" is three modes. So they have an id by their place in what was delivered
 * together, and that is known again by the entries with a `uuid` in it. A delivery without any is known again only as what an append
 * that failed brought, if the next one of the transcript brings the same: whoever is told that it failed sends it again.
 */
export class Deliveries {
    readonly #failed = new Recent<Delivery>(KnownFailures);

    /** Reads entries into lines. One whose `uuid` came in it before is left out. */
    of(place: Place, entries: readonly SessionStoreEntry[], texts: readonly string[]): Delivery {
        const digest = sha256(texts.join("\n")).toString("hex");
        const before = this.#failed.get(place.key);
        const seed = entries.some(hasUuid) ? digest : before?.digest === digest ? before.seed : randomUUID();
        const lines = new Map<string, Line>();
        for (const [i, entry] of entries.entries()) {
            const id = hasUuid(entry) ? entryId(place, entry.uuid) : placeId(place, seed, i);
            if (!lines.has(id)) {
                lines.set(id, { id, entry, text: texts[i]! });
            }
        }

        return { lines: [...lines.values()], seed, digest };
    }

    failed(place: Place, { seed, digest }: Delivery): void {
        this.#failed.set(place.key, { lines: [], seed, digest });
    }

    landed(place: Place): void {
        this.#failed.delete(place.key);
    }
}

/** The entries in JSON, as they are now: the caller may change them once the call is made. */
export function textsOf(entries: readonly SessionStoreEntry[]): string[] {
    return entries.map((entry, i) => {
        if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
            throw invalid(`entries[${i}]`, "must be an object");
        }

        return JSON.stringify(entry);
    });
}

function hasUuid(entry: SessionStoreEntry): entry is SessionStoreEntry & { uuid: string } {
    return typeof entry.uuid === "string" && entry.uuid !== "";
}
