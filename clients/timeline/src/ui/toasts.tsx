import { Changes } from "../changes.js";
import { useChanges } from "../hooks.js";

/** What was done, and what takes it back. */
export interface Toast {
    readonly text: string;
    readonly isError?: boolean;
    readonly undo?: { readonly label: string; readonly run: () => Promise<void> } | undefined;
    /** Said where nothing takes it back. */
    readonly note?: string | undefined;
}

/** How long a change can be taken back, in milliseconds. */
const UndoFor = 5 * 60_000;

class Toasts extends Changes {
    items: { id: number; toast: Toast; busy: boolean }[] = [];
    #last = 0;

    show(toast: Toast): void {
        const id = ++this.#last;
        this.items = [...this.items.slice(-2), { id, toast, busy: false }];
        this.changed();
        // What can be taken back stays until it is closed, another two have come, or so long has passed that much may stand on it.
        setTimeout(() => this.close(id), toast.undo !== undefined ? UndoFor : toast.isError ? 12_000 : 5_000);
    }

    close(id: number): void {
        this.items = this.items.filter((item) => item.id !== id);
        this.changed();
    }

    async undo(id: number): Promise<void> {
        const item = this.items.find((one) => one.id === id);
        if (item?.toast.undo === undefined || item.busy) {
            return;
        }

        item.busy = true;
        this.changed();
        try {
            await item.toast.undo.run();
            this.close(id);
            this.show({ text: `Undone: ${item.toast.text}` });
        } catch (error) {
            item.busy = false;
            this.changed();
            this.show({ text: error instanceof Error ? error.message : String(error), isError: true });
        }
    }

    /** Takes back what was done last, as far as it can be. */
    undoLast(): void {
        const item = [...this.items].reverse().find((one) => one.toast.undo !== undefined);
        if (item !== undefined) {
            void this.undo(item.id);
        }
    }
}

export const toasts = new Toasts();

export function ToastList() {
    useChanges(toasts);
    return (
        <div class="toasts" role="status" aria-live="polite">
            {toasts.items.map(({ id, toast, busy }) => (
                <div key={id} class={`toast${toast.isError ? " error" : ""}`}>
                    <span class="toast-text">{toast.text}{toast.note && <small>{toast.note}</small>}</span>
                    {toast.undo && (
                        <button type="button" class="undo" disabled={busy} onClick={() => void toasts.undo(id)}>{toast.undo.label} <kbd>u</kbd></button>
                    )}
                    <button type="button" class="icon" aria-label="Dismiss" onClick={() => toasts.close(id)}>✕</button>
                </div>
            ))}
        </div>
    );
}

/** Copies a text, and says so. */
export async function copy(text: string, what: string): Promise<void> {
    try {
        await navigator.clipboard.writeText(text);
    } catch {
        // Without a secure origin there is no clipboard but that of a selection.
        const area = document.createElement("textarea");
        area.value = text;
        (document.querySelector("dialog[open]") ?? document.body).append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
    }

    toasts.show({ text: `Copied ${what}` });
}
