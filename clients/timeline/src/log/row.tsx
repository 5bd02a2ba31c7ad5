import { memo } from "../ui/memo.js";
import { Alone, Cell, Passing } from "../graph/cell.js";
import { colourOf } from "../graph/colours.js";
import { agoOf, bytesOf, timeOf, wordsOf } from "../format.js";
import { Told } from "../ui/text.js";
import type { Item } from "./items.js";

/** What is said of branches at the checkpoint that they stand at. */
export interface Marks {
    readonly heads: ReadonlyMap<number, readonly string[]>;
    readonly current: ReadonlyMap<number, readonly string[]>;
}

interface Properties {
    readonly item: Item;
    readonly index: number;
    readonly total: number;
    readonly width: number;
    readonly marks: Marks;
    readonly isActive: boolean;
    readonly isBase: boolean;
    readonly now: number;
    readonly onPick: (index: number) => void;
}

/** A row of the log. */
export const LogRow = memo(function LogRow(properties: Properties) {
    const { item, index, isActive, onPick, width } = properties;
    const left = item.kind === "checkpoint" && item.cell !== null && !item.cell.live;
    return (
        <div
            class={`row ${item.kind}${isActive ? " active" : ""}${properties.isBase ? " base" : ""}${left ? " left" : ""}`} role="option" id={`log-${index}`}
            aria-selected={isActive} aria-posinset={index + 1} aria-setsize={properties.total} onClick={() => onPick(index)}
        >
            {item.kind === "checkpoint"
                ? <CheckpointRow {...properties} item={item} />
                : (
                    <>
                        <Passing lanes={item.lanes} width={width} />
                        {item.kind === "effect" && (
                            <>
                                <span class={`glyph effect-glyph ${item.effect.status}`} aria-hidden="true" />
                                <span class="what"><span class="sr">Effect </span><code><Told text={item.effect.key} /></code></span>
                                <span class="muted">{item.effect.class}</span>
                                <span class={`status ${item.effect.status}`}>{item.effect.status}</span>
                                <span class="space" />
                                <time class="muted time" dateTime={item.effect.begunAt} title={timeOf(item.effect.begunAt)}>{agoOf(item.effect.begunAt, properties.now)}</time>
                            </>
                        )}
                        {item.kind === "note" && (
                            <>
                                <span class={`glyph note-glyph ${item.note.severity}`} aria-hidden="true" />
                                <span class="what note-text">
                                    <span class="sr">Note on {item.sequence}, {item.note.severity}: </span><Told text={item.note.text} most={300} />
                                </span>
                                <span class="space" />
                                <time class="muted time" dateTime={item.note.at} title={timeOf(item.note.at)}>{agoOf(item.note.at, properties.now)}</time>
                            </>
                        )}
                        {item.kind === "loading" && <span class="skeleton" />}
                    </>
                )}
        </div>
    );
});

function CheckpointRow({ item, width, marks, isBase, now }: Properties & { item: Item & { kind: "checkpoint" } }) {
    const { entry, cell } = item;
    const heads = marks.heads.get(entry.sequence);
    const current = marks.current.get(entry.sequence);
    return (
        <>
            {cell === null
                ? <Alone branch={entry.branch} width={width} isCurrent={current !== undefined} />
                : <Cell cell={cell} width={width} isCurrent={current !== undefined} isHead={heads !== undefined} />}
            <span class="sequence">{entry.sequence}</span>
            {heads?.map((branch) => (
                <span key={branch} class={`branch-chip c${colourOf(branch)}`} title={`The head of ${branch}`}><Told text={branch} most={60} /></span>
            ))}
            {current?.filter((branch) => !heads?.includes(branch)).map((branch) => (
                <span key={branch} class={`branch-chip hollow c${colourOf(branch)}`} title={`What the next checkpoint of ${branch} follows`}>
                    <Told text={branch} most={60} /> current
                </span>
            ))}
            <span class="what"><Told text={entry.message} most={400} /></span>
            {isBase && <span class="base-chip">compared from</span>}
            {entry.tags.slice(0, 3).map((tag) => <span key={tag} class="tag"><Told text={tag} most={40} /></span>)}
            {entry.tags.length > 3 && <span class="tag">+{entry.tags.length - 3}</span>}
            <span class="space" />
            {cell !== null && !cell.live && <span class="left-chip" title="Nothing that is current follows it">left behind</span>}
            {entry.trigger !== "manual" && <span class={`trigger${entry.trigger === "error" ? " error" : ""}`}>{wordsOf(entry.trigger)}</span>}
            <span class="muted size">{bytesOf(entry.size)}</span>
            <time class="muted time" dateTime={entry.at} title={timeOf(entry.at)}>{agoOf(entry.at, now)}</time>
        </>
    );
}
