import { useState } from "preact/hooks";
import { authorization, change, problemOf, send, sessionPath, Written } from "../api/http.js";
import type { CompactAnswer, EffectWhole } from "../api/types.js";
import { forgeOf } from "../commands.js";
import { bytesOf, plural } from "../format.js";
import { type ActionContext, ActionDialog, Field } from "./action.js";

/** A session of more than this is not kept in the page for the time that it may be brought back. */
const MostKept = 64 * 1024 * 1024;

/** Removes what a policy does not keep. Of what is taken out first another session can be made, since no number is given out twice in one. */
export function Compact({ context }: { context: ActionContext }) {
    const { session } = context;
    const small = (session.info?.bytes ?? 0) <= MostKept;
    const [recent, setRecent] = useState("100");
    const [tags, setTags] = useState("");
    const [younger, setYounger] = useState("");
    const [keeps, setKeeps] = useState(small);
    const [copyName] = useState(`${session.name}-before-${session.info?.lastPosition ?? 0}`.slice(-200));
    const [kept] = useState<{ document: Blob | null; sent: boolean }>({ document: null, sent: false });
    const path = sessionPath(session.name, "compact");
    const keepTags = tags.split(",").map((tag) => tag.trim()).filter((tag) => tag !== "");
    const policy = {
        ...(recent === "" ? {} : { keepRecent: Number(recent) }),
        ...(keepTags.length === 0 ? {} : { keepTags }),
        ...(younger === "" ? {} : { keepYoungerThan: younger }),
    };
    const isNamed = Object.keys(policy).length > 0;
    return (
        <ActionDialog<CompactAnswer>
            context={context} title={`Compact ${session.name}`} confirm="Compact" danger
            preview={{
                key: JSON.stringify(policy),
                load: (epoch) => change({ method: "POST", path, body: { ...policy, dryRun: true }, epoch }),
            }}
            can={(preview) => preview.deleted > 0}
            show={(preview) => (preview.deleted === 0
                ? <p>Nothing would go: all {plural(preview.remaining, "checkpoint")} {isNamed ? "are kept by this." : "are kept by the policy of the session."}</p>
                : (
                    <p>
                        <strong class="removed-text">{plural(preview.deleted, "checkpoint")}</strong> would go, {plural(preview.remaining, "checkpoint")} would
                        stay, and {bytesOf(preview.freedBytes)} would be freed. Heads, what is current, tips, and what these require always stay.
                    </p>
                ))}
            lasting={keeps
                ? "What goes does not come back into this session: the undo makes a session of its own of all that is here now."
                : "Without a copy nothing brings back what goes."}
            before={async () => {
                // Once: after the first try the session may be compacted already, though no answer came.
                if (keeps && !kept.sent) {
                    kept.document = await (await send({ path: sessionPath(session.name, "export") })).blob();
                }

                kept.sent = true;
            }}
            call={(epoch) => ({ method: "POST", path, body: policy, epoch })}
            forge={(epoch) => forgeOf("session compact", [session.name], {
                "keep-recent": recent === "" ? undefined : recent, "keep-tag": keepTags, "keep-younger-than": younger === "" ? undefined : younger, epoch,
            })}
            done={(answer) => {
                const { deleted } = answer as CompactAnswer;
                const { document } = kept;
                return {
                    text: `Compacted: ${plural(deleted, "checkpoint")} went`,
                    undo: document === null ? undefined : {
                        label: `Undo: bring all back as ${copyName}`,
                        run: async () => {
                            await bringBack(copyName, document);
                            context.go({ session: copyName });
                        },
                    },
                };
            }}
        >
            <div class="fields-row">
                <Field label="Keep the newest">
                    <input type="number" min="0" value={recent} onInput={(event) => setRecent(event.currentTarget.value)} />
                </Field>
                <Field label="Keep those with a tag" hint="Several with commas.">
                    <input type="text" value={tags} onInput={(event) => setTags(event.currentTarget.value)} />
                </Field>
                <Field label="Keep what is younger than" hint="Such as P7D or PT12H.">
                    <input type="text" value={younger} onInput={(event) => setYounger(event.currentTarget.value)} />
                </Field>
            </div>
            <label class="check">
                <input type="checkbox" checked={keeps} disabled={!small} onChange={(event) => setKeeps(event.currentTarget.checked)} />
                {small
                    ? "Take an export into this page first, so that nothing is lost"
                    : `At ${bytesOf(session.info?.bytes ?? 0)} the session is too large to be kept in this page: export it first`}
            </label>
        </ActionDialog>
    );
}

