import { useState } from "preact/hooks";
import { credentials } from "../api/http.js";
import { Dialog } from "./dialog.js";

/** Asks for the key that calls are made with. */
export function KeyPrompt({ onClose }: { onClose: () => void }) {
    const [key, setKey] = useState("");
    return (
        <Dialog title="A key is needed" onClose={onClose}>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    credentials.set(key.trim() === "" ? null : key.trim());
                    onClose();
                }}
            >
                <p>{credentials.key === null ? "This Forge answers to those who have a key." : "The key that was given is not taken."}</p>
                <label class="field">
                    <span class="field-label">Key</span>
                    <input type="password" value={key} autocomplete="off" autofocus placeholder="forge_…" onInput={(event) => setKey(event.currentTarget.value)} />
                    <span class="field-hint">It is kept by this tab alone, until that is closed.</span>
                </label>
                <footer>
                    <button type="button" onClick={onClose}>Not now</button>
                    <button type="submit" class="primary" disabled={key.trim() === ""}>Use the key</button>
                </footer>
            </form>
        </Dialog>
    );
}
