import type { Checkpoint, EffectWhole } from "../api/types.js";
import type { OpenSession } from "../session/store.js";
import type { ActionContext } from "./action.js";
import { Annotate, Tag } from "./notes.js";
import { BeginBranch, Fork, Restore } from "./points.js";
import { Compact, Resolve } from "./upkeep.js";

export type ActionName = "restore" | "fork" | "branch" | "tag" | "annotate" | "compact" | "resolve";

/** The dialog that is open. */
export interface OpenAction {
    readonly name: ActionName;
    /** What it was opened in, and is about, whatever is opened after it. */
    readonly session: OpenSession;
    readonly checkpoint?: Checkpoint | undefined;
    readonly effect?: EffectWhole | undefined;
}

export function Action({ action, context }: { action: OpenAction; context: ActionContext }) {
    const { checkpoint, effect } = action;
    if (action.name === "compact") {
        return <Compact context={context} />;
    }

    if (action.name === "resolve") {
        return effect === undefined ? null : <Resolve context={context} effect={effect} />;
    }

    if (checkpoint === undefined) {
        return null;
    }

    switch (action.name) {
        case "restore": return <Restore context={context} checkpoint={checkpoint} />;
        case "fork": return <Fork context={context} checkpoint={checkpoint} />;
        case "branch": return <BeginBranch context={context} checkpoint={checkpoint} />;
        case "tag": return <Tag context={context} checkpoint={checkpoint} />;
        case "annotate": return <Annotate context={context} checkpoint={checkpoint} />;
    }
}
