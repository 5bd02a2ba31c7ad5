import { useState } from "preact/hooks";
import { change, get, sessionPath } from "../api/http.js";
import type { Branch, Checkpoint, ForkAnswer, RestoreAnswer, Session } from "../api/types.js";
import { forgeOf } from "../commands.js";
import { bytesOf, plural } from "../format.js";
import { Told } from "../ui/text.js";
import { type ActionContext, ActionDialog, Field } from "./action.js";
import { DifferencePreview, EffectsPreview } from "./preview.js";

/** Makes a checkpoint the current one of a branch. */
export function Restore({ context, checkpoint }: { context: ActionContext; checkpoint: Checkpoint }) {
    const { session } = context;
    const [branch, setBranch] = useState(checkpoint.branch);
    const path = sessionPath(session.name, "checkpoints", checkpoint.sequence, "restore");
    return (
        <ActionDialog<RestoreAnswer>
            context={context} title={`Restore #${checkpoint.sequence}`} confirm="Restore"
            preview={{
                key: branch,
                load: (epoch) => change({ method: "POST", path, body: { branch, dryRun: true }, epoch }),
            }}
            show={(preview) => (
                <>
                    <p>
                        The next checkpoint of <code><Told text={branch} /></code> follows <strong>#{checkpoint.sequence}</strong>
                        {preview.undo === null ? "." : preview.undo.sequence === checkpoint.sequence
                            ? ", as it does already." : <> in place of <strong>#{preview.undo.sequence}</strong>. Nothing is removed.</>}
                    </p>
                    <DifferencePreview difference={preview.difference} />
                    <EffectsPreview effects={preview.effectsAfter} />
                </>
            )}
            call={(epoch) => ({ method: "POST", path, body: { branch }, epoch })}
            forge={(epoch) => forgeOf("checkpoint restore", [session.name, checkpoint.sequence], { branch: branch === "main" ? undefined : branch, epoch })}
            done={(answer, _preview, epoch) => {
                const { undo } = answer as RestoreAnswer;
                return {
                    text: `Restored #${checkpoint.sequence} on ${branch}`,
                    note: undo === null ? "Nothing was current before." : undefined,
                    undo: undo === null ? undefined : {
                        label: `Undo to #${undo.sequence}`,
                        run: async () => {
                            // Only what this restore left is taken back: what others made current since stays.
                            const { items } = await get<{ items: Branch[] }>(sessionPath(session.name, "branches"));
                            const current = items.find((one) => one.branch === branch)?.current ?? null;
                            if (current?.id !== checkpoint.id) {
                                throw new Error(`Not undone: ${current === null ? "nothing" : `#${current.sequence}`} is current on ${branch} by now, and not #${checkpoint.sequence}`);
                            }

                            await change({
                                method: "POST", path: sessionPath(session.name, "checkpoints", undo.id, "restore"), body: { branch }, epoch,
                            });
                            await session.renew();
                        },
                    },
                };
            }}
        >
            <Field label="Branch" hint="Whose next checkpoint follows it.">
                <select value={branch} onChange={(event) => setBranch(event.currentTarget.value)}>
                    {session.branches.map((one) => <option key={one.branch}>{one.branch}</option>)}
                </select>
            </Field>
        </ActionDialog>
    );
}

/** Begins a session from a checkpoint. */
export function Fork({ context, checkpoint }: { context: ActionContext; checkpoint: Checkpoint }) {
    const { session } = context;
    const [name, setName] = useState(`${session.name}-fork-${checkpoint.sequence}`.slice(0, 200));
    const [withHistory, setWithHistory] = useState(false);
    const path = sessionPath(session.name, "fork");
    const body = { checkpoint: checkpoint.sequence, session: name, withHistory };
    return (
        <ActionDialog<ForkAnswer>
            context={context} title={`Fork from #${checkpoint.sequence}`} confirm="Fork" takesEpoch={false}
            preview={name === "" ? null : {
                key: JSON.stringify([name, withHistory]),
                load: () => change({ method: "POST", path, body: { ...body, dryRun: true } }),
            }}
            show={(preview) => (
                <>
                    <p>
                        A new session <code><Told text={preview.session} /></code> with {plural(preview.count, "checkpoint")}, {bytesOf(preview.bytes)} of states
                        {preview.storedBytes === null ? "" : ` (${bytesOf(preview.storedBytes)} stored)`}. This session is not changed.
                    </p>
                    <EffectsPreview effects={preview.effectsAfter} fork />
                </>
            )}
            call={() => ({ method: "POST", path, body })}
            forge={() => forgeOf("session fork", [session.name, checkpoint.sequence, name], { "with-history": withHistory })}
            then={(answer) => context.go({ session: (answer as ForkAnswer).session })}
            done={(answer) => {
                const { session: made, position } = answer as ForkAnswer;
                return {
                    text: `Forked ${made} from #${checkpoint.sequence}`,
                    undo: {
                        label: "Undo: delete the fork",
                        run: async () => {
                            const now = await get<Session>(sessionPath(made));
                            if (position === null || now.lastPosition !== position) {
                                throw new Error(`Not undone: something was done in ${made} since, and to delete it would lose that`);
                            }

                            await change({ method: "DELETE", path: sessionPath(made) });
                            if (context.at() === made) {
                                context.go({ session: session.name, checkpoint: checkpoint.sequence });
                            }
                        },
                    },
                };
            }}
        >
            <Field label="Name of the session" hint="1 to 200 printable characters, no space and no slash.">
                <input type="text" value={name} maxLength={200} spellcheck={false} onInput={(event) => setName(event.currentTarget.value)} />
            </Field>
            <label class="check">
                <input type="checkbox" checked={withHistory} onChange={(event) => setWithHistory(event.currentTarget.checked)} />
                With the history: all ancestors, as they are
            </label>
        </ActionDialog>
    );
}

/** Begins a branch: a checkpoint on it that has the state of another, which is not sent, since the silo has it. */
export function BeginBranch({ context, checkpoint }: { context: ActionContext; checkpoint: Checkpoint }) {
    const { session } = context;
    const [branch, setBranch] = useState("");
    const [message, setMessage] = useState(`branch from #${checkpoint.sequence}`);
    const path = sessionPath(session.name, "checkpoints");
    const there = session.branches.find((one) => one.branch === branch);
    const [id] = useState(() => uuid());
    const body = {
        id, branch, parent: checkpoint.sequence, message, contentType: checkpoint.contentType,
        difference: { base: checkpoint.sequence, front: checkpoint.size, end: 0, sha256: checkpoint.checksum, betweenBase64: "" },
    };
    return (
        <ActionDialog<{ next: number }>
            context={context} title={`Branch from #${checkpoint.sequence}`} confirm="Begin the branch"
            preview={branch === "" || message === "" ? null : {
                key: JSON.stringify([branch, message]),
                load: async () => {
                    await session.renew();
                    return { next: (session.info?.lastSequence ?? 0) + 1 };
                },
            }}
            can={() => there === undefined}
            show={({ next }) => (there !== undefined
                ? <p class="problem">There is a branch of this name, with {plural(there.count, "checkpoint")}. Restore moves what its next one follows.</p>
                : (
                    <>
                        <p>
                            A checkpoint <strong>#{next}</strong> (or the next number that is free then) on the new branch <code><Told text={branch} /></code>, a child
                            of <strong>#{checkpoint.sequence}</strong>. No other branch moves.
                        </p>
                        <p>Its state is that of #{checkpoint.sequence}, byte for byte ({bytesOf(checkpoint.size)}), so that nothing differs.</p>
                    </>
                ))}
            call={(epoch) => ({ method: "POST", path, body, epoch })}
            forge={(epoch) => `${forgeOf("checkpoint show", [session.name, checkpoint.sequence], { "state-only": true })} | ${forgeOf("checkpoint create", [session.name], {
                branch, parent: checkpoint.sequence, message, state: "-", "content-type": checkpoint.contentType === "application/json" ? undefined : checkpoint.contentType, epoch,
            })}`}
            then={(answer) => context.go({ session: session.name, checkpoint: (answer as Checkpoint).sequence })}
            done={(answer, _preview, epoch) => {
                const made = answer as Checkpoint;
                return {
                    text: `Began ${branch} with #${made.sequence}`,
                    undo: {
                        label: `Undo: delete #${made.sequence}`,
                        run: async () => {
                            await change({ method: "DELETE", path: sessionPath(session.name, "checkpoints", made.id), epoch });
                            if (context.at() === session.name) {
                                context.go({ session: session.name, checkpoint: checkpoint.sequence });
                            }

                            await session.renew();
                        },
                    },
                };
            }}
        >
            <Field label="Name of the branch" hint="Printable ASCII, such as: try another way.">
                <input type="text" value={branch} maxLength={500} spellcheck={false} autofocus onInput={(event) => setBranch(event.currentTarget.value)} />
            </Field>
            <Field label="Message of its first checkpoint">
                <input type="text" value={message} maxLength={4096} onInput={(event) => setMessage(event.currentTarget.value)} />
            </Field>
        </ActionDialog>
    );
}

/** A UUID of the seventh version, as the silo makes them. */
function uuid(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    let time = Date.now();
    for (let at = 5; at >= 0; at--) {
        bytes[at] = time % 256;
        time = Math.floor(time / 256);
    }

    bytes[6] = (bytes[6]! & 0x0f) | 0x70;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
