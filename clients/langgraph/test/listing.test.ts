import { describe, expect, it } from "vitest";
import type { CheckpointAnswer } from "../src/documents.js";
import { byFallingId, matches, mayMatch, messageOf } from "../src/listing.js";
import { topTag } from "../src/names.js";
import { metadataOf } from "./threads.js";

/** Checkpoints as they came, each with the tag that its put would have given it, by falling sequence. */
async function* fallingSequence(ids: readonly string[]): AsyncGenerator<CheckpointAnswer> {
    let top = "";
    const answers = ids.map((id, i): CheckpointAnswer => {
        top = id > top ? id : top;
        return { id, sequence: i + 1, branch: "main", message: "loop 1", checksum: "", tags: top === id ? [] : [topTag(top)] };
    });
    yield* answers.reverse();
}

async function idsOf(source: AsyncIterable<CheckpointAnswer>): Promise<string[]> {
    const ids: string[] = [];
    for await (const answer of source) {
        ids.push(answer.id);
    }

    return ids;
}

describe("listing", () => {
    it("byFallingId_AnyOrderOfComing_IsByFallingIds", async () => {
        const orders = permutations(["a", "b", "c", "d", "e"]);

        for (const order of orders) {
            expect(await idsOf(byFallingId(fallingSequence(order))), order.join()).toEqual(["e", "d", "c", "b", "a"]);
        }

        expect(orders.length).toBe(120);
    });

    it("byFallingId_NoneLate_GivesEachBeforeTheNextIsRead", async () => {
        let read = 0;
        async function* counted(): AsyncGenerator<CheckpointAnswer> {
            for await (const answer of fallingSequence(["a", "b", "c"])) {
                read++;
                yield answer;
            }
        }

        const iterator = byFallingId(counted());
        await iterator.next();

        expect(read).toBe(1);
    });

    it("matches_KeyThatIsNotThere_MatchesNothing", () => {
        const metadata = metadataOf(3, { user: { id: 1 } });

        expect(matches(metadata, { unknown: undefined })).toBe(false);
        expect(matches(metadata, { toString: Object.prototype.toString })).toBe(false);
        expect(matches(metadata, { user: { id: 1 } })).toBe(true);
        expect(matches(metadata, { user: { id: 2 } })).toBe(false);
        expect(matches(metadata, { step: 3, source: "loop" })).toBe(true);
    });

    it("mayMatch_Message_PassesOverOnlyWhatCannotMatch", () => {
        const message = messageOf(metadataOf(-1));

        expect(message).toBe("loop -1");
        expect(mayMatch(message, { source: "loop", step: -1, other: 1 })).toBe(true);
        expect(mayMatch(message, { source: "input" })).toBe(false);
        expect(mayMatch(message, { step: 1 })).toBe(false);
        expect(mayMatch("checkpoint", { step: 1 })).toBe(true);
    });
});

function permutations(items: readonly string[]): string[][] {
    return items.length <= 1
        ? [[...items]]
        : items.flatMap((item, i) => permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]));
}
