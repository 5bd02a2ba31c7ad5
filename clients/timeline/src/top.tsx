import type { StreamStatus } from "./api/follow.js";
import { useState } from "preact/hooks";
import { credentials } from "./api/http.js";
import { useChanges } from "./hooks.js";
import type { OpenSession } from "./session/store.js";
import type { SessionList } from "./sessions/store.js";
import { flip } from "./theme.js";
import { Icon } from "./ui/icons.js";
import { Told } from "./ui/text.js";

interface Properties {
    readonly session: OpenSession | null;
    readonly sessions: SessionList;
    readonly onHome: () => void;
    readonly onSession: () => void;
    readonly onHelp: () => void;
    readonly onKey: () => void;
}

const Says: Readonly<Record<StreamStatus, string>> = { live: "Live", connecting: "Connecting", lost: "Reconnecting", resting: "Resting", ended: "Not live" };

/** The line on top: where one is, and whether what is seen is what is. */
export function Top({ session, sessions, onHome, onSession, onHelp, onKey }: Properties) {
    useChanges(session, sessions, session?.follower, sessions.follower, credentials);
    const [, draw] = useState(0);
    const status = session?.follower?.status ?? sessions.follower?.status ?? "connecting";
    const claim = session?.info?.claim;
    return (
        <header class="top">
            <button type="button" class="brand" onClick={onHome}><span class="brand-mark" aria-hidden="true" />Forge</button>
            {session !== null && (
                <>
                    <span class="crumb" aria-hidden="true">/</span>
                    <h1 class="top-session"><button type="button" class="link" onClick={onSession}><Told text={session.name} /></button></h1>
                    {claim?.owner != null && (
                        <span class="claim-chip" title={`Claimed, epoch ${claim.epoch}`}>
                            <span class="claim-dot" aria-hidden="true" />claimed by <strong><Told text={claim.owner} most={60} /></strong> <small>epoch {claim.epoch}</small>
                        </span>
                    )}
                </>
            )}
            <span class="space" />
            <span class={`stream ${status}`} role="status"><span class="live-dot" aria-hidden="true" />{Says[status]}</span>
            <button type="button" class="icon" title="A key for this tab" aria-label="Key" aria-pressed={credentials.key !== null} onClick={onKey}><Icon of="key" /></button>
            <button
                type="button" class="icon" title="Light or dark (.)" aria-label="Light or dark"
                onClick={() => {
                    flip();
                    draw((count) => count + 1);
                }}
            >
                <Icon of="theme" />
            </button>
            <button type="button" class="icon" title="Keys (?)" aria-label="Keys" onClick={onHelp}><Icon of="help" /></button>
        </header>
    );
}
