import { describe, expect, it } from "vitest";
import { type Merged, pointerOfMerged, writtenOfRef } from "../src/diff/merged.js";
import { mark } from "../src/diff/patch.js";
import { between, openChanges, rowsOf } from "../src/diff/rows.js";
import { scan } from "../src/json/scan.js";

const json = (value: unknown) => {
    const text = JSON.stringify(value);
    return { text, values: scan(text) };
};
const compared = (earlier: unknown, patch: readonly object[]) => mark(json(earlier), json(patch));

/** The later state, put together from what is shown as it. */
function later(node: Merged): unknown {
    const { right } = node;
    if (right === null) {
        return undefined;
    }

    if (!node.isContainer || node.mark === "changed") {
        return JSON.parse(writtenOfRef(right));
    }

    const parts = node.parts.filter((part) => part.isLive);
    return right.json.values.kind[right.value] === 1 ? parts.map(later) : Object.fromEntries(parts.map((part) => [part.name, later(part)]));
}

const told = (comparison: ReturnType<typeof mark>) =>
    comparison.changes.map((node) => [node.mark, pointerOfMerged(node, node.isLive ? "right" : "left")]);

describe("mark", () => {
    it("marks what was added, removed and changed, where it is", () => {
        const comparison = compared({ a: 1, b: { c: [1, 2, 3] }, d: "x" }, [
            { op: "replace", path: "/a", value: 2 }, { op: "remove", path: "/b/c/1" }, { op: "add", path: "/b/c/2", value: { e: 4 } }, { op: "add", path: "/f", value: null },
        ]);

        expect(told(comparison)).toEqual([["changed", "/a"], ["removed", "/b/c/1"], ["added", "/b/c/2"], ["added", "/f"]]);
        expect(later(comparison.root)).toEqual({ a: 2, b: { c: [1, 3, { e: 4 }] }, d: "x", f: null });
    });

    it("counts indexes as the operations before have left them", () => {
        const comparison = compared([0, 1, 2, 3, 4, 5], [
            { op: "remove", path: "/0" }, { op: "remove", path: "/0" }, { op: "replace", path: "/1", value: "three" }, { op: "add", path: "/0", value: "new" },
            { op: "add", path: "/5", value: "last" },
        ]);

        expect(later(comparison.root)).toEqual(["new", 2, "three", 4, 5, "last"]);
        expect(comparison.changes.map((node) => node.mark)).toEqual(["removed", "removed", "added", "changed", "added"]);
    });

    it("shows what was moved at both of its places, and what changed in it", () => {
        const comparison = compared({ from: { big: { x: 1, y: 2 } }, to: {} }, [
            { op: "move", from: "/from/big", path: "/to/big" }, { op: "replace", path: "/to/big/y", value: 3 },
        ]);

        expect(comparison.changes.map((node) => [node.mark, node.other])).toEqual([["gone", "/to/big"], ["moved", "/from/big"], ["changed", ""]]);
        expect(later(comparison.root)).toEqual({ from: {}, to: { big: { x: 1, y: 3 } } });
    });

    it("takes a name that comes again for a new value", () => {
        const comparison = compared({ a: 1 }, [{ op: "remove", path: "/a" }, { op: "add", path: "/a", value: 2 }]);

        expect(comparison.changes.map((node) => node.mark)).toEqual(["removed", "added"]);
        expect(later(comparison.root)).toEqual({ a: 2 });
    });

    it("marks the whole where that is replaced", () => {
        const comparison = compared([1], [{ op: "replace", path: "", value: { a: 1 } }]);

        expect(told(comparison)).toEqual([["changed", ""]]);
        expect(comparison.root.parts.map((part) => part.mark)).toEqual(["removed", "added"]);
    });

    it("reads names that have slashes, tildes and escapes", () => {
        const comparison = compared({ "a/b": { "m~n": { "\u202e": 1 } } }, [{ op: "replace", path: "/a~1b/m~0n/\u202e", value: 2 }]);

        expect(told(comparison)).toEqual([["changed", "/a~1b/m~0n/\u202e"]]);
    });

    it("refuses what does not fit", () => {
        expect(() => compared({}, [{ op: "remove", path: "/none" }])).toThrow("/none");
        expect(() => compared({}, [{ op: "test", path: "", value: 1 }])).toThrow("test");
    });

    it("takes thousands of operations in an array at once", () => {
        const rows = Array.from({ length: 50_000 }, (_, at) => at);
        const patch = rows.filter((at) => at % 10 === 0).map((at, done) => ({ op: "remove", path: `/${at - done}` }));
        const comparison = compared(rows, patch);

        expect(comparison.changes.length).toBe(5_000);
        expect((later(comparison.root) as number[]).slice(0, 3)).toEqual([1, 2, 3]);
    });

    it("takes them at once also from the last one on", () => {
        const rows = Array.from({ length: 50_000 }, (_, at) => at);
        const patch = rows.filter((at) => at % 2 === 0).reverse().map((at) => ({ op: "remove", path: `/${at}` }));
        const comparison = compared(rows, patch);

        expect(comparison.changes.length).toBe(25_000);
        expect((later(comparison.root) as number[]).slice(0, 3)).toEqual([1, 3, 5]);
    });

    it("comes to what a plain reading of a patch comes to", () => {
        const seed = 20260217;
        let state = seed;
        const random = (below: number) => {
            state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
            return (state >> 8) % below;
        };
        for (let round = 0; round < 300; round++) {
            const earlier: unknown[] = Array.from({ length: random(12) }, (_, at) => at);
            const plain = [...earlier];
            const patch: object[] = [];
            for (let step = 0; step < 10; step++) {
                const at = random(plain.length + 1);
                if (random(2) === 0 || at === plain.length) {
                    patch.push({ op: "add", path: `/${at}`, value: `v${round}-${step}` });
                    plain.splice(at, 0, `v${round}-${step}`);
                } else if (random(2) === 0) {
                    patch.push({ op: "remove", path: `/${at}` });
                    plain.splice(at, 1);
                } else {
                    patch.push({ op: "replace", path: `/${at}`, value: `r${round}-${step}` });
                    plain[at] = `r${round}-${step}`;
                }
            }

            expect(later(compared(earlier, patch).root), `seed ${seed}, round ${round}`).toEqual(plain);
        }
    });
});

