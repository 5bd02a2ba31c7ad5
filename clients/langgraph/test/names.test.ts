import { describe, expect, it } from "vitest";
import { isHashed } from "../../http/src/texts.js";
import { branchOf, isOfNamespace, Names, namespaceOf, runTag, writeText } from "../src/names.js";

const Odd = ["", "main", "/", "~", "~~", "~002f", "a/b", "a b", "é", "𝄞", "\ud834", "\udd1e", "..", "node:1|child:2", "\n", "A", "a"];

describe("names", () => {
    it("branchOf_OddNamespaces_AreAllDifferentAndFit", () => {
        const branches = Odd.map(branchOf);

        expect(new Set(branches).size).toBe(Odd.length);
        expect(branchOf("")).toBe("main");
        for (const branch of branches) {
            expect(branch).toMatch(/^[!-~]{1,500}$/);
        }
    });

    it("namespaceOf_Branch_IsTheNamespaceAgain", () => {
        expect(Odd.map((namespace) => namespaceOf(branchOf(namespace)))).toEqual(Odd);
    });

    it("namespaceOf_BranchOfAnotherTool_IsNone", () => {
        expect(["feature", "Main", ""].map((branch) => [namespaceOf(branch), isOfNamespace(branch)])).toEqual(Array(3).fill([undefined, false]));
        expect(["main", "/", "/a"].map(isOfNamespace)).toEqual([true, true, true]);
    });

    it("session_OddThreads_AreAllDifferentAndFit", () => {
        const names = new Names("langgraph:");
        const sessions = Odd.map((id) => names.session(id));

        expect(new Set(sessions).size).toBe(Odd.length);
        for (const session of sessions) {
            expect(session).toMatch(/^[!-.0-~]{1,200}$/);
        }

        const told = Odd.filter((id) => id !== "");
        expect(told.map((id) => names.thread(names.session(id)))).toEqual(told);
    });

    it.each([
        ["session", (text: string) => new Names("p:").session(text), 200],
        ["branch", branchOf, 500],
        ["write", writeText, 200],
        ["tag", runTag, 128],
    ] as const)("%s_TooLong_IsAHashThatFits", (_, nameOf, length) => {
        const [one, other] = [nameOf(`${"x".repeat(600)}1`), nameOf(`${"x".repeat(600)}2`)];

        expect(one.length).toBeLessThanOrEqual(length);
        expect(isHashed(one)).toBe(true);
        expect(one).not.toBe(other);
    });

    it("constructor_PrefixThatNoSessionCanHave_IsRefused", () => {
        expect(() => new Names("a/b")).toThrowError(/prefix/);
        expect(() => new Names("")).toThrowError(/prefix/);
        expect(() => new Names(".")).toThrowError(/prefix/);
    });
});
