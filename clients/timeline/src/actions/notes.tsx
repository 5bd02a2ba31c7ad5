import { useState } from "preact/hooks";
import { change, ChangeKey, get, sessionPath } from "../api/http.js";
import type { Checkpoint, Page } from "../api/types.js";
import { forgeOf } from "../commands.js";
import { Told } from "../ui/text.js";
import { type ActionContext, ActionDialog, Field } from "./action.js";

/** Replaces the tags of a checkpoint. */
export function Tag({ context, checkpoint }: { context: ActionContext; checkpoint: Checkpoint }) {
    const { session } = context;
    const [tags, setTags] = useState<readonly string[]>(checkpoint.tags);
    const [typed, setTyped] = useState("");
    const path = sessionPath(session.name, "checkpoints", checkpoint.sequence, "tags");
    const wanted = typed === "" || tags.includes(typed) ? tags : [...tags, typed];
    const added = wanted.filter((tag) => !checkpoint.tags.includes(tag));
    const removed = checkpoint.tags.filter((tag) => !wanted.includes(tag));
    const put = (all: readonly string[], epoch: number | undefined) => ({ method: "PUT" as const, path, body: { tags: all }, epoch });
    return (
        <ActionDialog<true>
            context={context} title={`Tag #${checkpoint.sequence}`} confirm="Set the tags"
            preview={{ key: JSON.stringify(wanted), load: async () => true }}
            can={() => added.length + removed.length > 0}
            show={() => (added.length + removed.length === 0
                ? <p class="muted">The tags stay as they are.</p>
                : (
                    <ul class="paths">
                        {added.map((tag) => <li key={tag}><span class="sign added">+</span><span class="tag"><Told text={tag} /></span></li>)}
                        {removed.map((tag) => <li key={tag}><span class="sign removed">−</span><span class="tag"><Told text={tag} /></span></li>)}
                    </ul>
                ))}
            call={(epoch) => put(wanted, epoch)}
            forge={(epoch) => forgeOf("checkpoint tag", [session.name, checkpoint.sequence, ...wanted], { none: wanted.length === 0, epoch })}
            done={(_answer, _preview, epoch) => ({
                text: `Set the tags of #${checkpoint.sequence}`,
                undo: {
                    label: "Undo",
                    run: async () => {
                        // Others may have tagged it since: only what was done here is taken back.
                        const { items: [now] } = await get<Page<Checkpoint>>(
                            sessionPath(session.name, "checkpoints"), { after: checkpoint.sequence - 1, before: checkpoint.sequence + 1, limit: 1 });
                        const back = now === undefined ? null : tagsBack(now.tags, added, removed);
                        if (back === null) {
                            throw new Error(`Not undone: the tags of #${checkpoint.sequence} are others by now`);
                        }

                        await change(put(back, epoch));
                    },
                },
            })}
        >
            <Field label="A tag to add" hint="Enter adds one more.">
                <input
                    type="text" value={typed} maxLength={128} autofocus onInput={(event) => setTyped(event.currentTarget.value)}
                    onKeyDown={(event) => {
                        if (event.key === "Enter" && typed !== "") {
                            event.preventDefault();
                            setTags(wanted);
                            setTyped("");
                        }
                    }}
                />
            </Field>
            {tags.length > 0 && (
                <div class="tags-edit" role="group" aria-label="Tags">
                    {tags.map((tag) => (
                        <button key={tag} type="button" class="tag" onClick={() => setTags(tags.filter((one) => one !== tag))}>
                            <Told text={tag} /> <span aria-hidden="true">✕</span><span class="sr"> take away</span>
                        </button>
                    ))}
                </div>
            )}
        </ActionDialog>
    );
}

/** The tags with a change taken back from what they are now; null if nothing of it is left to be taken back. */
export function tagsBack(now: readonly string[], added: readonly string[], removed: readonly string[]): string[] | null {
    const back = [...now.filter((tag) => !added.includes(tag)), ...removed.filter((tag) => !now.includes(tag))];
    return back.length === now.length && back.every((tag) => now.includes(tag)) ? null : back;
}

/** Attaches a note to a checkpoint. */
export function Annotate({ context, checkpoint }: { context: ActionContext; checkpoint: Checkpoint }) {
    const { session } = context;
    const [text, setText] = useState("");
    const [severity, setSeverity] = useState("info");
    const path = sessionPath(session.name, "checkpoints", checkpoint.sequence, "annotations");
    return (
        <ActionDialog<true>
            context={context} title={`Annotate #${checkpoint.sequence}`} confirm="Attach the note"
            preview={text.trim() === "" ? null : { key: JSON.stringify([severity, text]), load: async () => true }}
            show={() => <div class={`note ${severity}`}><span class="severity">{severity}</span><p><Told text={text} lines /></p></div>}
            lasting="A note stays in the session's log. To take it back attaches another one that says so."
            call={(epoch) => ({ method: "POST", path, body: { severity, text }, epoch })}
            forge={(epoch) => forgeOf("checkpoint annotate", [session.name, checkpoint.sequence, text], { severity: severity === "info" ? undefined : severity, epoch })}
            done={(answer, _preview, epoch) => {
                const { position } = answer as { position: number };
                const back = { method: "POST" as const, path, body: { severity: "info", text: `The note at position ${position} is taken back.` }, epoch };
                const key = new ChangeKey().for(back);
                return {
                    text: `Annotated #${checkpoint.sequence}`,
                    undo: {
                        label: "Take it back",
                        run: async () => {
                            await change(back, key);
                        },
                    },
                };
            }}
        >
            <Field label="Note">
                <textarea rows={4} value={text} autofocus onInput={(event) => setText(event.currentTarget.value)} />
            </Field>
            <Field label="Severity">
                <select value={severity} onChange={(event) => setSeverity(event.currentTarget.value)}>
                    <option>info</option>
                    <option>warning</option>
                    <option>critical</option>
                </select>
            </Field>
        </ActionDialog>
    );
}
