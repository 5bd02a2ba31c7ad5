import { describe, expect, it } from "vitest";
import { type GraphNode, type Lanes, layOut, passingOf } from "../src/graph/layout.js";

const node = (sequence: number, parent: number | null, branch = "main"): GraphNode => ({ sequence, parent, branch });

describe("layOut", () => {
    it("has a straight line in the first column", () => {
        const { cells, after } = layOut([node(3, 2), node(2, 1), node(1, null)], [], new Set([3]));

        expect(cells.map((cell) => cell.column)).toEqual([0, 0, 0]);
        expect(cells.every((cell) => cell.live)).toBe(true);
        expect(cells[0]!.above).toBeNull();
        expect(cells[2]!.below).toBe(false);
        expect(after).toEqual([]);
    });

    it("moves a line that was left out of the first column, and joins it where it began", () => {
        // 3 and 4 were left by a restore of 2, which 5 follows.
        const { cells } = layOut([node(5, 2), node(4, 3), node(3, 2), node(2, 1), node(1, null)], [], new Set([5]));

        expect(cells.map((cell) => [cell.column, cell.live])).toEqual([[0, true], [1, false], [1, false], [0, true], [0, true]]);
        expect(cells[3]!.joining).toEqual([{ column: 1, branch: "main", live: false }]);
    });

    it("holds the first column free for what is current of main though another line is newer", () => {
        const { cells } = layOut([node(4, 1, "b"), node(3, 2), node(2, 1), node(1, null)], [], new Set([4, 3]));

        expect(cells.map((cell) => cell.column)).toEqual([1, 0, 0, 0]);
        expect(cells[3]!.joining.map((line) => [line.column, line.branch])).toEqual([[1, "b"]]);
    });

    it("says that what stands before the current one is left, and what it stands on is not", () => {
        const { cells } = layOut([node(4, 3), node(3, 2), node(2, 1), node(1, null)], [], new Set([2]));

        expect(cells.map((cell) => cell.live)).toEqual([false, false, true, true]);
    });

    it("gives a column that is free again to the next line", () => {
        const nodes = [node(6, 5), node(5, null, "b"), node(4, 3, "c"), node(3, null, "c"), node(2, 1), node(1, null)];

        expect(layOut(nodes, [], new Set([6, 5, 4, 2])).cells.every((cell) => cell.column <= 1)).toBe(true);
    });

    it("comes to the same page by page as at once", () => {
        const seed = 20260101;
        let state = seed;
        const random = (below: number) => {
            state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
            return state % below;
        };
        const nodes: GraphNode[] = [];
        for (let sequence = 1; sequence <= 2_000; sequence++) {
            nodes.push(node(sequence, sequence === 1 || random(100) === 0 ? null : Math.max(1, sequence - 1 - (random(5) === 0 ? random(40) : 0)), `b${random(4)}`));
        }

        nodes.reverse();
        const current = new Set([2_000, 1_990, 1_500]);
        const whole = layOut(nodes, [], current);
        const cells = [];
        let after: Lanes = [];
        for (let at = 0; at < nodes.length; at += 130) {
            const page = layOut(nodes.slice(at, at + 130), after, current);
            cells.push(...page.cells);
            after = page.after;
        }

        expect(cells, `seed ${seed}`).toEqual(whole.cells);
        expect(after).toEqual([]);
    });

    it("never puts a line through a checkpoint that it does not end at", () => {
        const nodes = Array.from({ length: 500 }, (_, at) => node(500 - at, at === 499 ? null : Math.max(1, 499 - at - (at % 7)), `b${at % 5}`));

        for (const cell of layOut(nodes, [], new Set([500])).cells) {
            expect(passingOf(cell.after, cell.column, 14).some((line) => line.column === cell.column)).toBe(false);
            expect(new Set(cell.joining.map((line) => line.column)).has(cell.column)).toBe(false);
        }
    });

    it("tells of the lines past the last column by one", () => {
        const lanes = Array.from({ length: 3_000 }, (_, at) => (at === 2 ? null : { to: 1, branch: `b${at}`, live: true }));

        expect(passingOf(lanes, 1, 4).map((line) => line.column)).toEqual([0, 3, 4]);
        expect(passingOf([], -1, 4)).toEqual([]);
    });
});
