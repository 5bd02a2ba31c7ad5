import { colourOf } from "./colours.js";
import { type GraphCell, type GraphLine, type Lanes, passingOf } from "./layout.js";

export const RowHeight = 30;
const Step = 14;
const Middle = RowHeight / 2;

/** More columns than this are drawn into the last one. */
const Most = 14;

const x = (column: number) => 10 + Math.min(column, Most) * Step;

/** How wide the graph is for this many columns. */
export function graphWidth(columns: number): number {
    return 20 + Math.min(Math.max(columns, 1) - 1, Most) * Step;
}

const classOf = (line: Pick<GraphLine, "branch" | "live">) => `lane c${colourOf(line.branch)}${line.live ? "" : " left"}`;

/** The lines that end in a row; those that stand in the last column are one. */
function joiningOf(cell: GraphCell): readonly GraphLine[] {
    const past = cell.joining.findIndex((line) => line.column >= Most);
    return past < 0 ? cell.joining : cell.joining.slice(0, past + 1);
}

/** The part of the graph that stands in the row of a checkpoint. */
export function Cell({ cell, width, isCurrent, isHead }: { cell: GraphCell; width: number; isCurrent: boolean; isHead: boolean }) {
    const at = x(cell.column);
    const lines = [
        ...passingOf(cell.after, cell.column, Most).map((line) => <path key={`p${line.column}`} class={classOf(line)} d={`M${x(line.column)} 0V${RowHeight}`} />),
        ...joiningOf(cell).map((line) => (
            <path key={`j${line.column}`} class={classOf(line)} d={`M${x(line.column)} 0C${x(line.column)} ${Middle} ${at} ${Middle - 6} ${at} ${Middle}`} />
        )),
    ];
    return (
        <svg class="graph" width={width} height={RowHeight} aria-hidden="true">
            {lines}
            {cell.above !== null && <path class={classOf(cell.above)} d={`M${at} 0V${Middle}`} />}
            {cell.below && <path class={classOf(cell)} d={`M${at} ${Middle}V${RowHeight}`} />}
            {isCurrent && <circle class={`ring c${colourOf(cell.branch)}`} cx={at} cy={Middle} r="7.5" />}
            <circle class={`dot c${colourOf(cell.branch)}${cell.live ? "" : " left"}${isHead ? " head" : ""}`} cx={at} cy={Middle} r={isCurrent ? 4 : 4.5} />
        </svg>
    );
}

/** The lines that pass a row that is no checkpoint's. */
export function Passing({ lanes, width }: { lanes: Lanes; width: number }) {
    return (
        <svg class="graph" width={width} height={RowHeight} aria-hidden="true">
            {passingOf(lanes, -1, Most).map((line) => <path key={line.column} class={classOf(line)} d={`M${x(line.column)} 0V${RowHeight}`} />)}
        </svg>
    );
}

/** A checkpoint of a list that is not whole: alone, in the colour of its branch. */
export function Alone({ branch, width, isCurrent }: { branch: string; width: number; isCurrent: boolean }) {
    return (
        <svg class="graph" width={width} height={RowHeight} aria-hidden="true">
            {isCurrent && <circle class={`ring c${colourOf(branch)}`} cx={x(0)} cy={Middle} r="7.5" />}
            <circle class={`dot c${colourOf(branch)}`} cx={x(0)} cy={Middle} r="4.5" />
        </svg>
    );
}
