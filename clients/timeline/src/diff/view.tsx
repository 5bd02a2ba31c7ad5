import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { send, sessionPath } from "../api/http.js";
import type { Checkpoint, NotCompared, PatchSummary } from "../api/types.js";
import { bytesOf } from "../format.js";
import { useLatest, useLoaded } from "../hooks.js";
import { parse } from "../json/parse.js";
import { Kind } from "../json/scan.js";
import { isContainer, textOf } from "../json/values.js";
import { Value, ValueHeight } from "../json/view.js";
import { Told } from "../ui/text.js";
import { copy } from "../ui/toasts.js";
import { type ListHandle, VirtualList } from "../ui/virtual.js";
import { type Merged, pointerOfMerged, writtenOfRef } from "./merged.js";
import { type Comparison, mark } from "./patch.js";
import { between, type DiffRow, openChanges, rowsOf } from "./rows.js";

interface Answer {
    readonly from: Checkpoint;
    readonly to: Checkpoint;
    readonly firstDifference: number | null;
    readonly coarse: boolean;
    readonly summary?: PatchSummary;
    readonly notCompared?: NotCompared;
}

async function load(session: string, from: number, to: number, signal: AbortSignal): Promise<{ answer: Answer; comparison: Comparison | null }> {
    const text = await (await send({ path: sessionPath(session, "diff"), query: { from, to } }, { signal })).text();
    const whole = await parse(text);
    const answer = JSON.parse(text) as Answer & { patch?: unknown };
    if (answer.patch === undefined) {
        return { answer, comparison: null };
    }

    const earlier = await (await send({ path: sessionPath(session, "checkpoints", from, "state") }, { signal })).text();
    const [state, patch] = [await parse(earlier), await parse(patchOf(whole))];
    const comparison = mark(state, patch);
    openChanges(comparison.root);
    return { answer, comparison };
}

/** The patch as it is written in the answer. */
function patchOf(answer: Awaited<ReturnType<typeof parse>>): string {
    const { behind, nameStart, nameEnd, start, end } = answer.values;
    for (let part = 1; part < behind[0]!; part = behind[part]!) {
        if (answer.text.slice(nameStart[part], nameEnd[part]) === "\"patch\"") {
            return answer.text.slice(start[part], end[part]);
        }
    }

    return "[]";
}

/** Two checkpoints side by side, with what differs marked. */
export function DiffView({ session, from, to, back }: { session: string; from: number; to: number; back: number }) {
    const { value, error } = useLoaded((signal) => load(session, from, to, signal), [session, from, to], back);
    if (error !== undefined) {
        return <p class="problem" role="alert">{error instanceof Error ? error.message : String(error)}</p>;
    }

    if (value === undefined) {
        return <p class="muted pad" aria-busy="true">Comparing…</p>;
    }

    const { answer, comparison } = value;
    if (comparison === null) {
        return (
            <div class="empty">
                <p>{answer.firstDifference === null ? "The states are the same, byte for byte." : `The states differ from byte ${answer.firstDifference} on.`}</p>
                <p class="muted"><Told text={answer.notCompared?.problem ?? ""} /></p>
            </div>
        );
    }

    return <SideBySide key={`${from}-${to}`} answer={answer} comparison={comparison} />;
}

/** Unfolds what a part is in. */
function reveal(node: Merged | undefined): void {
    for (let at = node?.parent ?? null; at !== null; at = at.parent) {
        at.open = true;
    }
}

function placeIn(rows: readonly DiffRow[], node: Merged | undefined): number {
    return rows.findIndex((one) => "node" in one && one.node === node);
}

