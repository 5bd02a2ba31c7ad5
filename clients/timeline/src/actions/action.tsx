import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Call, change, ChangeKey, mayBeAskedAgain, ProblemError, tellOf } from "../api/http.js";
import { curlOf } from "../commands.js";
import { useLoaded, useRested } from "../hooks.js";
import type { OpenSession } from "../session/store.js";
import { Dialog } from "../ui/dialog.js";
import { Told } from "../ui/text.js";
import { copy, type Toast, toasts } from "../ui/toasts.js";

/** What the dialogs of changes are given. */
export interface ActionContext {
    readonly session: OpenSession;
    readonly close: () => void;
    /** False once it was closed, or another session is open. */
    readonly isOpen: () => boolean;
    /** The session that is open now. */
    readonly at: () => string | undefined;
    readonly go: (place: { session?: string; checkpoint?: number; branch?: string | undefined }) => void;
}

interface Properties<T> {
    readonly context: ActionContext;
    readonly title: string;
    readonly children: ComponentChildren;
    /** What is asked first, with nothing changed; null as long as what is given is not enough. */
    readonly preview: { readonly key: string; readonly load: (epoch: number | undefined, signal: AbortSignal) => Promise<T> } | null;
    readonly show: (preview: T) => ComponentChildren;
    /** The change itself. */
    readonly call: (epoch: number | undefined) => Call;
    /** The same as a command. */
    readonly forge: (epoch: number | undefined) => string;
    readonly confirm: string;
    readonly danger?: boolean;
    /** False if what the preview tells is nothing to do. */
    readonly can?: (preview: T) => boolean;
    /** Said where nothing will take it back. */
    readonly lasting?: string | undefined;
    readonly before?: () => Promise<void>;
    readonly done: (answer: unknown, preview: T, epoch: number | undefined) => Toast;
    /** Where it leads to, if the dialog is still open. */
    readonly then?: (answer: unknown) => void;
    /** True if the change is refused without the epoch of the claim. */
    readonly takesEpoch?: boolean;
}

/**
 * A change: what is wanted, what it would come to, and then the change, with what takes it back. Nothing can be done before its preview
 * was shown.
 */
export function ActionDialog<T>(properties: Properties<T>) {
    const { context, preview, takesEpoch = true } = properties;
    const claim = context.session.info?.claim;
    const isClaimed = takesEpoch && claim?.owner != null;
    const [under, setUnder] = useState(false);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<ProblemError | null>(null);
    const epoch = isClaimed && under ? claim.epoch : undefined;
    const wanted = preview === null ? null : JSON.stringify([context.session.name, preview.key, epoch]);
    const key = useRested(wanted, 150);
    const isFresh = preview !== null && key === wanted;
    const loaded = useLoaded(
        async (signal) => (preview === null || key === null ? undefined : { value: await preview.load(epoch, signal) }), [key]);
    const seen = isFresh ? loaded.value?.value : undefined;
    const refused = (isFresh ? loaded.error : undefined) ?? problem;
    const call = properties.call(epoch);
    const [changeKey] = useState(() => new ChangeKey());
    const sent = useRef(false);
    // What was refused is not what is asked for now.
    useLayoutEffect(() => setProblem(null), [wanted]);

    const apply = async () => {
        setBusy(true);
        setProblem(null);
        try {
            sent.current = false;
            await properties.before?.();
            sent.current = true;
            const answer = await change<unknown>(call, changeKey.for(call));
            toasts.show(properties.done(answer, seen as T, epoch));
            void context.session.renew();
            if (context.isOpen()) {
                properties.then?.(answer);
            }

            context.close();
        } catch (error) {
            const told = error instanceof ProblemError ? error : new ProblemError(0, "unknown", tellOf(error));
            if (!context.isOpen()) {
                toasts.show({ text: `${properties.title}: ${told.message}`, isError: true });
            }

            setProblem(told);
            setBusy(false);
        }
    };

    const again = problem !== null && loaded.error === undefined && mayBeAskedAgain(problem);
    const ready = seen !== undefined && !busy && (refused == null || again) && (properties.can?.(seen) ?? true) && (!isClaimed || under);
    return (
        <Dialog title={properties.title} onClose={context.close}>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    if (ready) {
                        void apply();
                    }
                }}
            >
                <div class="fields">{properties.children}</div>
                {isClaimed && (
                    <label class="claim-choice">
                        <input type="checkbox" checked={under} onChange={(event) => setUnder(event.currentTarget.checked)} />
                        <span>
                            <strong><Told text={claim.owner!} /></strong> holds this session (epoch {claim.epoch}). Act under its claim, beside it.
                        </span>
                    </label>
                )}
                <section class="preview" aria-label="What it would do" aria-busy={preview !== null && seen === undefined && refused == null}>
                    <h3>What it would do</h3>
                    {refused != null
                        ? (
                            <p class="problem" role="alert">
                                <Told text={tellOf(refused)} />
                                {again && sent.current && " Whether it was done is not known; if it was, to try again does not do it twice."}
                            </p>
                        )
                        : preview === null
                            ? <p class="muted">Fill in what is asked for above.</p>
                            : seen === undefined ? <p class="muted">Asking…</p> : properties.show(seen)}
                    {properties.lasting && <p class="lasting">{properties.lasting}</p>}
                </section>
                <footer>
                    <span class="copies">
                        <button type="button" class="quiet" onClick={() => void copy(curlOf(call), "as curl")}>Copy as curl</button>
                        <button type="button" class="quiet" onClick={() => void copy(properties.forge(epoch), "as forge")}>Copy as forge</button>
                    </span>
                    <button type="button" onClick={context.close}>Cancel</button>
                    <button type="submit" class={properties.danger ? "danger" : "primary"} disabled={!ready}>{busy ? "Working…" : again ? "Try again" : properties.confirm}</button>
                </footer>
            </form>
        </Dialog>
    );
}

/** A line of a form. */
export function Field({ label, hint, children }: { label: string; hint?: ComponentChildren; children: ComponentChildren }) {
    return (
        <label class="field">
            <span class="field-label">{label}</span>
            {children}
            {hint && <span class="field-hint">{hint}</span>}
        </label>
    );
}