/** Makes a session of what was taken out before, with all its numbers. */
async function bringBack(session: string, document: Blob): Promise<void> {
    const response = await fetch(sessionPath(session, "import"), {
        method: "POST", headers: { "Content-Type": "application/x-ndjson", ...authorization() }, body: document,
    });
    if (!response.ok) {
        throw await problemOf(response);
    }
}

/** What can be said of an effect by a person, by how it stands. */
export function verdictsOf(status: string): readonly string[] {
    return status === "unknown" ? ["completed", "failed", "retry"] : status === "failed" ? ["retry", "completed"] : [];
}

const Means: Readonly<Record<string, string>> = {
    completed: "It was done. Whoever asks for the key again is told so, and it does not run.",
    failed: "It was not done. It does not run again unless it is asked for that.",
    retry: "It may run again: the next begin has a run of its own. If it had been done, the target sees it twice.",
};

/** Says what became of an effect of which it is not known. */
export function Resolve({ context, effect }: { context: ActionContext; effect: EffectWhole }) {
    const { session } = context;
    const verdicts = verdictsOf(effect.status);
    const [verdict, setVerdict] = useState(verdicts[0] ?? "completed");
    const [by, setBy] = useState("");
    const [why, setWhy] = useState("");
    const [result, setResult] = useState("");
    const path = sessionPath(session.name, "effects", effect.key, "resolve");
    const given = verdict === "completed" ? result.trim() : "";
    const isJson = given === "" || isValid(given);
    const body = bodyOf({ epoch: effect.epoch, verdict, by, why }, isJson ? given : "");
    return (
        <ActionDialog<EffectWhole>
            context={context} title={`Resolve ${effect.key}`} confirm="Resolve" takesEpoch={false}
            preview={by === "" || why === "" || !isJson ? null : {
                key: JSON.stringify([effect.key, verdict, by, why, given]),
                load: async (_epoch, signal) => (await (await send({ path: sessionPath(session.name, "effects", effect.key) }, { signal })).json()) as EffectWhole,
            }}
            can={(now) => now.epoch === effect.epoch && now.status === effect.status}
            show={(now) => (now.epoch !== effect.epoch || now.status !== effect.status
                ? <p class="problem">It stands otherwise by now: {now.status}, run {now.epoch}. Close this and look again.</p>
                : (
                    <>
                        <p><span class={`status ${now.status}`}>{now.status}</span> → <span class={`status ${verdict}`}>{verdict}</span> for run {now.epoch}</p>
                        <p>{Means[verdict]}</p>
                    </>
                ))}
            lasting={verdict === "failed"
                ? "Who said so and why stays in its evidence. It can still be set to retry or completed."
                : "Who said so and why stays in its evidence. It cannot be taken back: what is said here is believed by whoever asks for the key."}
            call={() => ({ method: "POST", path, body })}
            forge={() => forgeOf("session effects", [session.name, effect.key], {
                resolve: verdict, by, why, run: effect.epoch, result: given === "" ? undefined : given,
            })}
            done={() => ({
                text: `Resolved ${effect.key}: ${verdict}`,
                note: verdict === "failed" ? undefined : "This cannot be taken back.",
                undo: verdict !== "failed" ? undefined : {
                    label: "Let it run again instead",
                    run: async () => {
                        await change({ method: "POST", path, body: { epoch: effect.epoch, verdict: "retry", by, why: `taken back: ${why}`.slice(0, 1000) } });
                        await session.renew();
                    },
                },
            })}
        >
            <Field label="What became of it">
                <select value={verdict} onChange={(event) => setVerdict(event.currentTarget.value)}>
                    {verdicts.map((one) => <option key={one}>{one}</option>)}
                </select>
            </Field>
            <div class="fields-row">
                <Field label="Who says so">
                    <input type="text" value={by} maxLength={200} autofocus onInput={(event) => setBy(event.currentTarget.value)} />
                </Field>
                <Field label="Why">
                    <input type="text" value={why} maxLength={1000} onInput={(event) => setWhy(event.currentTarget.value)} />
                </Field>
            </div>
            {verdict === "completed" && (
                <Field label="Its result, as JSON" hint={!isJson ? "This is no JSON." : "What whoever asks again is answered; may be left empty."}>
                    <input type="text" value={result} spellcheck={false} onInput={(event) => setResult(event.currentTarget.value)} />
                </Field>
            )}
        </ActionDialog>
    );
}

function isValid(text: string): boolean {
    try {
        JSON.parse(text);
        return true;
    } catch {
        return false;
    }
}

/** What is said of an effect, with a result in the words in which it was typed: to read and write it again would round its numbers. */
export function bodyOf(said: { epoch: number; verdict: string; by: string; why: string }, result: string): Written {
    const text = JSON.stringify(said);
    return new Written(result === "" ? text : `${text.slice(0, -1)},"result":${result}}`);
}