function SideBySide({ answer, comparison }: { answer: Answer; comparison: Comparison }) {
    const { root, changes } = comparison;
    const [folded, setFolded] = useState(true);
    const [version, setVersion] = useState(0);
    const [active, setActive] = useState(() => {
        reveal(changes[0]);
        return Math.max(0, placeIn(rowsOf(root, true), changes[0]));
    });
    // The first change is chosen before anything is drawn, and a key goes on from the last one at once: no key is lost between two drawings.
    const change = useRef(0);
    const rows = useMemo(() => rowsOf(root, folded), [root, folded, version]);
    const handle = useRef<ListHandle | null>(null);
    const row = rows[Math.min(active, rows.length - 1)];
    const node = row !== undefined && "node" in row ? row.node : null;

    const show = (index: number) => {
        const to = Math.max(0, Math.min(index, rows.length - 1));
        setActive(to);
        handle.current?.show(to);
    };
    const step = (by: number) => {
        if (changes.length === 0) {
            return;
        }

        change.current = (change.current + by + changes.length) % changes.length;
        const wanted = changes[change.current];
        reveal(wanted);
        const index = placeIn(rowsOf(root, folded), wanted);
        setVersion((now) => now + 1);
        setActive(index);
        requestAnimationFrame(() => handle.current?.show(index));
    };
    const latest = useLatest(step);
    useLayoutEffect(() => {
        const onStep = (event: Event) => latest.current((event as CustomEvent<number>).detail);
        addEventListener("forge-change", onStep);
        handle.current?.show(active);
        return () => removeEventListener("forge-change", onStep);
    }, []);

    const toggle = (one: DiffRow) => {
        if ("gap" in one) {
            one.gap.forEach((part) => {
                part.shown = true;
            });
        } else if (one.node.isContainer) {
            one.node.open = !one.node.open;
        }

        setVersion((now) => now + 1);
    };
    const onKey = (event: KeyboardEvent) => {
        if (event.ctrlKey || event.metaKey || event.altKey) {
            return;
        }

        switch (event.key) {
            case "ArrowDown": case "j": show(active + 1); break;
            case "ArrowUp": case "k": show(active - 1); break;
            case "PageDown": show(active + 20); break;
            case "PageUp": show(active - 20); break;
            case "Home": show(0); break;
            case "End": show(rows.length - 1); break;
            case "Enter": case " ": case "ArrowRight": case "ArrowLeft":
                if (row !== undefined && (event.key !== "ArrowLeft" || node?.open) && (event.key !== "ArrowRight" || !node?.open)) {
                    toggle(row);
                }

                break;
            case "p": if (event.shiftKey || node === null) { return; } step(-1); break;
            case "n": step(1); break;
            default: return;
        }

        event.preventDefault();
        event.stopPropagation();
    };

    const { summary } = answer;
    return (
        <div class="diff">
            <div class="tree-bar">
                <span class="diff-counts">
                    {changes.length === 0 && <span class="muted">The same JSON{answer.firstDifference === null ? ", byte for byte" : ", written otherwise"}</span>}
                    {summary !== undefined && summary.added > 0 && <span class="count added">+{summary.added}</span>}
                    {summary !== undefined && summary.removed > 0 && <span class="count removed">−{summary.removed}</span>}
                    {summary !== undefined && summary.changed > 0 && <span class="count changed">~{summary.changed}</span>}
                    {summary !== undefined && summary.moved > 0 && <span class="count moved">→{summary.moved}</span>}
                    {answer.coarse && <span class="muted" title="To find out more would have taken too long; the patch is right all the same.">coarse</span>}
                </span>
                <span class="muted hits" role="status">{changes.length > 0 ? `${change.current + 1} of ${changes.length}` : ""}</span>
                <button type="button" class="quiet" disabled={changes.length === 0} onClick={() => step(-1)}>Previous <kbd>p</kbd></button>
                <button type="button" class="quiet" disabled={changes.length === 0} onClick={() => step(1)}>Next <kbd>n</kbd></button>
                <label class="check"><input type="checkbox" checked={folded} onChange={(event) => setFolded(event.currentTarget.checked)} /> Fold what is the same</label>
            </div>
            <div class="diff-heads" aria-hidden="true">
                <span>#{answer.from.sequence} <small>{bytesOf(answer.from.size)}</small></span>
                <span>#{answer.to.sequence} <small>{bytesOf(answer.to.size)}</small></span>
            </div>
            <VirtualList
                id="diff-tree" class="values sides" role="tree" label="Both states side by side" count={rows.length} height={ValueHeight} active={active} handle={handle} onKey={onKey}
                row={(index) => <Row key={index} row={rows[index]!} index={index} isActive={index === active} onPick={() => setActive(index)} onToggle={() => toggle(rows[index]!)} />}
            />
            <div class="pointer">
                <code><Told text={node === null ? "" : pointerOfMerged(node, node.isLive ? "right" : "left") || "(the whole)"} /></code>
                <button
                    type="button" class="quiet" disabled={node === null}
                    onClick={() => node !== null && void copy(pointerOfMerged(node, node.isLive ? "right" : "left"), "the JSON Pointer")}
                >
                    Copy pointer
                </button>
            </div>
        </div>
    );
}

