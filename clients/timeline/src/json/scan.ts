/** What a value is; containers first. */
export const Kind = { Object: 0, Array: 1, String: 2, Number: 3, True: 4, False: 5, Null: 6 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/**
 * The values of a JSON text, in the order in which they begin: where each stands in the text, so that it is shown as it was written
 * (`1.0` stays `1.0`), and what it is a part of.
 */
export interface Values {
    readonly count: number;
    readonly kind: Uint8Array;
    /** Where the value begins and ends in the text. */
    readonly start: Int32Array;
    readonly end: Int32Array;
    /** Where the name of a member begins and ends, with its quotes; -1 for what is none. */
    readonly nameStart: Int32Array;
    readonly nameEnd: Int32Array;
    /** The value that it is in; -1 for the whole. */
    readonly parent: Int32Array;
    /** Its place among the parts of that. */
    readonly index: Int32Array;
    /** The first value behind all that is in it. */
    readonly behind: Int32Array;
    /** How many parts it has. */
    readonly parts: Int32Array;
}

/** A text and its values. */
export interface Json {
    readonly text: string;
    readonly values: Values;
}

const Names = ["kind", "start", "end", "nameStart", "nameEnd", "parent", "index", "behind", "parts"] as const;

/** All arrays of values, to be handed from a worker. */
export function buffersOf(values: Values): ArrayBufferLike[] {
    return Names.map((name) => values[name].buffer);
}

class Scan {
    at = 0;
    count = 0;
    kind: Uint8Array;
    start: Int32Array;
    end: Int32Array;
    nameStart: Int32Array;
    nameEnd: Int32Array;
    parent: Int32Array;
    index: Int32Array;
    behind: Int32Array;
    parts: Int32Array;

    constructor(readonly text: string) {
        const room = Math.max(64, text.length >> 4);
        this.kind = new Uint8Array(room);
        [this.start, this.end, this.nameStart, this.nameEnd, this.parent, this.index, this.behind, this.parts] =
            Array.from({ length: 8 }, () => new Int32Array(room)) as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];
    }

    /** The new value's number. */
    begin(kind: Kind, parent: number, nameStart: number, nameEnd: number): number {
        const value = this.count++;
        if (value === this.kind.length) {
            this.#grow();
        }

        this.kind[value] = kind;
        this.start[value] = this.at;
        this.parent[value] = parent;
        this.nameStart[value] = nameStart;
        this.nameEnd[value] = nameEnd;
        if (parent >= 0) {
            this.index[value] = this.parts[parent]!++;
        }

        return value;
    }

    finish(value: number): void {
        this.end[value] = this.at;
        this.behind[value] = this.count;
    }

    skip(): number {
        const text = this.text;
        for (;;) {
            const code = text.charCodeAt(this.at);
            if (code !== 32 && code !== 10 && code !== 13 && code !== 9) {
                return code;
            }

            this.at++;
        }
    }

    /** Goes behind the string that begins here. */
    string(): void {
        const text = this.text;
        let at = this.at + 1;
        for (;;) {
            const close = text.indexOf("\"", at);
            if (close < 0) {
                throw this.wrong();
            }

            let slashes = 0;
            while (text.charCodeAt(close - 1 - slashes) === 92 && close - 1 - slashes >= this.at + 1) {
                slashes++;
            }

            if (slashes % 2 === 0) {
                this.at = close + 1;
                return;
            }

            at = close + 1;
        }
    }

    word(word: string): void {
        if (!this.text.startsWith(word, this.at)) {
            throw this.wrong();
        }

        this.at += word.length;
    }

    number(): void {
        const from = this.at;
        for (;;) {
            const code = this.text.charCodeAt(this.at);
            if ((code >= 48 && code <= 57) || code === 45 || code === 43 || code === 46 || code === 101 || code === 69) {
                this.at++;
            } else {
                break;
            }
        }

        if (this.at === from) {
            throw this.wrong();
        }
    }

    wrong(): SyntaxError {
        return new SyntaxError(`The state is no JSON at character ${this.at}.`);
    }

    #grow(): void {
        const room = this.kind.length * 2;
        const kinds = new Uint8Array(room);
        kinds.set(this.kind);
        this.kind = kinds;
        for (const name of ["start", "end", "nameStart", "nameEnd", "parent", "index", "behind", "parts"] as const) {
            const larger = new Int32Array(room);
            larger.set(this[name]);
            this[name] = larger;
        }
    }
}

/**
 * Finds the values of a JSON text, of any depth.
 * @throws SyntaxError It is none.
 */
export function scan(text: string): Values {
    const scan = new Scan(text);
    // The containers that are open, and whether each is an object.
    let open = -1;
    let isFirst = true;
    scan.skip();
    for (;;) {
        // Here a value begins, or a container may end before its first part.
        let nameStart = -1;
        let nameEnd = -1;
        let code = scan.skip();
        const ends = open >= 0 && isFirst && code === (scan.kind[open] === Kind.Object ? 125 : 93);
        if (!ends) {
            if (open >= 0 && scan.kind[open] === Kind.Object) {
                if (code !== 34) {
                    throw scan.wrong();
                }

                nameStart = scan.at;
                scan.string();
                nameEnd = scan.at;
                if (scan.skip() !== 58) {
                    throw scan.wrong();
                }

                scan.at++;
                code = scan.skip();
            }

            if (code === 123 || code === 91) {
                open = scan.begin(code === 123 ? Kind.Object : Kind.Array, open, nameStart, nameEnd);
                scan.at++;
                isFirst = true;
                continue;
            }

            scalar(scan, code, open, nameStart, nameEnd);
        }

        // Here a value has ended: another follows, or what it is in ends too.
        for (;;) {
            if (open < 0) {
                scan.skip();
                if (scan.at < text.length || scan.count === 0) {
                    throw scan.wrong();
                }

                const { count, kind, start, end, parent, index, behind, parts } = scan;
                return { count, kind, start, end, nameStart: scan.nameStart, nameEnd: scan.nameEnd, parent, index, behind, parts };
            }

            code = scan.skip();
            if (code === 44) {
                scan.at++;
                isFirst = false;
                break;
            }

            if (code !== (scan.kind[open] === Kind.Object ? 125 : 93)) {
                throw scan.wrong();
            }

            scan.at++;
            scan.finish(open);
            open = scan.parent[open]!;
        }
    }
}

function scalar(scan: Scan, code: number, parent: number, nameStart: number, nameEnd: number): void {
    const kind = code === 34 ? Kind.String : code === 116 ? Kind.True : code === 102 ? Kind.False : code === 110 ? Kind.Null : Kind.Number;
    const value = scan.begin(kind, parent, nameStart, nameEnd);
    switch (kind) {
        case Kind.String: scan.string(); break;
        case Kind.True: scan.word("true"); break;
        case Kind.False: scan.word("false"); break;
        case Kind.Null: scan.word("null"); break;
        default: scan.number();
    }

    scan.finish(value);
}
