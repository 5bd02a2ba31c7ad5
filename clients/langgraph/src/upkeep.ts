import { ForgeError, invalid, isMissing } from "../../http/src/errors.js";
import { isHashed } from "../../http/src/texts.js";
import { type Names, runTag } from "./names.js";
import type { Store } from "./store.js";

/** What became of the checkpoints of runs. */
export interface RunsDeleted {
    /** How many went. */
    readonly deleted: number;
    /** How many stay, since checkpoints of other runs require them. */
    readonly required: number;
}

/** Removes and copies what belongs together. */
export class Upkeep {
    readonly #store: Store;
    readonly #names: Names;
    readonly #epochOf: (session: string) => number | undefined;

    constructor(store: Store, names: Names, epochOf: (session: string) => number | undefined) {
        this.#store = store;
        this.#names = names;
        this.#epochOf = epochOf;
    }

    /** Deletes a thread with all its namespaces, in one instant. One that is not there, or was deleted, is left as it is. */
    async deleteThread(session: string): Promise<void> {
        try {
            await this.#store.deleteSession(session, this.#epochOf(session));
        } catch (error) {
            if (!isMissing(error)) {
                throw error;
            }
        }
    }

    /** Removes all but the greatest checkpoint of each namespace, and what that requires. */
    async keepLatest(session: string): Promise<void> {
        const newest = new Map<string, { id: string; isNewest: boolean }>();
        const ids = new Set<string>();
        for await (const summary of this.#store.summaries(session, {})) {
            const known = newest.get(summary.branch);
            ids.add(summary.id);
            if (known === undefined || summary.id > known.id) {
                newest.set(summary.branch, { id: summary.id, isNewest: known === undefined });
            }
        }

        const kept = new Set([...newest.values()].map((one) => one.id));
        if (ids.size === kept.size) {
            return;
        }

        // In one step, if what is to stay is what Forge keeps anyhow; and then, one by one, what it keeps besides: other tips, and the
        // newest where that is not the greatest.
        if ([...newest.values()].every((one) => one.isNewest)) {
            await this.#store.compact(session, this.#epochOf(session));
        }

        for await (const summary of this.#store.summaries(session, {})) {
            // Those that came since are nobody's to remove.
            if (!kept.has(summary.id) && ids.has(summary.id)) {
                await this.#delete(session, summary.id);
            }
        }
    }

    /** Removes the checkpoints whose metadata name one of the runs, in all threads. */
    async deleteForRuns(runs: readonly string[]): Promise<RunsDeleted> {
        let [deleted, required] = [0, 0];
        for (const run of runs) {
            const found: { session: string; id: string }[] = [];
            for await (const { session, checkpoint } of this.#store.tagged(runTag(run), this.#names.prefix)) {
                found.push({ session, id: checkpoint.id });
            }

            // The newest first, so that what requires goes before what it requires.
            for (const { session, id } of found) {
                if (await this.#delete(session, id)) {
                    deleted++;
                } else {
                    required++;
                }
            }
        }

        return { deleted, required };
    }

    /** Copies a thread with all its namespaces and pending writes, as of one instant; the copy is there in one instant too. */
    async copyThread(from: string, to: string): Promise<void> {
        const [source, target] = [this.#names.session(from), this.#names.session(to)];
        if (source === target) {
            throw invalid("targetThreadId", "must be another thread");
        }

        // Each checkpoint of such a thread tells its name, and those that are copied would tell another.
        if (isHashed(target)) {
            throw invalid("targetThreadId", `must be at most ${200 - this.#names.prefix.length} characters of those that need no escape`);
        }

        await this.#store.copy(source, target, this.#epochOf(target));
    }

    /** Deletes a checkpoint. False if it stays, since others require it. */
    async #delete(session: string, id: string): Promise<boolean> {
        try {
            await this.#store.deleteCheckpoint(session, id, this.#epochOf(session));
        } catch (error) {
            if (error instanceof ForgeError && error.code === "required") {
                return false;
            }

            if (!isMissing(error)) {
                throw error;
            }
        }

        return true;
    }
}
