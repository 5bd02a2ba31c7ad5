import { useEffect, useState } from "preact/hooks";
import { get, send, sessionPath } from "../api/http.js";
import type { Checkpoint } from "../api/types.js";
import { curlOf, forgeOf } from "../commands.js";
import { DiffView } from "../diff/view.js";
import { bytesOf, timeOf, wordsOf } from "../format.js";
import { colourOf } from "../graph/colours.js";
import { useChanges, useLoaded } from "../hooks.js";
import { parse } from "../json/parse.js";
import type { Json } from "../json/scan.js";
import { TreeView } from "../json/view.js";
import type { Place } from "../route.js";
import type { OpenSession } from "../session/store.js";
import { Boundary } from "../ui/boundary.js";
import { Told } from "../ui/text.js";
import { copy } from "../ui/toasts.js";
import type { ActionName } from "../actions/open.js";

interface Properties {
    readonly session: OpenSession;
    readonly sequence: number;
    readonly compare: number | undefined;
    readonly base: number | null;
    readonly go: (place: Partial<Place>) => void;
    readonly act: (action: ActionName, checkpoint?: Checkpoint) => void;
    readonly setBase: (sequence: number | null) => void;
}

interface Whole {
    readonly checkpoint: Checkpoint;
    readonly json: Json | null;
    /** Of a state that is no JSON, its first bytes as text. */
    readonly text: string;
}

async function load(session: string, sequence: number, signal: AbortSignal): Promise<Whole> {
    const response = await send({ path: sessionPath(session, "checkpoints", sequence) }, { signal });
    const text = await response.text();
    // The answer is taken apart where it stands; the state in it is the very text that was saved.
    const whole = await parse(text);
    const { behind, nameStart, nameEnd, start, end } = whole.values;
    let state: string | null = null;
    let bytes = "";
    let rest = "{";
    for (let part = 1; part < behind[0]!; part = behind[part]!) {
        const name = text.slice(nameStart[part], nameEnd[part]);
        const value = text.slice(start[part], end[part]);
        if (name === "\"state\"") {
            state = value;
        } else if (name === "\"stateBase64\"") {
            bytes = value.slice(1, 40_000);
        } else {
            rest += `${rest === "{" ? "" : ","}${name}:${value}`;
        }
    }

    return {
        checkpoint: JSON.parse(`${rest}}`) as Checkpoint,
        json: state === null ? null : await parse(state),
        text: state === null ? textOfBytes(bytes) : "",
    };
}

function textOfBytes(base64: string): string {
    const bytes = Uint8Array.from(atob(base64.slice(0, base64.length - (base64.length % 4))), (sign) => sign.charCodeAt(0));
    return new TextDecoder().decode(bytes);
}

