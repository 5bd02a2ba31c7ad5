import { send, sessionPath } from "../api/http.js";
import type { Effect, EffectWhole } from "../api/types.js";
import { verdictsOf } from "../actions/upkeep.js";
import { curlOf, forgeOf } from "../commands.js";
import { agoOf, bytesOf, countOf, plural, timeOf } from "../format.js";
import { colourOf } from "../graph/colours.js";
import { useChanges, useLoaded, useNow } from "../hooks.js";
import { parse } from "../json/parse.js";
import { indented, nameOf, partsOf } from "../json/values.js";
import type { Place } from "../route.js";
import type { OpenSession } from "../session/store.js";
import { Told } from "../ui/text.js";
import { copy } from "../ui/toasts.js";

/** A session as a whole: what stands in the place of a checkpoint until one is opened. */
export function Overview({ session, go, compact }: { session: OpenSession; go: (place: Partial<Place>) => void; compact: () => void }) {
    useChanges(session);
    const now = useNow(20);
    const { info, branches, effects } = session;
    if (info === null) {
        return null;
    }

    const labels = Object.entries(info.settings.labels);
    const urgent = effects.filter((effect) => effect.status === "unknown" || effect.status === "running");
    const listed = [...urgent, ...effects.filter((effect) => !urgent.includes(effect))].slice(0, 50);
    return (
        <div class="overview" tabIndex={0} role="region" aria-label="The session">
            <h2 class="sr">The session</h2>
            <div class="cards">
                <div class="card"><strong>{countOf(info.count)}</strong><span>checkpoints</span></div>
                <div class="card"><strong>{countOf(branches.length)}</strong><span>{branches.length === 1 ? "branch" : "branches"}</span></div>
                <div class="card"><strong>{bytesOf(info.bytes)}</strong><span>of states</span></div>
                <div class="card"><strong>{agoOf(info.activeAt, now)}</strong><span>last active</span></div>
            </div>
            <h3>Claim</h3>
            {info.claim?.owner != null
                ? (
                    <p class="claim-line">
                        <span class="claim-dot" aria-hidden="true" /><strong><Told text={info.claim.owner} /></strong> holds it, epoch {info.claim.epoch}
                        <span class="muted">{info.claim.until === null ? ", until it is released" : Date.parse(info.claim.until) < now ? `, its lease ran out ${agoOf(info.claim.until, now)} ago` : `, until ${timeOf(info.claim.until)}`}</span>
                    </p>
                )
                : <p class="muted">Nobody holds it{info.claim == null ? "" : `; the last epoch was ${info.claim.epoch}`}.</p>}
            <h3>Branches</h3>
            <table class="plain-table">
                <thead><tr><th>Branch</th><th>Head</th><th>Current</th><th class="right">Checkpoints</th></tr></thead>
                <tbody>
                    {branches.map((branch) => (
                        <tr key={branch.branch}>
                            <td><button type="button" class="link" onClick={() => go({ branch: branch.branch })}><span class={`swatch c${colourOf(branch.branch)}`} aria-hidden="true" /><Told text={branch.branch} /></button></td>
                            {[branch.head, branch.current].map((pointer, place) => (
                                <td key={place}>{pointer === null ? <span class="muted">none</span> : <button type="button" class="link" onClick={() => go({ checkpoint: pointer.sequence })}>#{pointer.sequence}</button>}</td>
                            ))}
                            <td class="right">{countOf(branch.count)}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
            <h3>Effects {effects.length > 0 && <span class="muted">{countOf(effects.length)}{urgent.length > 0 ? `, ${urgent.length} not settled` : ""}</span>}</h3>
            {effects.length === 0
                ? <p class="muted">No effect was begun.</p>
                : (
                    <table class="plain-table">
                        <thead><tr><th>Key</th><th>Status</th><th>Class</th><th class="right">Begun</th></tr></thead>
                        <tbody>
                            {listed.map((effect) => (
                                <tr key={effect.key}>
                                    <td><button type="button" class="link mono" onClick={() => go({ effect: effect.key, checkpoint: undefined })}><Told text={effect.key} /></button></td>
                                    <td><span class={`status ${effect.status}`}>{effect.status}</span></td>
                                    <td>{effect.class}</td>
                                    <td class="right">{agoOf(effect.begunAt, now)}</td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                )}
            <h3>About</h3>
            <dl class="facts wide">
                <div><dt>Created</dt><dd>{timeOf(info.createdAt)}</dd></div>
                <div><dt>Last sequence</dt><dd>{countOf(info.lastSequence)}</dd></div>
                <div><dt>Forks</dt><dd>{info.forkCount ?? 0}</dd></div>
                {info.origin !== null && (
                    <div>
                        <dt>Forked from</dt>
                        <dd>
                            {info.origin.gone
                                ? <span><Told text={info.origin.session} /> #{info.origin.sequence} (gone)</span>
                                : <button type="button" class="link" onClick={() => go({ session: info.origin!.session, checkpoint: info.origin!.sequence })}><Told text={info.origin.session} /> #{info.origin.sequence}</button>}
                        </dd>
                    </div>
                )}
                {labels.length > 0 && (
                    <div><dt>Labels</dt><dd>{labels.map(([name, value]) => <span key={name} class="tag"><Told text={`${name}:${value}`} /></span>)}</dd></div>
                )}
            </dl>
            <div class="actions">
                <button type="button" onClick={compact}>Compact <kbd>x</kbd></button>
                <span class="space" />
                <button type="button" class="quiet" onClick={() => void copy(curlOf({ path: sessionPath(session.name) }), "as curl")}>curl <kbd>y</kbd></button>
                <button type="button" class="quiet" onClick={() => void copy(forgeOf("session info", [session.name]), "as forge")}>forge <kbd>Y</kbd></button>
            </div>
        </div>
    );
}

/** An effect, and its result as it is written, with its numbers as they are. */
async function loadEffect(path: string, signal: AbortSignal): Promise<{ effect: EffectWhole; result: string | null }> {
    const text = await (await send({ path }, { signal })).text();
    const json = await parse(text);
    const result = partsOf(json, 0).find((part) => nameOf(json, part) === "result");
    return { effect: JSON.parse(text) as EffectWhole, result: result === undefined ? null : indented(json, result) };
}

/** An effect: all that is known of it, and what a person can say of it. */
export function EffectView({ session, name, go, resolve }: {
    session: OpenSession; name: string; go: (place: Partial<Place>) => void; resolve: (effect: EffectWhole) => void;
}) {
    useChanges(session);
    const summary: Effect | undefined = session.effects.find((effect) => effect.key === name);
    const path = sessionPath(session.name, "effects", name);
    const { value, error } = useLoaded(
        (signal) => loadEffect(path, signal), [session.name, name, summary?.status, summary?.epoch, summary?.until, summary?.changedAt], session.backs);
    if (error !== undefined) {
        return <div class="empty"><p class="problem" role="alert">{error instanceof Error ? error.message : String(error)}</p></div>;
    }

    if (value === undefined) {
        return <div class="detail loading" aria-busy="true"><div class="detail-head"><h2><Told text={name} /></h2></div></div>;
    }

    const { effect, result } = value;

    return (
        <div class="overview" tabIndex={0} role="region" aria-label="Effect">
            <div class="detail-title">
                <h2 class="mono"><Told text={effect.key} /></h2>
                <span class={`status ${effect.status}`}>{effect.status}</span>
            </div>
            <dl class="facts wide">
                <div><dt>Class</dt><dd>{effect.class}</dd></div>
                <div><dt>Run</dt><dd>{effect.epoch}</dd></div>
                <div><dt>Begun</dt><dd>{timeOf(effect.begunAt)}</dd></div>
                <div>
                    <dt>Begun after</dt>
                    <dd>{effect.after === 0 ? "no checkpoint" : <button type="button" class="link" onClick={() => go({ checkpoint: effect.after, effect: undefined })}>#{effect.after}</button>}</dd>
                </div>
                {effect.until !== null && <div><dt>Lease ends</dt><dd>{timeOf(effect.until)}</dd></div>}
                <div><dt>Target key</dt><dd class="mono"><Told text={effect.targetKey} /></dd></div>
                {effect.resolvedBy && <div><dt>Resolved by</dt><dd><Told text={effect.resolvedBy} /></dd></div>}
                {effect.reason && <div><dt>Why</dt><dd><Told text={effect.reason} /></dd></div>}
            </dl>
            <div class="actions">
                {verdictsOf(effect.status).length > 0
                    ? <button type="button" class="primary" onClick={() => resolve(effect)}>Resolve <kbd>e</kbd></button>
                    : <span class="muted">{effect.status === "running" ? "It runs: nothing is to be said of it before its lease is over." : "Nothing is left to be said of it."}</span>}
                <span class="space" />
                <button type="button" class="quiet" onClick={() => void copy(curlOf({ path }), "as curl")}>curl <kbd>y</kbd></button>
                <button type="button" class="quiet" onClick={() => void copy(forgeOf("session effects", [session.name, effect.key]), "as forge")}>forge <kbd>Y</kbd></button>
            </div>
            {effect.request !== undefined && <><h3>Request</h3><pre class="block"><Told text={effect.request} lines /></pre></>}
            {result !== null && <><h3>Result</h3><pre class="block"><Told text={result} lines /></pre></>}
            <h3>Evidence</h3>
            {effect.evidence.length === 0
                ? <p class="muted">Nothing came beside its course.</p>
                : (
                    <ul class="evidence">
                        {effect.evidence.map((one, place) => (
                            <li key={place}>
                                <span class={`status ${one.verdict}`}>{one.verdict}</span> run {one.epoch} <span class="muted">{timeOf(one.at)}</span>
                                {one.by !== null && <> by <Told text={one.by} /></>}{one.reason !== null && <>: <Told text={one.reason} /></>}
                            </li>
                        ))}
                    </ul>
                )}
            <p class="muted">{plural(effect.evidence.length, "piece")} of evidence; request SHA-256 <span class="mono">{effect.requestSha256.slice(0, 12)}…</span></p>
        </div>
    );
}
