import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Action, type ActionName, type OpenAction } from "./actions/open.js";
import { verdictsOf } from "./actions/upkeep.js";
import { credentials, get, sessionPath } from "./api/http.js";
import type { Checkpoint, EffectWhole } from "./api/types.js";
import { curlOf, forgeOf } from "./commands.js";
import { callOf, CheckpointView, commandOf } from "./detail/checkpoint.js";
import { EffectView, Overview } from "./detail/overview.js";
import { useChanges, useLatest } from "./hooks.js";
import { onKeys } from "./keys.js";
import { LogView } from "./log/view.js";
import { hashOf, type Place, placeOf } from "./route.js";
import { OpenSession } from "./session/store.js";
import { SessionList } from "./sessions/store.js";
import { SessionsView } from "./sessions/view.js";
import { flip } from "./theme.js";
import { Boundary } from "./ui/boundary.js";
import { Help } from "./ui/help.js";
import { KeyPrompt } from "./ui/key.js";
import { Told } from "./ui/text.js";
import { copy, ToastList, toasts } from "./ui/toasts.js";
import type { ListHandle } from "./ui/virtual.js";
import { Welcome } from "./ui/welcome.js";
import { Top } from "./top.js";

/** The page. */
export function App() {
    const [place, setPlace] = useState(() => placeOf(location.hash));
    const [base, setBase] = useState<number | null>(null);
    const [action, setAction] = useState<OpenAction | null>(null);
    const [help, setHelp] = useState(false);
    const [asksKey, setAsksKey] = useState(false);
    const [sessions] = useState(() => new SessionList());
    const [session, setSession] = useState<OpenSession | null>(null);
    const logHandle = useRef<ListHandle | null>(null);
    useChanges(sessions, session, credentials);
    const latest = useLatest({ place, session, base, action, help });

    useEffect(() => {
        const onHash = () => setPlace(placeOf(location.hash));
        addEventListener("hashchange", onHash);
        return () => removeEventListener("hashchange", onHash);
    }, []);
    useEffect(() => {
        setBase(null);
        setAction(null);
        const opened = place.session === undefined ? null : new OpenSession(place.session);
        setSession(opened);
        opened?.filter(placeOf(location.hash));
        document.title = place.session === undefined ? "Forge" : `${place.session} · Forge`;
        return () => opened?.end();
    }, [place.session, credentials.key]);
    const conditions = `${place.branch ?? ""}\n${place.tag ?? ""}\n${place.trigger ?? ""}\n${place.text ?? ""}`;
    useEffect(() => {
        const timer = setTimeout(() => session?.filter(place), session?.filtered === null && !place.text ? 0 : 150);
        return () => clearTimeout(timer);
    }, [conditions]);
    useEffect(() => {
        void sessions.begin();
    }, [credentials.key]);
    useEffect(() => setAsksKey(credentials.isWanted), [credentials.isWanted]);

    const goTo = useCallback((next: Place, replace = false) => {
        const hash = hashOf(next);
        if (hash !== location.hash) {
            history[replace ? "replaceState" : "pushState"](null, "", hash);
        }

        setPlace(placeOf(hash));
    }, []);
    /** Goes elsewhere in the session, or to another one, of which no condition is known. */
    const go = useCallback((change: Partial<Place>, replace = false) => {
        const from = latest.current.place;
        const isOther = change.session !== undefined && change.session !== from.session;
        goTo(isOther ? { search: from.search, ...change } : { ...from, ...change }, replace);
    }, []);
    const act = useCallback(async (name: ActionName, checkpoint?: Checkpoint) => {
        const { place, session } = latest.current;
        if (session === null || session.name !== place.session) {
            return;
        }

        const open: { name: ActionName; session: OpenSession; checkpoint?: Checkpoint; effect?: EffectWhole } = { name, session };
        // While it is read another session may be opened, or another dialog.
        const isStill = () => latest.current.session === session && latest.current.place.session === session.name && latest.current.action === null;
        try {
            if (name === "resolve") {
                if (place.effect === undefined) {
                    return;
                }

                open.effect = await get<EffectWhole>(sessionPath(session.name, "effects", place.effect));
                if (!isStill()) {
                    return;
                }

                if (verdictsOf(open.effect.status).length === 0) {
                    toasts.show({ text: `It is ${open.effect.status}: nothing is left to be said of it` });
                    return;
                }
            } else if (name !== "compact") {
                const sequence = checkpoint?.sequence ?? place.checkpoint;
                if (sequence === undefined) {
                    return;
                }

                // As it is now, without its state: by the list, which has it alone.
                const page = await get<{ items: Checkpoint[] }>(
                    sessionPath(session.name, "checkpoints"), { after: sequence - 1, before: sequence + 1, limit: 1 });
                if (!isStill()) {
                    return;
                }

                if (page.items[0] === undefined) {
                    toasts.show({ text: `#${sequence} is not there any more`, isError: true });
                    return;
                }

                open.checkpoint = page.items[0];
            }

            setAction(open);
        } catch (error) {
            if (!isStill()) {
                return;
            }

            toasts.show({ text: error instanceof Error ? error.message : String(error), isError: true });
        }
    }, []);

    const copyAs = (as: "curl" | "forge") => {
        const { place, session } = latest.current;
        if (session === null) {
            return;
        }

        const checkpoint = place.checkpoint === undefined ? null : { sequence: place.checkpoint };
        const path = place.effect === undefined ? sessionPath(session.name) : sessionPath(session.name, "effects", place.effect);
        void copy(
            as === "curl"
                ? curlOf(checkpoint === null ? { path } : callOf(session, checkpoint, place.compare))
                : checkpoint !== null ? commandOf(session, checkpoint, place.compare)
                    : place.effect === undefined ? forgeOf("session info", [session.name]) : forgeOf("session effects", [session.name, place.effect]),
            `as ${as}`);
    };

    useEffect(() => onKeys({
        isBlocked: () => latest.current.action !== null || latest.current.help,
        help: () => setHelp(true),
        theme: () => void flip(),
        undo: () => toasts.undoLast(),
        act: (name) => void act(name),
        copy: copyAs,
        focus: (id) => document.getElementById(id)?.focus(),
        state: () => {
            go({ compare: undefined });
            requestAnimationFrame(() => document.getElementById("state-tree")?.focus());
        },
        mark: () => setBase((now) => (now === latest.current.place.checkpoint ? null : latest.current.place.checkpoint ?? null)),
        compareMarked: () => latest.current.base !== null && latest.current.place.checkpoint !== undefined && go({ compare: latest.current.base }),
        compareParent: () => {
            const { place, session } = latest.current;
            const at = place.checkpoint === undefined ? -1 : session?.list?.placeOf(place.checkpoint) ?? -1;
            const item = at < 0 ? undefined : session?.list?.at(at);
            if (item?.kind === "checkpoint" && item.entry.parent !== null) {
                go({ compare: item.entry.parent });
            }
        },
        change: (by) => dispatchEvent(new CustomEvent("forge-change", { detail: by })),
        back: () => {
            const { place } = latest.current;
            if (place.compare !== undefined) {
                go({ compare: undefined });
            } else if (place.checkpoint !== undefined || place.effect !== undefined) {
                go({ checkpoint: undefined, effect: undefined });
            }

            document.getElementById("log")?.focus();
        },
    }), []);

    const context = useMemo(() => (action === null ? null : {
        session: action.session,
        // One that was closed while it worked closes no other.
        close: () => setAction((now) => (now === action ? null : now)),
        isOpen: () => latest.current.action === action && latest.current.place.session === action.session.name,
        at: () => latest.current.place.session,
        go: (to: Partial<Place>) => go({ effect: undefined, compare: undefined, ...to }),
    }), [action]);

    return (
        <div class={`app${place.session === undefined ? "" : " has-session"}${place.checkpoint === undefined && place.effect === undefined ? "" : " has-detail"}`}>
            <Top
                session={session} sessions={sessions} onHome={() => goTo({ search: place.search })} onHelp={() => setHelp(true)} onKey={() => setAsksKey(true)}
                onSession={() => go({ checkpoint: undefined, effect: undefined, compare: undefined })}
            />
            <Boundary><SessionsView
                list={sessions} open={place.session} search={place.search ?? ""}
                onSearch={(search) => go({ search: search || undefined }, true)} onOpen={(name) => go({ session: name })}
            /></Boundary>
            <main class="main"><Boundary on={place.session}>
                {session === null
                    ? (sessions.isLoaded || place.session !== undefined) && <Welcome hasSessions={sessions.items.length > 0 || (place.search ?? "") !== "" || sessions.problem !== null} />
                    : session.info === null && session.problem !== null
                        ? (
                            <div class="empty">
                                <p class="problem" role="alert"><Told text={session.problem.message} /></p>
                                {session.problem.status === 404 && <p class="muted">It appears here as soon as it is made.</p>}
                                {session.problem.status !== 404 && <button type="button" onClick={() => void session.begin()}>Try again</button>}
                            </div>
                        )
                        : <LogView session={session} place={place} base={base} go={go} handle={logHandle} />}
            </Boundary></main>
            <aside class="side-pane" aria-label="What is open">
                {session !== null && session.info !== null && <Boundary on={`${session.name} ${place.checkpoint ?? ""} ${place.compare ?? ""} ${place.effect ?? ""}`}>{
                    place.checkpoint !== undefined
                        ? (
                            <CheckpointView
                                key={`${session.name} ${place.checkpoint}`} session={session} sequence={place.checkpoint} compare={place.compare} base={base} go={go}
                                act={(name, checkpoint) => void act(name, checkpoint)} setBase={setBase}
                            />
                        )
                        : place.effect !== undefined
                            ? <EffectView key={place.effect} session={session} name={place.effect} go={go} resolve={() => void act("resolve")} />
                            : <Overview session={session} go={go} compact={() => void act("compact")} />
                }</Boundary>}
            </aside>
            {action !== null && context !== null && action.session === session && session.name === place.session && <Action action={action} context={context} />}
            {help && <Help onClose={() => setHelp(false)} />}
            {asksKey && <KeyPrompt onClose={() => setAsksKey(false)} />}
            <ToastList />
        </div>
    );
}
