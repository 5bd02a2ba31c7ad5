import { DeltaSnapshot, JsonPlusSerializer } from "@langchain/langgraph-checkpoint";
import { AIMessage } from "@langchain/core/messages";
import { Send } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { isLangGraphs, isPlain, isRead } from "../src/plain.js";
import { checkpointOf, newPrefix, newSaver, put, thread } from "./threads.js";

const serde = new JsonPlusSerializer();

async function written(value: unknown): Promise<string> {
    return Buffer.from((await serde.dumpsTyped(value))[1]).toString();
}

function circular(): unknown {
    const own: Record<string, unknown> = { a: 1 };
    own["b"] = [own];
    return own;
}

function nested(depth: number): unknown {
    let value: unknown = "x";
    for (let i = 0; i < depth; i++) {
        value = i % 2 === 0 ? [value] : { value };
    }

    return value;
}

const Plain: [string, unknown][] = [
    ["a text", "é \u{1f600} \ud800 \u2028 \"\\\n"], ["a number", 1e21], ["no number", [Number.NaN, -Infinity, -0]], ["nothing", null],
    ["an array", [1, [true, false], []]], ["keys that are numbers", { b: 1, 2: 2, a: { 10: 0, 9: 0 } }],
    ["an object without a prototype", Object.assign(Object.create(null) as object, { a: 1 })],
    ["a __proto__ of its own", JSON.parse('{"__proto__":{"a":1}}')], ["what a serializer makes", { lc: 2, type: "undefined" }],
    ["one value twice", ((shared) => [shared, shared])({ a: [1] })], ["what is nested", nested(150)],
];
const Others: [string, unknown][] = [
    ["undefined", undefined], ["undefined within", { a: undefined }], ["a hole", [1, , 2]], ["a function", { a: () => 1 }], ["a symbol", { a: Symbol("a") }],
    ["bytes", { a: new Uint8Array([1, 2]) }], ["a set", [new Set([1])]], ["a map", { a: new Map([[1, 2]]) }], ["a pattern", [/a/g]],
    ["an error", { a: new Error("no") }], ["a date", { a: new Date(0) }], ["a message", [new AIMessage("hello")]], ["a send", [new Send("node", { a: 1 })]],
    ["what looks like a send", { lg_name: "Send", node: "a", args: 1, more: 2 }], ["a delta", { a: new DeltaSnapshot([1]) }],
    ["a toJSON", { toJSON: () => 1 }], ["an array with a toJSON", Object.assign([1], { toJSON: () => 2 })], ["what holds itself", circular()],
    ["what is nested too deeply", nested(300)], ["a large integer", { a: 1n }],
];

describe("plain", () => {
    it.each(Plain)("isPlain_%s_IsWrittenByTheSerializerAsJson", async (_, value) => {
        expect(isPlain(value)).toBe(true);
        expect(JSON.stringify(value)).toBe(await written(value));
    });

    it.each(Others)("isPlain_%s_IsLeftToTheSerializer", (_, value) => {
        expect(isPlain(value)).toBe(false);
    });

    it.each([...Plain, ...Others])("isRead_%s_OnlyIfTheSerializerReadsTheSame", async (_, value) => {
        const json: unknown = JSON.parse(await written(value));

        if (isRead(json)) {
            expect(await serde.loadsTyped("json", JSON.stringify(json))).toEqual(json);
        } else {
            expect(JSON.stringify(json)).toMatch(/"(lc|__proto__)":/);
        }
    });

    it("isLangGraphs_AnotherSerializer_IsNot", () => {
        const [derived, changed] = [new (class extends JsonPlusSerializer {})(), Object.assign(new JsonPlusSerializer(), { dumpsTyped: serde.dumpsTyped })];

        expect([serde, derived, changed].map(isLangGraphs)).toEqual([true, false, false]);
    });

    it.each(Others.filter(([name]) => name !== "a large integer"))("put_%s_ComesBackAsByTheSerializer", async (_, value) => {
        const saver = newSaver({ prefix: newPrefix() });
        await put(saver, thread("t"), checkpointOf({ value, other: "x".repeat(5_000) }));

        const found = await saver.getTuple(thread("t"));

        const whole = await serde.loadsTyped("json", await written({ value }));
        expect((found?.checkpoint.channel_values as Record<string, unknown>)["value"]).toEqual((whole as Record<string, unknown>)["value"]);
    });
});
