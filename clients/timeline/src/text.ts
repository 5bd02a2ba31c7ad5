/** A part of a text: as it is, or a character that would not be seen, or would have others seen in another order, by its number. */
export interface TextPart {
    readonly text: string;
    readonly hidden: boolean;
}

// Controls, what turns the direction of writing, what has no width, lone surrogates, and the tags that nobody sees. Line breaks and tabs
// are told too where a text stands on one line.
const Hidden =
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\udb40[\udc00-\uddef]/g;

const Names: Readonly<Record<string, string>> = { "\n": "↵", "\r": "␍", "\t": "⇥", "\u0000": "␀", "\u001b": "␛" };

/** Takes a text apart so that nothing in it can hide or pass for something else. */
export function partsOf(text: string, lines = false): TextPart[] {
    const parts: TextPart[] = [];
    let from = 0;
    for (const match of text.matchAll(Hidden)) {
        const found = match[0];
        if (lines && (found === "\n" || found === "\t")) {
            continue;
        }

        // One that says how the sign before it is drawn belongs to it.
        if (found === "\ufe0f" && match.index > 0) {
            continue;
        }

        // What joins signs to one is part of writing, where there is something on both sides of it.
        if ((found === "\u200d" || found === "\u200c") && joins(text, match.index)) {
            continue;
        }

        if (match.index > from) {
            parts.push({ text: text.slice(from, match.index), hidden: false });
        }

        parts.push({ text: Names[found] ?? `U+${found.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`, hidden: true });
        from = match.index + found.length;
    }

    if (from < text.length) {
        parts.push({ text: text.slice(from), hidden: false });
    }

    return parts;
}

function joins(text: string, at: number): boolean {
    const before = text.charCodeAt(at - 1);
    const after = text.charCodeAt(at + 1);
    return at > 0 && at + 1 < text.length && before > 0x7f && after > 0x7f && !/[\u200b-\u200f\u2028-\u202e\u2060-\u206f]/.test(text[at + 1]!);
}
