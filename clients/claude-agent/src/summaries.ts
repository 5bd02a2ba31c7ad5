import type { foldSessionSummary, SessionStoreEntry } from "@anthropic-ai/claude-agent-sdk";
import { ForgeError } from "../../http/src/errors.js";
import { type ForgeHttp, type Page, sessionPath } from "../../http/src/http.js";
import { About, type Place } from "./names.js";

// A pending write has Forge:Limits:WriteBytes, 1 MiB, at most. What is larger is made of the entries again by whoever wants it.
const BytesOfSummary = 512 * 1024;

/** What the SDK tells of a session in lists. It is the SDK's own, and means nothing here. */
export type SummaryData = Record<string, unknown>;

/** The SDK's fold of entries into a summary. */
export type Fold = typeof foldSessionSummary;

/** What is kept of a session beside its entries. */
export interface Kept {
    /** The checkpoint that it is kept under. */
    readonly about: string;
    /** The id of the newest entry that the summary is made of; undefined if there is none. */
    readonly last: string | undefined;
    /** The summary; undefined if there is none, or it is too large to be kept. */
    readonly data: SummaryData | undefined;
}

interface SummaryValue {
    readonly last: string;
    readonly data?: SummaryData;
}

interface WritesAnswer {
    readonly checkpoint: { readonly id: string };
    readonly items: readonly { readonly value?: SummaryValue }[];
}

/** A pending write as Forge takes it. */
export interface NewWrite {
    readonly task: string;
    readonly name: string;
    readonly value: SummaryValue;
    readonly mode: "replace";
}

/** Makes, keeps and reads the summaries of sessions. */
export class Summaries {
    readonly #http: ForgeHttp;
    readonly #fold: () => Promise<Fold>;

    constructor(http: ForgeHttp, fold: () => Promise<Fold>) {
        this.#http = http;
        this.#fold = fold;
    }

    /** The same over another way to Forge. */
    over(http: ForgeHttp): Summaries {
        return new Summaries(http, this.#fold);
    }

    /** A summary with further entries in it. */
    async with(place: Place, data: SummaryData | undefined, entries: readonly SessionStoreEntry[]): Promise<SummaryData> {
        const { projectKey, sessionId } = place;
        const fold = await this.#fold();
        return fold(data === undefined ? undefined : { sessionId, mtime: 0, data }, { projectKey, sessionId }, [...entries], { mtime: 0 }).data;
    }

    /** What is put in the step of the last entry that a summary is made of, in the place of the one before; null is one that is not known. */
    write(last: string, data: SummaryData | null): NewWrite {
        const isKept = data !== null && Buffer.byteLength(JSON.stringify(data)) <= BytesOfSummary;
        return { task: "summary", name: "summary", value: isKept ? { last, data } : { last }, mode: "replace" };
    }

    /** What is kept of a session; undefined if there is nothing. */
    async read(session: string): Promise<Kept | undefined> {
        const found = await this.#written(session);
        if (found === undefined) {
            return undefined;
        }

        const value = found.items[0]?.value;
        return { about: found.checkpoint.id, last: value?.last, data: value?.data };
    }

    async #written(session: string): Promise<WritesAnswer | undefined> {
        const path = `${sessionPath(session)}/checkpoints`;
        try {
            return await this.#http.read<WritesAnswer>(`${path}/latest/writes`, { branch: About, limit: 1 });
        } catch (error) {
            if (!(error instanceof ForgeError && error.code === "state_corrupted")) {
                throw error;
            }

            // A damaged one is as good as none, and is replaced by the next: the entries have all that it is made of.
            const checkpoint = (await this.#http.read<Page<WritesAnswer["checkpoint"]>>(path, { branch: About, limit: 1 }))?.items[0];
            return checkpoint === undefined ? undefined : { checkpoint, items: [] };
        }
    }
}
