import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { plural } from "../format.js";
import { useRested } from "../hooks.js";
import { Told } from "../ui/text.js";
import { copy } from "../ui/toasts.js";
import { type ListHandle, VirtualList } from "../ui/virtual.js";
import { type Json, Kind } from "./scan.js";
import { Tree } from "./tree.js";
import { find, isContainer, nameOf, pointerOf, textOf, writtenOf } from "./values.js";

export const ValueHeight = 22;
const Most = 10_000;
const Shown = 400;

/** A state as a tree that folds. */
export function TreeView({ json }: { json: Json }) {
    const tree = useMemo(() => new Tree(json), [json]);
    const [, draw] = useState(0);
    const [active, setActive] = useState(0);
    const [wanted, setWanted] = useState("");
    const rested = useRested(wanted, 120);
    const found = useMemo(() => find(json, rested, Most), [json, rested]);
    const [hit, setHit] = useState(0);
    const handle = useRef<ListHandle | null>(null);
    const search = useRef<HTMLInputElement>(null);
    const rows = tree.rows;
    const value = rows[Math.min(active, rows.length - 1)] ?? 0;
    const pointer = pointerOf(json, value);
    const hits = useMemo(() => new Set(found), [found]);

    const again = () => draw((count) => count + 1);
    const goTo = (row: number) => {
        const to = Math.max(0, Math.min(row, tree.rows.length - 1));
        setActive(to);
        handle.current?.show(to);
    };
    const reveal = (at: number) => {
        const row = tree.reveal(found[at]!);
        setHit(at);
        again();
        setActive(row);
        requestAnimationFrame(() => handle.current?.show(row));
    };
    useEffect(() => {
        if (found.length > 0) {
            reveal(0);
        }
    }, [found]);
    const step = (by: number) => found.length > 0 && reveal((hit + by + found.length) % found.length);
    const set = (one: number, open: boolean, all: boolean) => {
        if (all) {
            tree.setAll(one, open);
        } else {
            tree.set(one, open);
        }

        again();
    };

    const onKey = (event: KeyboardEvent) => {
        if (event.ctrlKey || event.metaKey || event.altKey) {
            return;
        }

        const { parent } = json.values;
        switch (event.key) {
            case "ArrowDown": case "j": goTo(active + 1); break;
            case "ArrowUp": case "k": goTo(active - 1); break;
            case "PageDown": goTo(active + 20); break;
            case "PageUp": goTo(active - 20); break;
            case "Home": goTo(0); break;
            case "End": goTo(rows.length - 1); break;
            case "ArrowRight":
                if (tree.isOpen(value)) {
                    goTo(active + 1);
                } else {
                    set(value, true, event.shiftKey);
                }

                break;
            case "ArrowLeft":
                if (tree.isOpen(value)) {
                    set(value, false, event.shiftKey);
                } else if (parent[value]! >= 0) {
                    goTo(tree.rowOf(parent[value]!));
                }

                break;
            case "Enter": case " ": set(value, !tree.isOpen(value), event.shiftKey); break;
            case "*": set(value, true, true); break;
            case "p": void copy(pointer, "the JSON Pointer"); break;
            case "v": void copy(writtenOf(json, value), "the value"); break;
            case "n": step(1); break;
            case "N": step(-1); break;
            default: return;
        }

        event.preventDefault();
        event.stopPropagation();
    };

    return (
        <div class="tree">
            <div class="tree-bar">
                <input
                    ref={search} id="state-search" type="search" placeholder="Search the state" aria-label="Search the state" value={wanted}
                    onInput={(event) => setWanted(event.currentTarget.value)}
                    onKeyDown={(event) => {
                        if (event.key === "Enter") {
                            event.preventDefault();
                            step(event.shiftKey ? -1 : 1);
                        } else if (event.key === "Escape" || event.key === "ArrowDown") {
                            event.preventDefault();
                            handle.current?.focus();
                        }
                    }}
                />
                <span class="muted hits" role="status">
                    {rested === "" ? "" : found.length === 0 ? "none" : `${hit + 1} of ${found.length}${found.length === Most ? "+" : ""}`}
                </span>
                <button type="button" class="quiet" onClick={() => set(0, true, true)}>Unfold all</button>
                <button
                    type="button" class="quiet"
                    onClick={() => {
                        tree.setAll(0, false);
                        tree.set(0, true);
                        setActive(0);
                        again();
                    }}
                >
                    Fold all
                </button>
            </div>
            <VirtualList
                id="state-tree" class="values" role="tree" label="State" count={rows.length} height={ValueHeight} active={active} handle={handle} onKey={onKey} wide
                row={(index) => {
                    const one = rows[index]!;
                    return (
                        <Row
                            key={one} json={json} tree={tree} value={one} index={index} isActive={index === active} isHit={hits.has(one)}
                            onPick={() => setActive(index)} onToggle={(all) => set(one, !tree.isOpen(one), all)}
                        />
                    );
                }}
            />
            <div class="pointer">
                <code title="JSON Pointer"><Told text={pointer === "" ? "(the whole)" : pointer} /></code>
                <button type="button" class="quiet" onClick={() => void copy(pointer, "the JSON Pointer")}>Copy pointer</button>
                <button type="button" class="quiet" onClick={() => void copy(writtenOf(json, value), "the value")}>Copy value</button>
            </div>
        </div>
    );
}

