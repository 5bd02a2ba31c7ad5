import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** A dialog over the page. It has the keys until it is closed, and gives the focus back then. */
export function Dialog({ title, onClose, children, class: name }: { title: string; onClose: () => void; children: ComponentChildren; class?: string }) {
    const element = useRef<HTMLDialogElement>(null);
    useLayoutEffect(() => {
        const dialog = element.current!;
        const before = document.activeElement;
        dialog.showModal();
        // What is asked for comes first, and not the way out.
        dialog.querySelector<HTMLElement>("form input:not([type=checkbox]), form select, form textarea, form button.primary")?.focus();
        return () => {
            dialog.close();
            if (before instanceof HTMLElement && before.isConnected) {
                before.focus({ preventScroll: true });
            }
        };
    }, []);
    return (
        <dialog
            ref={element} class={`dialog ${name ?? ""}`} aria-label={title}
            onCancel={(event) => {
                event.preventDefault();
                onClose();
            }}
            onKeyDown={(event) => event.stopPropagation()}
            onMouseDown={(event) => event.target === element.current && onClose()}
        >
            <div class="dialog-body">
                <header>
                    <h2>{title}</h2>
                    <button type="button" class="icon" aria-label="Close" onClick={onClose}>✕</button>
                </header>
                {children}
            </div>
        </dialog>
    );
}
