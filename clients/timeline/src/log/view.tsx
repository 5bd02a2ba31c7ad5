import { useCallback, useEffect, useMemo, useRef } from "preact/hooks";
import { graphWidth, RowHeight } from "../graph/cell.js";
import { countOf, plural, Triggers, wordsOf } from "../format.js";
import { useChanges, useLatest, useNow } from "../hooks.js";
import type { Place } from "../route.js";
import type { OpenSession } from "../session/store.js";
import { Told } from "../ui/text.js";
import { type ListHandle, VirtualList } from "../ui/virtual.js";
import { ChunkedLog } from "./chunks.js";
import { FilteredLog, hasConditions } from "./filtered.js";
import { LogRow, type Marks } from "./row.js";

interface Properties {
    readonly session: OpenSession;
    readonly place: Place;
    readonly base: number | null;
    readonly go: (place: Partial<Place>, replace?: boolean) => void;
    readonly handle: { current: ListHandle | null };
}

/** The log of a session as a graph. */
export function LogView({ session, place, base, go, handle }: Properties) {
    useChanges(session, session.list);
    const now = useNow(20);
    const list = session.list;
    const marks = useMemo(() => marksOf(session.branches), [session.branches]);
    const range = useRef({ first: 0, last: 40 });
    const length = list?.length ?? 0;
    const active = activeOf(list, place);
    const latest = useLatest({ list, length, active, place });

    const onRange = useCallback((first: number, last: number) => {
        range.current = { first, last };
        latest.current.list?.want(first, last);
    }, []);
    useEffect(() => list?.want(range.current.first, range.current.last), [list]);
    useEffect(() => {
        // What comes above moves what is looked at only if that is the top.
        session.onAbove = (rows) => {
            if (rows > 0 && range.current.first > 0) {
                handle.current?.shift(rows);
            }
        };
    }, [session]);

    // A link leads to the row as soon as it is known where that is.
    const shown = useRef("");
    useEffect(() => {
        const name = `${session.name} ${place.checkpoint ?? place.effect ?? ""}`;
        if (active !== null && shown.current !== name) {
            shown.current = name;
            handle.current?.show(active);
        }
    });

    const pick = useCallback((index: number) => {
        const item = latest.current.list?.at(index);
        if (item?.kind === "checkpoint") {
            go({ checkpoint: item.entry.sequence, effect: undefined, compare: undefined });
        } else if (item?.kind === "note") {
            go({ checkpoint: item.sequence, effect: undefined, compare: undefined });
        } else if (item?.kind === "effect") {
            go({ effect: item.effect.key, checkpoint: undefined, compare: undefined });
        }
    }, []);
    const move = (to: number) => {
        const at = Math.max(0, Math.min(to, length - 1));
        handle.current?.show(at);
        const item = list?.at(at);
        if (item !== undefined && item.kind !== "loading") {
            shown.current = `${session.name} ${item.kind === "checkpoint" ? item.entry.sequence : ""}`;
            pick(at);
        }
    };
    const onKey = (event: KeyboardEvent) => {
        if (event.ctrlKey || event.metaKey || event.altKey) {
            return;
        }

        // From a row to the next one that is another thing: a note opens the checkpoint that it stands at.
        const from = active ?? -1;
        const next = (by: number) => {
            let at = from + by;
            while (at > 0 && at < length - 1 && list?.at(at).kind === "note") {
                at += by;
            }

            return at;
        };
        switch (event.key) {
            case "ArrowDown": case "j": move(from < 0 ? 0 : next(1)); break;
            case "ArrowUp": case "k": move(from < 0 ? 0 : next(-1)); break;
            case "PageDown": move(Math.max(0, from) + 20); break;
            case "PageUp": move(from - 20); break;
            case "Home": case "g": move(0); break;
            case "End": case "G": move(length - 1); break;
            default: return;
        }

        event.preventDefault();
        event.stopPropagation();
    };

    const width = graphWidth(list instanceof ChunkedLog && list.loaded > 0 ? list.columnsAround(range.current.first, range.current.last) : 1);
    return (
        <section class="log" aria-label="Checkpoints">
            <Filters session={session} place={place} go={go} />
            {session.isEnded && (
                <p class="problem pad" role="alert">
                    <Told text={session.problem?.message ?? "What happens in this session is not told of any more."} />{" "}
                    <button type="button" onClick={() => void session.begin()}>Try again</button>
                </p>
            )}
            {list !== null && list.failed !== null && (
                <p class="problem pad" role="alert">
                    <Told text={list.failed instanceof Error ? list.failed.message : String(list.failed)} />{" "}
                    <button type="button" onClick={() => list.retry()}>Try again</button>
                </p>
            )}
            {length === 0 && list !== null
                ? (
                    <div class="empty">
                        <p><strong>{hasConditions(place) ? "No checkpoint meets these conditions." : "This session has no checkpoints."}</strong></p>
                        {hasConditions(place) && <button type="button" onClick={() => go({ branch: undefined, tag: undefined, trigger: undefined, text: undefined })}>Show all</button>}
                    </div>
                )
                : (
                    <VirtualList
                        id="log" role="listbox" label="Log of the session, newest first" count={length} height={RowHeight} active={active} handle={handle} onRange={onRange} onKey={onKey}
                        row={(index, slot) => {
                            const item = list!.at(index);
                            return (
                                <LogRow
                                    key={slot} item={item} index={index} total={length} width={width} marks={marks} isActive={index === active} now={now} onPick={pick}
                                    isBase={base !== null && item.kind === "checkpoint" && item.entry.sequence === base}
                                />
                            );
                        }}
                    />
                )}
        </section>
    );
}

