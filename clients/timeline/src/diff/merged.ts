import type { Json } from "../json/scan.js";
import { isContainer, nameOf, partsOf, pointerPart, writtenOf } from "../json/values.js";

/** A value in one of the texts that a comparison is of: the earlier state, or the patch. */
export interface Ref {
    readonly json: Json;
    readonly value: number;
}

/** What became of a value: `gone` is where one was that is elsewhere now, and `moved` is where it is. */
export type Mark = "same" | "added" | "removed" | "changed" | "moved" | "gone";

/**
 * A value of both states at once. Its parts are made when they are asked for, so that what is the same in both costs nothing until it
 * is looked at.
 */
export class Merged {
    /** True if something in it differs. */
    contains = false;
    open = false;
    /** True if it is shown though it is the same, among many that are. */
    shown = false;
    /** Where it was, of what was moved; where it is, of what is gone. */
    other = "";
    #parts: Merged[] | null = null;
    #names: Map<string, Merged> | null = null;
    #dead = 0;
    #near = { index: 0, place: 0 };

    constructor(
        public parent: Merged | null,
        public name: string | null,
        public left: Ref | null,
        public right: Ref | null,
        public mark: Mark,
    ) {}

    /** True if it stands in the later state. */
    get isLive(): boolean {
        return this.right !== null;
    }

    get isContainer(): boolean {
        return (this.left !== null && isContainer(this.left.json, this.left.value))
            || (this.right !== null && isContainer(this.right.json, this.right.value));
    }

    /** True if its parts were made, or changed. */
    get isMade(): boolean {
        return this.#parts !== null;
    }

    /** Its parts, with those of the earlier state that are not there any more. */
    get parts(): readonly Merged[] {
        return this.#made();
    }

    /** How many parts it has in a state, as the patch has left it. */
    countOf(side: "left" | "right"): number | undefined {
        if (this.mark === "changed" || this.#parts === null) {
            return undefined;
        }

        return this.#parts.filter((part) => (side === "right" ? part.isLive : part.left !== null && part.mark !== "moved")).length;
    }

    /** The part of the later state that a part of a pointer names. */
    part(name: string): Merged | undefined {
        const ref = this.right;
        return ref !== null && ref.json.values.kind[ref.value] === 1 ? this.#made()[this.#placeOf(Number(name))] : this.#byName().get(name);
    }

    /** Puts a part where a pointer says: before the element of that index, or as the member of that name. */
    insert(name: string, part: Merged): void {
        const parts = this.#made();
        part.parent = this;
        const ref = this.right!;
        if (ref.json.values.kind[ref.value] === 1) {
            part.name = null;
            const index = name === "-" ? parts.length - this.#dead : Number(name);
            const place = this.#placeOf(index);
            parts.splice(place, 0, part);
            this.#near = { index, place };
        } else {
            part.name = name;
            this.#byName().set(name, part);
            parts.push(part);
        }
    }

    /** Has a part stand for what is not there any more; another may take its place for that. */
    kill(part: Merged, placeholder: Merged = part): void {
        const parts = this.#made();
        // A part of an array is near the last one that was looked for.
        const place = parts[this.#near.place] === part ? this.#near.place : parts.indexOf(part);
        if (part.left === null || part.mark === "added" || part.mark === "moved") {
            // It had come only now: nothing was there before.
            parts.splice(place, 1);
            this.#passed(place, 1);
        } else {
            placeholder.parent = this;
            placeholder.name = part.name;
            placeholder.right = null;
            parts[place] = placeholder;
            this.#dead++;
            this.#passed(place, 0);
        }

        if (part.name !== null) {
            this.#names?.delete(part.name);
        }
    }

    /** Has another stand in the place of a part. */
    replacePart(part: Merged, fresh: Merged): void {
        const parts = this.#made();
        const place = parts[this.#near.place] === part ? this.#near.place : parts.indexOf(part);
        parts[place] = fresh;
        if (part.name !== null) {
            this.#names?.set(part.name, fresh);
        }
    }

    /** The same with its parts, to stand elsewhere. */
    cloneFor(): Merged {
        const moved = new Merged(null, null, this.left, this.right, this.mark);
        moved.other = this.other;
        moved.#parts = this.#parts;
        moved.#names = this.#names;
        moved.#dead = this.#dead;
        moved.#parts?.forEach((part) => {
            part.parent = moved;
        });
        return moved;
    }

    #made(): Merged[] {
        if (this.#parts === null) {
            this.#parts = [];
            const { left, right, mark } = this;
            if (mark === "changed" || left === null || right === null) {
                this.#take(left, "removed");
                this.#take(right, "added");
            } else {
                this.#take(left, "same");
            }

            this.#dead = this.#parts.filter((part) => !part.isLive).length;
        }

        return this.#parts;
    }

    #take(ref: Ref | null, mark: "same" | "added" | "removed"): void {
        if (ref === null || !isContainer(ref.json, ref.value)) {
            return;
        }

        for (const value of partsOf(ref.json, ref.value)) {
            const part = { json: ref.json, value };
            this.#parts!.push(new Merged(this, nameOf(ref.json, value), mark === "added" ? null : part, mark === "removed" ? null : part, mark));
        }
    }

    #byName(): Map<string, Merged> {
        if (this.#names === null) {
            this.#names = new Map();
            for (const part of this.#made()) {
                if (part.isLive && part.name !== null) {
                    this.#names.set(part.name, part);
                }
            }
        }

        return this.#names;
    }

    /** One that lives no more stood at a place: `#near` goes on to say how many live ones stand before it. */
    #passed(place: number, gone: number): void {
        if (place < this.#near.place) {
            this.#near = { index: this.#near.index - 1, place: this.#near.place - gone };
        }
    }

    /** Where the element of an index stands among all parts; behind the last one if there is none. */
    #placeOf(index: number): number {
        const parts = this.#made();
        if (this.#dead === 0) {
            const at = Math.min(index, parts.length);
            this.#near = { index: at, place: at };
            return at;
        }

        // From the last one that was looked for, or from the first, whichever is nearer.
        let { index: at, place } = index >= this.#near.index / 2 ? this.#near : { index: 0, place: 0 };
        while (at > index) {
            place--;
            if (parts[place]!.isLive) {
                at--;
            }
        }

        for (; place < parts.length; place++) {
            if (parts[place]!.isLive) {
                if (at === index) {
                    break;
                }

                at++;
            }
        }

        this.#near = { index: Math.min(at, index), place };
        return place;
    }
}

/** The JSON Pointer of a value in the later state, or in the earlier one. */
export function pointerOfMerged(node: Merged, side: "left" | "right"): string {
    let pointer = "";
    for (let at = node; at.parent !== null; at = at.parent) {
        let part = at.name;
        if (part === null) {
            let index = 0;
            for (const beside of at.parent.parts) {
                if (beside === at) {
                    break;
                }

                if (side === "right" ? beside.isLive : beside.left !== null && beside.mark !== "moved") {
                    index++;
                }
            }

            part = String(index);
        }

        pointer = `/${pointerPart(part)}${pointer}`;
    }

    return pointer;
}

/** The text of a value in a state. */
export function writtenOfRef(ref: Ref): string {
    return writtenOf(ref.json, ref.value);
}
