import type { SessionStoreEntry } from "@anthropic-ai/claude-agent-sdk";
import { randomUUID } from "node:crypto";
import { invalid } from "../../http/src/errors.js";
import { Recent } from "../../http/src/memory.js";
import { entryId, type Place, placeId, sha256 } from "./names.js";

const KnownFailures = 1_000;

/** An entry as it was when it was given. */
export interface Given {
    /** The entry as its JSON has it. */
    readonly entry: SessionStoreEntry;
    /** The entry in JSON. */
    readonly text: string;
}

/** An entry as it is sent. */
export interface Line extends Given {
    readonly id: string;
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
    of(place: Place, given: readonly Given[]): Delivery {
        const digest = sha256(given.map(({ text }) => text).join("\n")).toString("hex");
        const before = this.#failed.get(place.key);
        const seed = given.some(({ entry }) => hasUuid(entry)) ? digest : before?.digest === digest ? before.seed : randomUUID();
        const lines = new Map<string, Line>();
        for (const [i, { entry, text }] of given.entries()) {
            const id = hasUuid(entry) ? entryId(place, entry.uuid) : placeId(place, seed, i);
            if (!lines.has(id)) {
                lines.set(id, { id, entry, text });
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

/** The entries as they are now: they are read back from their JSON, so that the caller may change them once the call is made. */
export function givenOf(entries: readonly SessionStoreEntry[]): Given[] {
    return entries.map((one, i) => {
        const text = isEntry(one) ? JSON.stringify(one) as string | undefined : undefined;
        const entry: unknown = text === undefined ? undefined : JSON.parse(text);
        if (text === undefined || !isEntry(entry)) {
            throw invalid(`entries[${i}]`, "must be an object");
        }

        return { entry, text };
    });
}

/** True if it can be an entry, which is a JSON object. */
export function isEntry(value: unknown): value is SessionStoreEntry {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasUuid(entry: SessionStoreEntry): entry is SessionStoreEntry & { uuid: string } {
    return typeof entry.uuid === "string" && entry.uuid !== "";
}
