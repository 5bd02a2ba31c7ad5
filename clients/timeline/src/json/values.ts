import { type Json, Kind } from "./scan.js";

/** The name of a member, as it is meant; null for what has none. */
export function nameOf(json: Json, value: number): string | null {
    const start = json.values.nameStart[value]!;
    return start < 0 ? null : textOf(json.text.slice(start, json.values.nameEnd[value]));
}

/** A string as it is meant, of how it is written. */
export function textOf(written: string): string {
    try {
        return JSON.parse(written) as string;
    } catch {
        return written;
    }
}

export function isContainer(json: Json, value: number): boolean {
    return json.values.kind[value]! <= Kind.Array;
}

/** A value as it is written. */
export function writtenOf(json: Json, value: number): string {
    return json.text.slice(json.values.start[value], json.values.end[value]);
}

/** The JSON Pointer (RFC 6901) of a value. */
export function pointerOf(json: Json, value: number): string {
    const { parent, index } = json.values;
    let pointer = "";
    for (let at = value; parent[at]! >= 0; at = parent[at]!) {
        pointer = `/${pointerPart(nameOf(json, at) ?? String(index[at]))}${pointer}`;
    }

    return pointer;
}

/** A name as a pointer has it. */
export function pointerPart(name: string): string {
    return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The names of a pointer. */
export function pointerParts(pointer: string): string[] {
    return pointer === "" ? [] : pointer.slice(1).split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The parts of a container, in their order. */
export function partsOf(json: Json, value: number): number[] {
    const { behind } = json.values;
    const parts: number[] = [];
    for (let at = value + 1; at < behind[value]!; at = behind[at]!) {
        parts.push(at);
    }

    return parts;
}

/** The values that have a text in their name or, if they are no containers, in how they are written; the first of them. */
export function find(json: Json, wanted: string, most: number): number[] {
    const found: number[] = [];
    if (wanted === "") {
        return found;
    }

    // A few letters are longer in lower case; a text that has any is searched as it stands.
    const lowered = json.text.toLowerCase();
    const text = lowered.length === json.text.length ? lowered : json.text;
    const { start, end, nameStart, nameEnd, count } = json.values;
    const lower = text === lowered ? wanted.toLowerCase() : wanted;
    for (let at = text.indexOf(lower); at >= 0 && found.length < most; at = text.indexOf(lower, at + 1)) {
        // The last value whose name or own text begins here or before.
        let low = 0;
        let high = count;
        while (low < high) {
            const middle = (low + high) >> 1;
            const begins = nameStart[middle]! >= 0 ? nameStart[middle]! : start[middle]!;
            if (begins <= at) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }

        const value = low - 1;
        if (value < 0 || found[found.length - 1] === value) {
            continue;
        }

        const inName = nameStart[value]! >= 0 && at >= nameStart[value]! && at + lower.length <= nameEnd[value]!;
        if (inName || (!isContainer(json, value) && at >= start[value]! && at + lower.length <= end[value]!)) {
            found.push(value);
        }
    }

    return found;
}

/** Deeper than this, and what is longer, is shown as it is written. */
const MostDepth = 100;
const MostIndented = 200_000;

/** A value with a line for each part of it, all of them as they are written. */
export function indented(json: Json, value: number, depth = 0): string {
    const parts = isContainer(json, value) ? partsOf(json, value) : [];
    const written = writtenOf(json, value);
    if (parts.length === 0 || depth > MostDepth || written.length > MostIndented) {
        return isContainer(json, value) && parts.length === 0 ? `${written[0]}${written[written.length - 1]}` : written;
    }

    const lines = parts.map((part) => {
        const name = json.values.nameStart[part]! < 0 ? "" : `${json.text.slice(json.values.nameStart[part], json.values.nameEnd[part])}: `;
        return `${"  ".repeat(depth + 1)}${name}${indented(json, part, depth + 1)}`;
    });
    return `${written[0]}\n${lines.join(",\n")}\n${"  ".repeat(depth)}${written[written.length - 1]}`;
}
