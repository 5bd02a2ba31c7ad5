import type { Merged } from "./merged.js";

/** A row of a comparison: a value, or many that are the same. */
export type DiffRow =
    | {
        readonly node: Merged;
        readonly depth: number;
        /** Its index in either state, of an element. */
        readonly leftIndex: number;
        readonly rightIndex: number;
    }
    | { readonly gap: readonly Merged[]; readonly depth: number };

/** So many that are the same are shown beside what differs. */
const Beside = 2;

/** Opens what holds a difference, and what came or went as long as it is small. */
export function openChanges(root: Merged): void {
    root.open = true;
    const walk = (node: Merged) => {
        node.open = node.contains || (node.mark !== "same" && node.isContainer && sizeOf(node) <= 40);
        if (node.isMade && node.contains) {
            node.parts.forEach(walk);
        }
    };
    walk(root);
    root.open = true;
}

function sizeOf(node: Merged): number {
    const one = (ref: Merged["left"]) => (ref === null ? 0 : ref.json.values.behind[ref.value]! - ref.value);
    return one(node.left) + one(node.right);
}

/**
 * The rows in sight.
 * @param root The tree.
 * @param folded True to fold runs of values that are the same.
 */
export function rowsOf(root: Merged, folded: boolean): DiffRow[] {
    const rows: DiffRow[] = [];
    const put = (node: Merged, depth: number, leftIndex: number, rightIndex: number) => {
        rows.push({ node, depth, leftIndex, rightIndex });
        if (node.open && node.isContainer) {
            parts(node, depth + 1);
        }
    };
    const parts = (node: Merged, depth: number) => {
        const all = node.parts;
        const plain = (part: Merged) => folded && part.mark === "same" && !part.contains && !part.shown;
        let left = 0;
        let right = 0;
        for (let at = 0; at < all.length;) {
            let end = at;
            while (end < all.length && plain(all[end]!)) {
                end++;
            }

            // A few beside what differs are shown, and what lies between is folded if that spares rows.
            const before = at === 0 ? 0 : Beside;
            const behind = end === all.length ? 0 : Beside;
            const folds = end - at - before - behind > 2 && node.mark === "same" ? { from: at + before, to: end - behind } : null;
            const until = Math.max(end, at + 1);
            for (; at < until; at++) {
                if (folds !== null && at === folds.from) {
                    rows.push({ gap: all.slice(folds.from, folds.to), depth });
                }

                const part = all[at]!;
                const wasThere = part.left !== null && part.mark !== "moved";
                if (folds === null || at < folds.from || at >= folds.to) {
                    put(part, depth, wasThere ? left : -1, part.isLive ? right : -1);
                }

                left += wasThere ? 1 : 0;
                right += part.isLive ? 1 : 0;
            }
        }
    };
    put(root, 0, -1, -1);
    return rows;
}

/** The parts that two texts have in common at their front and end, and what lies between in each. */
export function between(one: string, other: string): { front: number; end: number } {
    const most = Math.min(one.length, other.length);
    let front = 0;
    while (front < most && one.charCodeAt(front) === other.charCodeAt(front)) {
        front++;
    }

    let end = 0;
    while (end < most - front && one.charCodeAt(one.length - 1 - end) === other.charCodeAt(other.length - 1 - end)) {
        end++;
    }

    return { front, end };
}
