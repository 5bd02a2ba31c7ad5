import { copy } from "./toasts.js";

/** What is seen as long as there is nothing: how to make something. */
export function Welcome({ hasSessions }: { hasSessions: boolean }) {
    const root = new URL(".", location.href).href;
    const first = `curl ${root}v1/sessions/demo/checkpoints -H 'Content-Type: application/json' -d '{"message":"hello","state":{"step":1}}'`;
    return (
        <div class="welcome">
            <span class="welcome-mark" aria-hidden="true" />
            {hasSessions
                ? (
                    <>
                        <h1>Open a session</h1>
                        <p class="muted">Each is the line of work of one agent: what it saved, where it went back, what it did in the world.</p>
                        <p class="muted"><kbd>/</kbd> finds sessions, <kbd>?</kbd> shows all keys.</p>
                    </>
                )
                : (
                    <>
                        <h1>No sessions yet</h1>
                        <p class="muted">An agent makes one with its first checkpoint. So can you:</p>
                        <div class="command"><pre tabIndex={0}>{first}</pre><button type="button" onClick={() => void copy(first, "the command")}>Copy</button></div>
                        <p class="muted">It appears here by itself.</p>
                    </>
                )}
        </div>
    );
}
