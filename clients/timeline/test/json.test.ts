import { describe, expect, it } from "vitest";
import { scan } from "../src/json/scan.js";
import { Tree } from "../src/json/tree.js";
import { find, nameOf, pointerOf, pointerParts, writtenOf } from "../src/json/values.js";

const json = (text: string) => ({ text, values: scan(text) });

describe("scan", () => {
    it.each([
        "1", "1.0", "-0.1e+5", "\"\"", "\"a\\\"b\"", "\"\\\\\"", "true", "false", "null", "[]", "{}", "[[],{}]", " { \"a\" : [ 1 , { \"b\" : \"c\" } ] , \"d\":null } ",
        "{\"\":0,\"a/b~c\":[[[[1]]]]}",
    ])("finds every value of %s as it is written", (text) => {
        const it = json(text);
        const build = (value: number): unknown => {
            const parts: number[] = [];
            for (let at = value + 1; at < it.values.behind[value]!; at = it.values.behind[at]!) {
                parts.push(at);
            }

            const written = writtenOf(it, value);
            return written.startsWith("{") ? Object.fromEntries(parts.map((part) => [nameOf(it, part), build(part)]))
                : written.startsWith("[") ? parts.map(build) : JSON.parse(written);
        };

        expect(build(0)).toEqual(JSON.parse(text));
    });

    it.each(["", " ", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "[1 2]", "tru", "\"", "1 1", "]"])("refuses %s", (text) => {
        expect(() => scan(text)).toThrow(SyntaxError);
    });

    it("keeps numbers as they were written", () => {
        const it = json("[1.0, 12345678901234567890]");

        expect([1, 2].map((value) => writtenOf(it, value))).toEqual(["1.0", "12345678901234567890"]);
    });

    it("takes a hundred thousand levels", () => {
        const depth = 100_000;

        expect(scan("[".repeat(depth) + "]".repeat(depth)).count).toBe(depth);
    });
});

describe("pointers", () => {
    it("are as RFC 6901 has them", () => {
        const it = json("{\"a/b\":[{\"m~n\":1}],\"\":2}");
        const pointers = Array.from({ length: it.values.count }, (_, value) => pointerOf(it, value));

        expect(pointers).toEqual(["", "/a~1b", "/a~1b/0", "/a~1b/0/m~0n", "/"]);
        expect(pointerParts("/a~1b/0/m~0n")).toEqual(["a/b", "0", "m~n"]);
    });
});

describe("find", () => {
    it("finds names and scalars, each value once, whatever its case", () => {
        const it = json("{\"Name\":\"nameless name\",\"list\":[\"x\",\"NAME\"],\"name\":{\"y\":1}}");

        expect(find(it, "name", 100).map((value) => pointerOf(it, value))).toEqual(["/Name", "/list/1", "/name"]);
        expect(find(it, "name", 2).length).toBe(2);
        expect(find(it, "", 100)).toEqual([]);
    });
});

describe("Tree", () => {
    it("has the rows of what is unfolded, and finds the row of a value again", () => {
        const it = json("{\"a\":[1,2,3],\"b\":{\"c\":4}}");
        const tree = new Tree(it);
        expect([...tree.rows]).toEqual([0, 1, 2, 3, 4, 5, 6]);

        tree.set(1, false);
        expect([...tree.rows]).toEqual([0, 1, 5, 6]);
        expect(tree.rowOf(3)).toBe(-1);
        expect(tree.rowOf(5)).toBe(2);

        expect(tree.reveal(3)).toBe(3);
        tree.setAll(0, false);
        expect([...tree.rows]).toEqual([0]);
        expect(tree.depthOf(6)).toBe(2);
    });

    it("shows little of what is large", () => {
        const tree = new Tree(json(JSON.stringify({ rows: Array.from({ length: 50_000 }, (_, id) => ({ id })) })));

        expect(tree.rows.length).toBe(2);
        tree.set(1, true);
        expect(tree.rows.length).toBe(50_002);
    });
});