function activeOf(list: ChunkedLog | FilteredLog | null, place: Place): number | null {
    if (list === null) {
        return null;
    }

    if (place.checkpoint !== undefined) {
        const at = list.placeOf(place.checkpoint);
        return at < 0 ? null : at;
    }

    if (place.effect !== undefined && list instanceof ChunkedLog) {
        const at = list.placeOfEffect(place.effect);
        return at < 0 ? null : at;
    }

    return null;
}

function marksOf(branches: OpenSession["branches"]): Marks {
    const heads = new Map<number, string[]>();
    const current = new Map<number, string[]>();
    const put = (map: Map<number, string[]>, sequence: number | undefined, branch: string) =>
        sequence !== undefined && map.set(sequence, [...(map.get(sequence) ?? []), branch]);
    for (const branch of branches) {
        put(heads, branch.head?.sequence, branch.branch);
        put(current, branch.current?.sequence, branch.branch);
    }

    return { heads, current };
}

function Filters({ session, place, go }: Pick<Properties, "session" | "place" | "go">) {
    const { filtered, info } = session;
    const isFiltered = hasConditions(place);
    const status = !isFiltered
        ? plural(info?.count ?? 0, "checkpoint")
        : filtered === null ? "" : `${countOf(filtered.found)} found${filtered.isWhole ? "" : ` in ${countOf(filtered.looked)}…`}`;
    return (
        <div class="filters" role="search" aria-label="Filter checkpoints">
            <input
                id="filter-text" type="search" placeholder="Filter by text" aria-label="Filter by text" value={place.text ?? ""}
                onInput={(event) => go({ text: event.currentTarget.value || undefined }, true)}
            />
            <select aria-label="Branch" value={place.branch ?? ""} onChange={(event) => go({ branch: event.currentTarget.value || undefined }, true)}>
                <option value="">All branches</option>
                {session.branches.map((branch) => <option key={branch.branch} value={branch.branch}>{branch.branch}</option>)}
            </select>
            <select aria-label="Trigger" value={place.trigger ?? ""} onChange={(event) => go({ trigger: event.currentTarget.value || undefined }, true)}>
                <option value="">Any trigger</option>
                {Triggers.map((trigger) => <option key={trigger} value={trigger}>{wordsOf(trigger)}</option>)}
            </select>
            <input
                type="search" class="tag-filter" placeholder="Tag" aria-label="Tag" value={place.tag ?? ""}
                onChange={(event) => go({ tag: event.currentTarget.value || undefined }, true)}
            />
            <span class="muted status-text" role="status">{status}</span>
        </div>
    );
}
