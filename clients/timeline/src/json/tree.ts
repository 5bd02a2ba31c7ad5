import type { Json } from "./scan.js";
import { isContainer } from "./values.js";

/** Which values of a state are unfolded, and the rows that this comes to. */
export class Tree {
    readonly #open = new Set<number>();
    #rows: Int32Array | null = null;

    constructor(readonly json: Json) {
        const { values } = json;
        // What is small is shown whole, and of what is large the first two levels.
        if (values.count <= 200) {
            for (let value = 0; value < values.count; value++) {
                this.#open.add(value);
            }
        } else {
            this.#open.add(0);
            for (let at = 1, shown = 0; at < values.count && shown < 200; at = values.behind[at]!, shown++) {
                if (values.parts[at]! <= 20) {
                    this.#open.add(at);
                }
            }
        }
    }

    /** The values in sight, each below what it is in. */
    get rows(): Int32Array {
        if (this.#rows === null) {
            const { values } = this.json;
            const rows: number[] = [];
            for (let value = 0; value < values.count;) {
                rows.push(value);
                value = this.isOpen(value) ? value + 1 : values.behind[value]!;
            }

            this.#rows = Int32Array.from(rows);
        }

        return this.#rows;
    }

    /** How deep a value stands; 0 for the whole. */
    depthOf(value: number): number {
        let depth = 0;
        for (let at = this.json.values.parent[value]!; at >= 0; at = this.json.values.parent[at]!) {
            depth++;
        }

        return depth;
    }

    isOpen(value: number): boolean {
        return isContainer(this.json, value) && this.#open.has(value);
    }

    set(value: number, open: boolean): void {
        if (open) {
            this.#open.add(value);
        } else {
            this.#open.delete(value);
        }

        this.#rows = null;
    }

    /** Unfolds or folds a value with all that is in it. */
    setAll(value: number, open: boolean): void {
        for (let at = value; at < this.json.values.behind[value]!; at++) {
            if (isContainer(this.json, at)) {
                if (open) {
                    this.#open.add(at);
                } else {
                    this.#open.delete(at);
                }
            }
        }

        this.#rows = null;
    }

    /** Unfolds all that a value is in, and answers its row. */
    reveal(value: number): number {
        for (let at = this.json.values.parent[value]!; at >= 0; at = this.json.values.parent[at]!) {
            this.#open.add(at);
        }

        this.#rows = null;
        return this.rowOf(value);
    }

    /** The row of a value; -1 if it is folded away. */
    rowOf(value: number): number {
        const rows = this.rows;
        let low = 0;
        let high = rows.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (rows[middle]! < value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }

        return rows[low] === value ? low : -1;
    }
}
