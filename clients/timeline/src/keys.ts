import type { ActionName } from "./actions/open.js";

/** What keys do wherever the focus is, but in a field. */
export interface Commands {
    readonly isBlocked: () => boolean;
    readonly help: () => void;
    readonly theme: () => void;
    readonly undo: () => void;
    readonly act: (name: ActionName) => void;
    readonly copy: (as: "curl" | "forge") => void;
    readonly focus: (id: string) => void;
    readonly state: () => void;
    readonly mark: () => void;
    readonly compareMarked: () => void;
    readonly compareParent: () => void;
    readonly change: (by: number) => void;
    readonly back: () => void;
}

const Actions: Readonly<Record<string, ActionName>> = {
    r: "restore", o: "fork", b: "branch", t: "tag", a: "annotate", x: "compact", e: "resolve",
};

/** Listens to keys until what is answered is called. */
export function onKeys(commands: Commands): () => void {
    const onKey = (event: KeyboardEvent) => {
        const target = event.target as HTMLElement;
        if (commands.isBlocked() || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) {
            return;
        }

        if (target.matches?.("input:not([type=checkbox]), textarea, select")) {
            if (event.key === "Escape") {
                target.blur();
                commands.focus("log");
            }

            return;
        }

        const action = Actions[event.key];
        if (action !== undefined) {
            commands.act(action);
        } else {
            switch (event.key) {
                case "?": commands.help(); break;
                case ".": commands.theme(); break;
                case "u": commands.undo(); break;
                case "/": commands.focus("session-search"); break;
                case "f": commands.focus("filter-text"); break;
                case "l": commands.focus("log"); break;
                case "s": commands.state(); break;
                case "c": commands.mark(); break;
                case "v": commands.compareMarked(); break;
                case "d": commands.compareParent(); break;
                case "n": commands.change(1); break;
                case "p": commands.change(-1); break;
                case "y": commands.copy("curl"); break;
                case "Y": commands.copy("forge"); break;
                case "Escape": commands.back(); break;
                default: return;
            }
        }

        event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
}