interface RowProperties {
    readonly json: Json;
    readonly tree: Tree;
    readonly value: number;
    readonly index: number;
    readonly isActive: boolean;
    readonly isHit: boolean;
    readonly onPick: () => void;
    readonly onToggle: (all: boolean) => void;
}

function Row({ json, tree, value, index, isActive, isHit, onPick, onToggle }: RowProperties) {
    const folds = isContainer(json, value) && json.values.parts[value]! > 0;
    const depth = tree.depthOf(value);
    return (
        <div
            class={`value${isActive ? " active" : ""}${isHit ? " hit" : ""}`} role="treeitem" id={`state-tree-${index}`} aria-level={depth + 1}
            aria-selected={isActive} {...(folds ? { "aria-expanded": tree.isOpen(value) } : {})}
            style={{ paddingLeft: `${8 + Math.min(depth, 60) * 14}px` }}
            onClick={(event) => {
                onPick();
                if (folds && (event.target as HTMLElement).closest(".fold, .key, .sum")) {
                    onToggle(event.altKey || event.shiftKey);
                }
            }}
        >
            <span class={`fold${folds ? (tree.isOpen(value) ? " open" : " closed") : ""}`} aria-hidden="true" />
            <Name json={json} value={value} />
            <Value json={json} value={value} isOpen={tree.isOpen(value)} />
        </div>
    );
}

/** The name of a member, or the index of an element. */
export function Name({ json, value, index = json.values.index[value]! }: { json: Json; value: number; index?: number }) {
    if (json.values.parent[value]! < 0) {
        return null;
    }

    const name = nameOf(json, value);
    return name === null ? <span class="index">{index}</span> : <span class="key"><Told text={name} most={200} /></span>;
}

/** A value on one line. */
export function Value({ json, value, isOpen = false, count }: { json: Json; value: number; isOpen?: boolean; count?: number | undefined }) {
    const kind = json.values.kind[value]!;
    if (kind <= Kind.Array) {
        const parts = count ?? json.values.parts[value]!;
        const [open, close] = kind === Kind.Object ? ["{", "}"] : ["[", "]"];
        return (
            <span class="sum">
                {parts === 0 ? `${open}${close}` : isOpen ? open : `${open}…${close}`}
                {parts > 0 && <small>{plural(parts, kind === Kind.Object ? "member" : "element")}</small>}
            </span>
        );
    }

    const { start, end } = json.values;
    const from = start[value]!;
    const long = end[value]! - from > Shown * 6;
    const written = json.text.slice(from, long ? from + Shown : end[value]!);
    if (kind === Kind.String) {
        const text = long ? written.slice(1) : textOf(written);
        return <span class="scalar string"><Told text={text} most={Shown} />{long && "…"}</span>;
    }

    return <span class={`scalar ${kind === Kind.Number ? "number" : kind === Kind.Null ? "null" : "boolean"}`}><Told text={written} most={Shown} /></span>;
}
