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
                <p>
                    {credentials.key === null
                        ? "This Forge answers to those who have a key."
                        : credentials.isWanted ? "The key that was given is not taken." : "This tab has a key. Another one takes its place."}
                </p>
                <label class="field">
                    <span class="field-label">Key</span>
                    <input type="password" value={key} autocomplete="off" autofocus placeholder="forge_…" onInput={(event) => setKey(event.currentTarget.value)} />
                    <span class="field-hint">It is kept by this tab alone, until that is closed.</span>
                </label>
                <footer>
                    {credentials.key !== null && (
                        <button
                            type="button"
                            onClick={() => {
                                credentials.set(null);
                                onClose();
                            }}
                        >
                            Forget the key
                        </button>
                    )}
                    <button type="button" onClick={onClose}>Not now</button>
                    <button type="submit" class="primary" disabled={key.trim() === ""}>Use the key</button>
                </footer>
            </form>
        </Dialog>
    );
}
