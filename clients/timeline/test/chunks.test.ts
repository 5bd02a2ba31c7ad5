import { describe, expect, it } from "vitest";
import { ChunkedLog } from "../src/log/chunks.js";
import type { Entry, Item } from "../src/log/items.js";

const entry = (sequence: number, parent = sequence - 1): Entry => ({
    sequence, id: `id-${sequence}`, at: "2026-01-01T00:00:00Z", parent: parent === 0 ? null : parent, branch: "main", message: `m${sequence}`, tags: [], trigger: "manual", size: 1,
});

const effect = (key: string, after: number) => ({
    key, after, class: "write", status: "unknown", epoch: 1, begunAt: "2026-01-01T00:00:00Z", until: null, changedAt: "2026-01-01T00:00:00Z",
});

function logOf(last: number, gone: ReadonlySet<number> = new Set()) {
    const asked: [number, number][] = [];
    const log = new ChunkedLog(async (low, high) => {
        asked.push([low, high]);
        const entries: Entry[] = [];
        for (let sequence = high; sequence >= low; sequence--) {
            if (!gone.has(sequence)) {
                entries.push(entry(sequence));
            }
        }

        return entries;
    }, last, last - gone.size);
    return { log, asked };
}

const rest = async () => {
    for (let turn = 0; turn < 50; turn++) {
        await Promise.resolve();
    }
};
const sequences = (log: ChunkedLog) => Array.from({ length: log.length }, (_, at) => log.at(at)).map((item: Item) =>
    (item.kind === "checkpoint" ? item.entry.sequence : item.kind));

describe("ChunkedLog", () => {
    it("loads what is in sight and one beyond, and not the rest", async () => {
        const { log, asked } = logOf(100_000);
        log.want(0, 40);
        await rest();

        expect(log.length).toBe(100_000);
        expect(log.at(0)).toMatchObject({ kind: "checkpoint", entry: { sequence: 100_000 } });
        expect(asked.length).toBe(2);
    });

    it("loads what a jump comes to first, and then what its lines come from", async () => {
        const { log, asked } = logOf(5_000);
        log.put({ effects: [], notes: new Map(), current: new Set([5_000]) });
        log.want(4_980, 5_000);
        await rest();

        expect(asked[0]).toEqual([1, 500]);
        expect(asked.length).toBe(10);
        expect(log.at(4_999)).toMatchObject({ kind: "checkpoint", entry: { sequence: 1 }, cell: { column: 0 } });
    });

    it("is as long as what is there, once it is loaded", async () => {
        const { log } = logOf(10, new Set([3, 4, 9]));
        log.want(0, 10);
        await rest();

        expect(sequences(log)).toEqual([10, 8, 7, 6, 5, 2, 1]);
        expect(log.placeOf(5)).toBe(4);
        expect(log.placeOf(9)).toBe(-1);
    });

    it("puts effects and notes where they belong, also where what they came after is gone", async () => {
        const { log } = logOf(600, new Set([3]));
        log.put({
            effects: [effect("late", 600), effect("edge", 500), effect("of-gone", 3), effect("first", 0)],
            notes: new Map([[2, [{ position: 9, at: "2026-01-01T00:00:00Z", severity: "info", text: "look" }]]]),
            current: new Set([600]),
        });
        log.want(0, 604);
        await rest();
        const all = sequences(log);

        expect(all.slice(0, 2)).toEqual(["effect", 600]);
        expect(all.slice(99, 103)).toEqual([502, 501, "effect", 500]);
        expect(all.slice(-6)).toEqual([4, "effect", 2, "note", 1, "effect"]);
        expect(log.placeOfEffect("of-gone")).toBe(all.length - 5);
    });

    it("adds what is created above, once, also while the page that has it is read", async () => {
        const { log } = logOf(499);
        log.want(0, 30);
        log.add([entry(500), entry(501)]);
        await rest();

        expect(log.add([entry(501), entry(502)])).toBe(1);
        expect(sequences(log).slice(0, 4)).toEqual([502, 501, 500, 499]);
    });

    it("keeps what is changed while the page that has it is read", async () => {
        const { log } = logOf(3);
        log.want(0, 3);
        log.change(2, (one) => ({ ...one, tags: ["new"] }));
        await rest();

        expect(log.at(1)).toMatchObject({ entry: { sequence: 2, tags: ["new"] } });
        expect(log.at(0)).toMatchObject({ entry: { sequence: 3, tags: [] } });
    });

    it("stays in chunks when much is created", () => {
        const { log } = logOf(0);
        for (let sequence = 1; sequence <= 5_000; sequence++) {
            log.add([entry(sequence)]);
        }

        expect(log.length).toBe(5_000);
        expect(log.at(4_999)).toMatchObject({ entry: { sequence: 1 } });
    });

    it("shows what was there until it is read again", async () => {
        const { log } = logOf(20);
        log.want(0, 20);
        await rest();
        log.renew(20, 20);

        expect(sequences(log).length).toBe(20);
        expect(sequences(log)[0]).toBe(20);
    });

    it("stops at an error, and goes on when it is told to", async () => {
        let fails = true;
        const log = new ChunkedLog(async () => {
            if (fails) {
                throw new Error("away");
            }

            return [entry(1)];
        }, 1, 1);
        log.want(0, 1);
        await rest();
        expect(log.failed).toMatchObject({ message: "away" });

        fails = false;
        log.retry();
        await rest();
        expect(sequences(log)).toEqual([1]);
    });
});