describe("rowsOf", () => {
    it("folds runs of what is the same, and keeps a few beside what differs", () => {
        const { root } = compared(Array.from({ length: 100 }, (_, at) => at), [{ op: "replace", path: "/50", value: "x" }]);
        openChanges(root);
        const rows = rowsOf(root, true);

        expect(rows.map((row) => ("gap" in row ? `gap ${row.gap.length}` : row.rightIndex))).toEqual([-1, "gap 48", 48, 49, 50, 51, 52, "gap 47"]);
        expect(rowsOf(root, false).length).toBe(101);
    });

    it("counts an element in each state by itself", () => {
        const { root } = compared(["a", "b", "c"], [{ op: "remove", path: "/0" }, { op: "add", path: "/2", value: "d" }]);
        openChanges(root);

        expect(rowsOf(root, true).slice(1).map((row) => ("gap" in row ? null : [row.leftIndex, row.rightIndex]))).toEqual([[0, -1], [1, 0], [2, 1], [-1, 2]]);
    });

    it("does not unfold what came whole and is large", () => {
        const { root } = compared({}, [{ op: "add", path: "/big", value: Array.from({ length: 1_000 }, (_, at) => at) }]);
        openChanges(root);

        expect(rowsOf(root, true).length).toBe(2);
    });
});

describe("between", () => {
    it("finds what two texts do not have in common", () => {
        expect(between("one two three", "one 2 three")).toEqual({ front: 4, end: 6 });
        expect(between("aa", "aaa")).toEqual({ front: 2, end: 0 });
        expect(between("", "x")).toEqual({ front: 0, end: 0 });
    });
});
