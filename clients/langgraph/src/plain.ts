import { JsonPlusSerializer, type SerializerProtocol } from "@langchain/langgraph-checkpoint";

// What is nested deeper may hold itself; the serializer finds that out.
const Deepest = 200;

// What JSON does not have is marked by `lc`, as of the version that this was written against. Should a later one do otherwise, all is left to it.
const Sample = [undefined, new Set([1]), new Map([[1, 2]]), /a/g, new Error("a"), new Uint8Array([1]), { a: [1, "é", null, true, NaN, -0] }];
const Written = [
    { lc: 2, type: "undefined" },
    constructed("Set", null, [[1]]),
    constructed("Map", null, [[[1, 2]]]),
    constructed("RegExp", null, ["a", "g"]),
    constructed("Error", null, ["a"]),
    constructed("Uint8Array", "from", [[1]]),
    { a: [1, "é", null, true, null, 0] },
];
const isKnown = isWrittenAs(Sample, JSON.stringify(Written));

/** True for LangGraph's own serializer, whose writing of what is plain is that of JSON. */
export function isLangGraphs(serde: SerializerProtocol): boolean {
    return isKnown && Object.getPrototypeOf(serde) === JsonPlusSerializer.prototype && Object.keys(serde).length === 0;
}

/**
 * True for a value that LangGraph's serializer writes as JSON does, which is several times as fast: it looks at each value by itself for what
 * JSON does not have.
 */
export function isPlain(value: unknown): boolean {
    return isPlainAt(value, 0);
}

/** True if LangGraph's serializer reads parsed JSON as what it is: it marks all that JSON does not have by `lc`. */
export function isRead(json: unknown): boolean {
    if (typeof json !== "object" || json === null) {
        return true;
    }

    if (Array.isArray(json)) {
        return json.every(isRead);
    }

    for (const key in json) {
        if (key === "lc" || key === "__proto__" || !isRead((json as Record<string, unknown>)[key])) {
            return false;
        }
    }

    return true;
}

function isPlainAt(value: unknown, depth: number): boolean {
    switch (typeof value) {
        case "string":
        case "number":
        case "boolean":
            return true;
        case "object":
            return value === null || (depth < Deepest && arePlain(value, depth + 1));
        default:
            return false;
    }
}

function arePlain(value: object, depth: number): boolean {
    const prototype: unknown = Object.getPrototypeOf(value);
    if ("toJSON" in value || (value as { lg_name?: unknown }).lg_name === "Send") {
        return false;
    }

    if (Array.isArray(value)) {
        if (prototype !== Array.prototype) {
            return false;
        }

        for (let i = 0; i < value.length; i++) {
            if (!isPlainAt(value[i], depth)) {
                return false;
            }
        }

        return true;
    }

    if (prototype !== Object.prototype && prototype !== null) {
        return false;
    }

    for (const key of Object.keys(value)) {
        if (!isPlainAt((value as Record<string, unknown>)[key], depth)) {
            return false;
        }
    }

    return true;
}

function constructed(name: string, method: string | null, args: unknown[]): object {
    return { lc: 2, type: "constructor", id: [name], method, args, kwargs: {} };
}

function isWrittenAs(value: unknown, text: string): boolean {
    // It is not for others to call, and so may be gone.
    const { _dumps: dumps } = JsonPlusSerializer.prototype as unknown as { readonly _dumps?: (value: unknown) => Uint8Array };
    try {
        return dumps !== undefined && Buffer.from(dumps.call(new JsonPlusSerializer(), value)).toString() === text;
    } catch {
        return false;
    }
}
