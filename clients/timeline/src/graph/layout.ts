/** What of a checkpoint says where it stands in the graph. */
export interface GraphNode {
    readonly sequence: number;
    /** The nearest ancestor that is there; null for a root. */
    readonly parent: number | null;
    readonly branch: string;
}

/** A line that runs on below: to which checkpoint, of which branch, and whether what is current stands on it. */
export interface Lane {
    readonly to: number;
    readonly branch: string;
    readonly live: boolean;
}

/** The lines that run on below a row, each in its column; null for a column that is free. */
export type Lanes = readonly (Lane | null)[];

/** A line that a row has. */
export interface GraphLine {
    readonly column: number;
    readonly branch: string;
    readonly live: boolean;
}

/** How a checkpoint is drawn. */
export interface GraphCell {
    readonly column: number;
    readonly branch: string;
    /** True for what is current of a branch and its ancestors; the others are lines that were left. */
    readonly live: boolean;
    /** The line that comes from above into it, in its own column. */
    readonly above: GraphLine | null;
    /** True if a line leaves it downwards. */
    readonly below: boolean;
    /** Lines of other columns that end here: of other children of it. */
    readonly joining: readonly GraphLine[];
    /** The lines that run on below it. */
    readonly after: Lanes;
}

/** The branch that has the first column. */
export const Main = "main";

/**
 * Lays checkpoints out, the newest first, below lines that run on from above. What it takes to lay out the next ones are the lines
 * that it leaves, so that a page after the other can be laid out as it comes.
 *
 * The first column belongs to what is current of `main` and its ancestors; any other line takes the first column that is free.
 */
export function layOut(nodes: readonly GraphNode[], above: Lanes, current: ReadonlySet<number>): { cells: GraphCell[]; after: Lanes } {
    let lanes: (Lane | null)[] = [...above];
    const cells: GraphCell[] = [];
    for (const node of nodes) {
        const expecting: number[] = [];
        let live = current.has(node.sequence);
        lanes.forEach((lane, column) => {
            if (lane?.to === node.sequence) {
                expecting.push(column);
                live ||= lane.live;
            }
        });

        const column = columnOf(node, live, lanes, expecting);
        const lineOf = (at: number): GraphLine => ({ column: at, branch: lanes[at]!.branch, live: lanes[at]!.live });
        const own = lanes[column];
        const aboveLine = own?.to === node.sequence ? lineOf(column) : null;
        const joining = expecting.filter((at) => at !== column).map(lineOf);

        lanes = [...lanes];
        for (const at of expecting) {
            lanes[at] = null;
        }

        while (lanes.length <= column) {
            lanes.push(null);
        }

        lanes[column] = node.parent === null ? null : { to: node.parent, branch: node.branch, live };
        while (lanes.length > 0 && lanes[lanes.length - 1] === null) {
            lanes.pop();
        }

        cells.push({ column, branch: node.branch, live, above: aboveLine, below: node.parent !== null, joining, after: lanes });
    }

    return { cells, after: lanes };
}

/**
 * The lines that pass by, of which those from column `most` on are told of by one alone. They are made when they are drawn: a log with
 * many open lines would keep them all once for each row.
 * @param except The column that the row itself stands in; -1 for none.
 */
export function passingOf(lanes: Lanes, except: number, most: number): GraphLine[] {
    const lines: GraphLine[] = [];
    for (let column = 0; column < lanes.length; column++) {
        const lane = lanes[column];
        if (lane != null && column !== except) {
            lines.push({ column, branch: lane.branch, live: lane.live });
            if (column >= most) {
                break;
            }
        }
    }

    return lines;
}

function columnOf(node: GraphNode, live: boolean, lanes: Lanes, expecting: readonly number[]): number {
    const first = lanes[0] ?? null;
    if (node.branch === Main && live && (first === null || first.to === node.sequence)) {
        return 0;
    }

    if (expecting.length > 0) {
        return expecting[0]!;
    }

    // The first column stays free for main.
    for (let column = 1; column < lanes.length; column++) {
        if (lanes[column] === null) {
            return column;
        }
    }

    return Math.max(1, lanes.length);
}

/** True if both leave the same lines. */
export function sameLanes(one: Lanes, other: Lanes): boolean {
    return one.length === other.length && one.every((lane, column) => {
        const beside = other[column] ?? null;
        return lane === null ? beside === null : beside !== null && lane.to === beside.to && lane.branch === beside.branch && lane.live === beside.live;
    });
}
