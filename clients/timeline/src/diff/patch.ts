import type { Json } from "../json/scan.js";
import { nameOf, partsOf, pointerParts, textOf, writtenOf } from "../json/values.js";
import { Merged, type Ref } from "./merged.js";

/** Both states as one tree, and what differs in it. */
export interface Comparison {
    readonly root: Merged;
    /** What differs, from top to bottom; of what differs whole, the whole alone. */
    readonly changes: readonly Merged[];
}

/**
 * Marks the earlier state with what a JSON Patch makes of it. Its operations hold one after the other, so that an index is that of the
 * array as the operations before have left it.
 * @param earlier The earlier state.
 * @param patch The patch, an array of operations.
 */
export function mark(earlier: Json, patch: Json): Comparison {
    const whole = { json: earlier, value: 0 };
    const root = new Merged(null, null, whole, whole, "same");
    for (const operation of partsOf(patch, 0)) {
        apply(root, patch, operation);
    }

    const changes: Merged[] = [];
    gather(root, changes);
    return { root, changes };
}

function apply(root: Merged, patch: Json, operation: number): void {
    const members = new Map(partsOf(patch, operation).map((part) => [nameOf(patch, part)!, part]));
    const text = (name: string) => {
        const value = members.get(name);
        return value === undefined ? "" : textOf(writtenOf(patch, value));
    };
    const path = pointerParts(text("path"));
    const value = members.get("value");
    const ref = value === undefined ? null : { json: patch, value };
    switch (text("op")) {
        case "replace":
            replace(find(root, path), ref!);
            break;
        case "remove":
            remove(find(root, path));
            break;
        case "add":
            add(root, path, ref!);
            break;
        case "move":
            move(root, text("from"), text("path"));
            break;
        default:
            throw new Error(`The patch has an operation that is not known here: ${text("op")}.`);
    }
}

function find(root: Merged, path: readonly string[]): Merged {
    let at = root;
    for (const part of path) {
        const below = at.part(part);
        if (below === undefined) {
            throw new Error(`The patch names a value that is not there: /${path.join("/")}.`);
        }

        at = below;
    }

    return at;
}

function replace(node: Merged, ref: Ref): void {
    if (node.left === null || node.mark === "added") {
        const fresh = new Merged(node.parent, node.name, null, ref, "added");
        swap(node, fresh);
        return;
    }

    // What it had as parts is that of before.
    const fresh = new Merged(node.parent, node.name, node.left, ref, "changed");
    if (node.parent === null) {
        node.mark = "changed";
        node.right = ref;
        return;
    }

    swap(node, fresh);
}

function swap(node: Merged, fresh: Merged): void {
    node.parent?.replacePart(node, fresh);
}

function remove(node: Merged): void {
    if (node.mark !== "moved") {
        const wasAdded = node.mark === "added";
        node.parent!.kill(node);
        if (!wasAdded) {
            node.mark = "removed";
        }

        return;
    }

    node.parent!.kill(node);
}

function add(root: Merged, path: readonly string[], ref: Ref): void {
    if (path.length === 0) {
        replace(root, ref);
        return;
    }

    const parent = find(root, path.slice(0, -1));
    const name = path[path.length - 1]!;
    const isArray = parent.right!.json.values.kind[parent.right!.value] === 1;
    const there = isArray ? undefined : parent.part(name);
    if (there !== undefined) {
        replace(there, ref);
        return;
    }

    parent.insert(name, new Merged(parent, null, null, ref, "added"));
}

function move(root: Merged, from: string, to: string): void {
    const node = find(root, pointerParts(from));
    const path = pointerParts(to);
    const wasThere = node.left !== null && node.mark !== "moved" && node.mark !== "added";
    const placeholder = new Merged(node.parent, node.name, node.left, null, "gone");
    placeholder.other = to;
    const moved = node.cloneFor();
    node.parent!.kill(node, placeholder);
    if (wasThere) {
        moved.mark = "moved";
        moved.other = from;
    }

    const parent = find(root, path.slice(0, -1));
    const name = path[path.length - 1]!;
    const isArray = parent.right!.json.values.kind[parent.right!.value] === 1;
    const there = isArray ? undefined : parent.part(name);
    if (there !== undefined) {
        remove(there);
    }

    parent.insert(name, moved);
}

function gather(node: Merged, changes: Merged[]): boolean {
    if (node.mark !== "same") {
        changes.push(node);
        if (node.mark !== "moved") {
            return true;
        }
    }

    if (node.isMade) {
        for (const part of node.parts) {
            if (gather(part, changes)) {
                node.contains = true;
            }
        }
    }

    return node.mark !== "same" || node.contains;
}