/** A checkpoint: what it says, what can be done with it, and its state, or how that differs from another one. */
export function CheckpointView({ session, sequence, compare, base, go, act, setBase }: Properties) {
    useChanges(session);
    const [again, setAgain] = useState(0);
    const { value, error } = useLoaded((signal) => load(session.name, sequence, signal), [session.name, sequence], session.backs);
    const fresh = useLoaded((signal) => (again === 0 ? Promise.resolve(null) : get<Checkpoint>(sessionPath(session.name, "checkpoints", sequence), undefined, signal)
        .then(({ tags, annotations }) => ({ tags, annotations }))), [session.name, sequence, again], session.backs);

    // Tags and notes change while it is looked at; its state never does.
    const entry = session.list?.placeOf(sequence) ?? -1;
    const item = entry < 0 ? undefined : session.list?.at(entry);
    const told = `${item?.kind === "checkpoint" ? item.entry.tags.join("\n") : ""} ${session.notesOf(sequence)}`;
    useEffect(() => {
        if (value !== undefined) {
            session.putNotes(sequence, value.checkpoint.annotations ?? []);
        }
    }, [value]);
    const [first, setFirst] = useState(told);
    useEffect(() => {
        setFirst(told);
        if (value !== undefined && told !== first) {
            setAgain((count) => count + 1);
        }
    }, [told]);

    if (error !== undefined) {
        return <div class="empty"><p class="problem" role="alert">{error instanceof Error ? error.message : String(error)}</p></div>;
    }

    if (value === undefined) {
        return <div class="detail loading" aria-busy="true"><div class="detail-head"><h2>#{sequence}</h2><span class="skeleton wide" /></div></div>;
    }

    const checkpoint: Checkpoint = { ...value.checkpoint, ...fresh.value };
    return (
        <div class="detail">
            <Head session={session} checkpoint={checkpoint} go={go} />
            <div class="actions" role="toolbar" aria-label="What can be done with it">
                <button type="button" class="primary" onClick={() => act("restore", checkpoint)}>Restore <kbd>r</kbd></button>
                <button type="button" onClick={() => act("fork", checkpoint)}>Fork <kbd>o</kbd></button>
                <button type="button" onClick={() => act("branch", checkpoint)}>Branch <kbd>b</kbd></button>
                <button type="button" onClick={() => act("tag", checkpoint)}>Tag <kbd>t</kbd></button>
                <button type="button" onClick={() => act("annotate", checkpoint)}>Annotate <kbd>a</kbd></button>
                <span class="space" />
                <button type="button" class="quiet" onClick={() => void copy(curlOf(callOf(session, checkpoint, compare)), "as curl")}>curl <kbd>y</kbd></button>
                <button type="button" class="quiet" onClick={() => void copy(commandOf(session, checkpoint, compare), "as forge")}>forge <kbd>Y</kbd></button>
            </div>
            {(checkpoint.annotations?.length ?? 0) > 0 && (
                <div class="notes" tabIndex={0} role="group" aria-label="Notes">
                    {checkpoint.annotations!.map((note) => (
                        <div key={note.position} class={`note ${note.severity}`}>
                            <span class="severity">{note.severity}</span>
                            <p><Told text={note.text} lines /></p>
                            <time class="muted" dateTime={note.at}>{timeOf(note.at)}</time>
                        </div>
                    ))}
                </div>
            )}
            <div class="tabs" role="toolbar" aria-label="What is shown">
                <button type="button" aria-pressed={compare === undefined} onClick={() => go({ compare: undefined })}>State <kbd>s</kbd></button>
                <button
                    type="button" aria-pressed={compare !== undefined && compare === checkpoint.keptParent} disabled={checkpoint.keptParent === null}
                    onClick={() => go({ compare: checkpoint.keptParent ?? undefined })}
                >
                    Since its parent{checkpoint.keptParent === null ? "" : ` #${checkpoint.keptParent}`} <kbd>d</kbd>
                </button>
                {base !== null && base !== sequence && (
                    <button type="button" aria-pressed={compare === base} onClick={() => go({ compare: base })}>Since #{base} <kbd>v</kbd></button>
                )}
                {compare !== undefined && compare !== checkpoint.keptParent && compare !== base && (
                    <button type="button" aria-pressed={true}>Since #{compare}</button>
                )}
                <span class="space" />
                <button type="button" class="quiet" aria-pressed={base === sequence} onClick={() => setBase(base === sequence ? null : sequence)}>
                    {base === sequence ? "Compared from here" : "Compare from here"} <kbd>c</kbd>
                </button>
            </div>
            <Boundary on={compare}>{compare !== undefined
                ? <DiffView session={session.name} back={session.backs} from={compare} to={sequence} />
                : value.json !== null
                    ? <TreeView key={sequence} json={value.json} />
                    : (
                        <div class="plain" tabIndex={0} role="region" aria-label="State">
                            <p class="muted"><Told text={checkpoint.contentType} />, {bytesOf(checkpoint.size)}{checkpoint.size > 30_000 ? ", the beginning" : ""}</p>
                            <pre><Told text={value.text} lines /></pre>
                        </div>
                    )}</Boundary>
        </div>
    );
}

function Head({ session, checkpoint, go }: Pick<Properties, "session" | "go"> & { checkpoint: Checkpoint }) {
    const link = (sequence: number) => (
        <button key={sequence} type="button" class="link" onClick={() => go({ checkpoint: sequence, compare: undefined })}>#{sequence}</button>
    );
    return (
        <div class="detail-head">
            <div class="detail-title">
                <h2>#{checkpoint.sequence}</h2>
                <span class={`branch-chip c${colourOf(checkpoint.branch)}`}><Told text={checkpoint.branch} /></span>
                {session.branches.some((branch) => branch.current?.sequence === checkpoint.sequence) && <span class="branch-chip hollow c0">current</span>}
                {checkpoint.tags.map((tag) => <span key={tag} class="tag"><Told text={tag} /></span>)}
            </div>
            <p class="message" tabIndex={0}><Told text={checkpoint.message} lines /></p>
            <dl class="facts">
                <div><dt>Created</dt><dd>{timeOf(checkpoint.createdAt)}</dd></div>
                <div><dt>Trigger</dt><dd>{wordsOf(checkpoint.trigger)}</dd></div>
                <div><dt>State</dt><dd>{bytesOf(checkpoint.size)}</dd></div>
                <div>
                    <dt>Parent</dt>
                    <dd>
                        {checkpoint.keptParent === null ? "none" : link(checkpoint.keptParent)}
                        {checkpoint.parent !== null && checkpoint.parent !== checkpoint.keptParent && <span class="muted"> (#{checkpoint.parent} is gone)</span>}
                    </dd>
                </div>
                {checkpoint.requires && <div><dt>Requires</dt><dd>{checkpoint.requires.slice(0, 8).map(link)}</dd></div>}
                <div>
                    <dt>Id</dt>
                    <dd><button type="button" class="link mono" title={checkpoint.id} onClick={() => void copy(checkpoint.id, "the id")}>{checkpoint.id.slice(0, 8)}…</button></dd>
                </div>
            </dl>
        </div>
    );
}

/** The call that reads what is shown. */
export function callOf(session: OpenSession, checkpoint: { sequence: number }, compare: number | undefined) {
    return compare === undefined
        ? { path: sessionPath(session.name, "checkpoints", checkpoint.sequence) }
        : { path: sessionPath(session.name, "diff"), query: { from: compare, to: checkpoint.sequence } };
}

export function commandOf(session: OpenSession, checkpoint: { sequence: number }, compare: number | undefined): string {
    return compare === undefined
        ? forgeOf("checkpoint show", [session.name, checkpoint.sequence])
        : forgeOf("checkpoint diff", [session.name, compare, checkpoint.sequence]);
}