const Says: Readonly<Record<string, string>> = { added: "added", removed: "removed", changed: "changed", moved: "moved here", gone: "moved away", same: "" };

function Row({ row, index, isActive, onPick, onToggle }: { row: DiffRow; index: number; isActive: boolean; onPick: () => void; onToggle: () => void }) {
    const pad = { paddingLeft: `${8 + Math.min(row.depth, 40) * 14}px` };
    if ("gap" in row) {
        return (
            <div
                class={`value gap${isActive ? " active" : ""}`} role="treeitem" id={`diff-tree-${index}`} aria-level={row.depth + 1} aria-selected={isActive}
                onClick={() => {
                    onPick();
                    onToggle();
                }}
            >
                <span style={pad}>⋯ {row.gap.length.toLocaleString("en-US")} the same</span>
            </div>
        );
    }

    const { node } = row;
    const folds = node.isContainer;
    return (
        <div
            class={`value side-row ${node.mark}${isActive ? " active" : ""}${node.contains ? " contains" : ""}`} role="treeitem" id={`diff-tree-${index}`}
            aria-level={row.depth + 1} aria-selected={isActive} {...(folds ? { "aria-expanded": node.open } : {})}
            onClick={(event) => {
                onPick();
                if (folds && (event.target as HTMLElement).closest(".fold, .key, .sum")) {
                    onToggle();
                }
            }}
        >
            {node.mark !== "same" && <span class="sr">{Says[node.mark]}: </span>}
            <Side node={node} side="left" index={row.leftIndex} pad={pad} />
            <Side node={node} side="right" index={row.rightIndex} pad={pad} />
        </div>
    );
}

function Side({ node, side, index, pad }: { node: Merged; side: "left" | "right"; index: number; pad: { paddingLeft: string } }) {
    const ref = side === "left" ? (node.mark === "moved" ? null : node.left) : node.right;
    const other = side === "left" ? node.right : node.left;
    if (ref === null) {
        return (
            <span class={`side none ${side}`} style={pad}>
                {node.mark === "moved" && side === "left" && <small class="muted">from <Told text={node.other} most={200} /></small>}
                {node.mark === "gone" && side === "right" && <small class="muted">to <Told text={node.other} most={200} /></small>}
            </span>
        );
    }

    const { json, value } = ref;
    const folds = isContainer(json, value) && json.values.parts[value]! > 0;
    const isText = node.mark === "changed" && other !== null && json.values.kind[value] === Kind.String && other.json.values.kind[other.value] === Kind.String;
    return (
        <span class={`side ${side}`} style={pad}>
            <span class={`fold${folds ? (node.open ? " open" : " closed") : ""}`} aria-hidden="true" />
            {node.name !== null ? <span class="key"><Told text={node.name} most={200} /></span> : node.parent !== null && <span class="index">{index}</span>}
            {isText ? <Changed text={textOf(writtenOfRef(ref))} other={textOf(writtenOfRef(other))} /> : <Value json={json} value={value} isOpen={node.open} count={folds ? node.countOf(side) : undefined} />}
        </span>
    );
}

/** A text of which the part is marked that the other one has otherwise. */
function Changed({ text, other }: { text: string; other: string }) {
    const { front, end } = between(text, other);
    const from = Math.max(0, front - 60);
    const until = text.length - end;
    return (
        <span class="scalar string">
            {from > 0 && "…"}<Told text={text.slice(from, front)} />
            {until > front && <mark><Told text={text.slice(front, until)} most={300} /></mark>}
            <Told text={text.slice(until, until + 200)} />{until + 200 < text.length && "…"}
        </span>
    );
}
