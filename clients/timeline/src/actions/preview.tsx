import type { EffectsAfter, ShortDifference } from "../api/types.js";
import { bytesOf, plural } from "../format.js";
import { Told } from "../ui/text.js";

/** What a change of state comes to, in short. */
export function DifferencePreview({ difference }: { difference: ShortDifference | undefined }) {
    if (difference === undefined) {
        return <p class="muted">Nothing is current now that it could be compared with.</p>;
    }

    const { summary, notCompared, firstDifference } = difference;
    if (summary === undefined) {
        return firstDifference === null
            ? <p>The state stays the same, byte for byte.</p>
            : <p>The states differ from byte {firstDifference} on. {notCompared?.problem}</p>;
    }

    const total = summary.added + summary.removed + summary.changed + summary.moved;
    if (total === 0) {
        return <p>The state stays the same{firstDifference === null ? "" : " but for how it is written"}.</p>;
    }

    return (
        <div class="preview-diff">
            <p class="diff-counts">
                {summary.added > 0 && <span class="count added">+{summary.added} added</span>}
                {summary.removed > 0 && <span class="count removed">−{summary.removed} removed</span>}
                {summary.changed > 0 && <span class="count changed">~{summary.changed} changed</span>}
                {summary.moved > 0 && <span class="count moved">→{summary.moved} moved</span>}
            </p>
            <ul class="paths" tabIndex={0} aria-label="What differs">
                {summary.entries.map((entry) => (
                    <li key={entry.kind + entry.path}>
                        <span class={`sign ${entry.kind}`}>{{ added: "+", removed: "−", changed: "~", moved: "→" }[entry.kind]}</span>
                        <code><Told text={entry.path === "" ? "the whole" : entry.path} /></code>
                        <span class="muted">{sizes(entry.fromBytes, entry.toBytes)}</span>
                    </li>
                ))}
                {summary.rest > 0 && <li class="muted">and {plural(summary.rest, "more value")}</li>}
            </ul>
        </div>
    );
}

function sizes(from: number | null, to: number | null): string {
    return from !== null && to !== null ? `${bytesOf(from)} → ${bytesOf(to)}` : bytesOf(from ?? to ?? 0);
}

/** The effects that came later than a point: what has happened in the world is not undone. */
export function EffectsPreview({ effects, fork }: { effects: EffectsAfter; fork?: boolean }) {
    if (effects.count === 0) {
        return <p class="muted">No effect was begun since this checkpoint.</p>;
    }

    return (
        <div class="preview-effects">
            <p>
                <strong>{plural(effects.count, "effect")}</strong> {effects.count === 1 ? "was" : "were"} begun since this checkpoint.{" "}
                {fork ? "The fork does not know of them and may do them again." : "They stay done: whoever asks for a key again is told."}
            </p>
            <ul class="paths" tabIndex={0} aria-label="Effects since">
                {effects.items.map((effect) => (
                    <li key={effect.key}>
                        <span class={`status ${effect.status}`}>{effect.status}</span>
                        <code><Told text={effect.key} /></code>
                        <span class="muted">{effect.class}</span>
                    </li>
                ))}
                {effects.more && <li class="muted">and more</li>}
            </ul>
        </div>
    );
}
