import { useEffect, useRef, useState } from "preact/hooks";
import { agoOf, bytesOf, countOf } from "../format.js";
import { useChanges, useNow } from "../hooks.js";
import { Told } from "../ui/text.js";
import { type ListHandle, VirtualList } from "../ui/virtual.js";
import type { SessionList } from "./store.js";

const Height = 50;

interface Properties {
    readonly list: SessionList;
    readonly open: string | undefined;
    readonly search: string;
    readonly onSearch: (text: string) => void;
    readonly onOpen: (session: string) => void;
}

/** The sessions of the tenant, those that were active last first. */
export function SessionsView({ list, open, search, onSearch, onOpen }: Properties) {
    useChanges(list);
    const now = useNow(5);
    const [cursor, setCursor] = useState(0);
    const handle = useRef<ListHandle | null>(null);
    useEffect(() => {
        const timer = setTimeout(() => void list.find(search), search === "" ? 0 : 150);
        return () => clearTimeout(timer);
    }, [search]);

    const { items } = list;
    const at = open === undefined ? -1 : items.findIndex((session) => session.session === open);
    const active = Math.min(cursor, items.length - 1);
    useEffect(() => {
        if (at >= 0) {
            setCursor(at);
        }
    }, [at]);
    const move = (to: number) => {
        const next = Math.max(0, Math.min(to, items.length - 1));
        setCursor(next);
        handle.current?.show(next);
    };
    const onKey = (event: KeyboardEvent) => {
        if (event.ctrlKey || event.metaKey || event.altKey) {
            return;
        }

        switch (event.key) {
            case "ArrowDown": case "j": move(active + 1); break;
            case "ArrowUp": case "k": move(active - 1); break;
            case "PageDown": move(active + 10); break;
            case "PageUp": move(active - 10); break;
            case "Home": move(0); break;
            case "End": move(items.length - 1); break;
            case "Enter": case " ": case "ArrowRight":
                if (items[active] !== undefined) {
                    onOpen(items[active].session);
                    requestAnimationFrame(() => document.getElementById("log")?.focus());
                }

                break;
            default: return;
        }

        event.preventDefault();
        event.stopPropagation();
    };

    return (
        <nav class="sessions" aria-label="Sessions">
            <div class="sessions-bar">
                <input
                    id="session-search" type="search" placeholder="Find sessions" aria-label="Find sessions" aria-describedby="search-hint" value={search}
                    onInput={(event) => onSearch(event.currentTarget.value)}
                    onKeyDown={(event) => {
                        if (event.key === "ArrowDown" || event.key === "Enter") {
                            event.preventDefault();
                            handle.current?.focus();
                        }
                    }}
                />
                <p id="search-hint" class="hint">prefix, label:team:red, active:1h</p>
            </div>
            {items.length === 0
                ? list.isLoaded && (
                    <div class="empty small">
                        {list.problem !== null
                            ? <p class="problem"><Told text={list.problem.message} /></p>
                            : <p class="muted">{search === "" ? "No sessions yet." : "No session is found so."}</p>}
                    </div>
                )
                : (
                    <VirtualList
                        id="sessions" role="listbox" label="Sessions" count={items.length} height={Height} active={active} handle={handle} onKey={onKey}
                        onRange={(_first, last) => {
                            if (last > items.length - 20 && list.hasMore) {
                                void list.more();
                            }
                        }}
                        row={(index) => {
                            const session = items[index]!;
                            const isLive = now - (list.happened.get(session.session) ?? 0) < 6_000;
                            return (
                                <div
                                    key={session.session} id={`sessions-${index}`} role="option" aria-selected={session.session === open}
                                    class={`session${session.session === open ? " open" : ""}${index === active ? " active" : ""}`}
                                    onClick={() => {
                                        setCursor(index);
                                        onOpen(session.session);
                                    }}
                                >
                                    <span class={`pulse${isLive ? " live" : ""}`} aria-hidden="true" />
                                    <span class="session-name"><Told text={session.session} />{isLive && <span class="sr"> (active now)</span>}</span>
                                    <time class="muted time" dateTime={session.activeAt}>{agoOf(session.activeAt, now)}</time>
                                    <span class="session-facts muted">
                                        {countOf(session.count)} · {bytesOf(session.bytes)}
                                        {session.claim?.owner != null && <span class="claimed" title={`Claimed, epoch ${session.claim.epoch}`}> · <Told text={session.claim.owner} most={40} /></span>}
                                        {Object.entries(session.settings.labels).slice(0, 2).map(([name, value]) => <span key={name} class="tag"><Told text={`${name}:${value}`} most={30} /></span>)}
                                    </span>
                                </div>
                            );
                        }}
                    />
                )}
        </nav>
    );
}
