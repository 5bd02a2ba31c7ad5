import { type Call, credentials, urlOf, writtenBody } from "./api/http.js";

/** A word for a POSIX shell: quoted if it needs to be. */
export function shellWord(word: string): string {
    if (/^[A-Za-z0-9_\-.,:/=@%+]+$/.test(word)) {
        return word;
    }

    // What is no printable character is written out, so that it does nothing to the terminal that it is pasted into.
    if (/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/.test(word)) {
        const escaped = word.replace(/[\\'\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, (sign) => {
            const code = sign.charCodeAt(0);
            return code < 0x80 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
        });
        return `$'${escaped}'`;
    }

    return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A call as `curl` makes it. A key is never written out: it stands in a variable. */
export function curlOf(call: Call, root = new URL(".", location.href).href): string {
    const words = ["curl"];
    const method = call.method ?? "GET";
    if (method !== "GET" && !(method === "POST" && call.body !== undefined)) {
        words.push("-X", method);
    }

    words.push(shellWord(root + urlOf(call)));
    if (credentials.key !== null) {
        words.push("-H", `"Authorization: Bearer $FORGE_KEY"`);
    }

    if (call.epoch !== undefined) {
        words.push("-H", shellWord(`Forge-Epoch: ${call.epoch}`));
    }

    if (call.body !== undefined) {
        words.push("-H", shellWord("Content-Type: application/json"), "-d", shellWord(writtenBody(call.body)));
    }

    return words.join(" ");
}

/**
 * A command of the CLI, with options, of which those that are undefined or false are left out, and then what it is about. What others
 * have written is never taken for an option: the value of one is joined to its name, and behind `--` nothing is one.
 */
export function forgeOf(
    command: string, words: readonly (string | number)[],
    options: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>> = {},
): string {
    const all = [`forge ${command}`];
    for (const [name, value] of Object.entries(options)) {
        if (value === undefined || value === false) {
            continue;
        }

        for (const one of Array.isArray(value) ? value as readonly string[] : [value]) {
            all.push(one === true ? `--${name}` : `--${name}=${shellWord(String(one))}`);
        }
    }

    const given = words.map(String);
    if (given.some((word) => !/^[A-Za-z0-9]/.test(word))) {
        all.push("--");
    }

    return [...all, ...given.map(shellWord)].join(" ");
}
