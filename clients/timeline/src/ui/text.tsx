import { partsOf } from "../text.js";

/** Text of others, as text: what cannot be seen is shown by its number, and no part turns the direction of what stands around it. */
export function Told({ text, lines = false, most = 20_000 }: { text: string; lines?: boolean; most?: number }) {
    const shown = text.length > most ? text.slice(0, most) : text;
    return (
        <bdi class={lines ? "told lines" : "told"}>
            {partsOf(shown, lines).map((part) => (part.hidden ? <span class="hidden-char" title="A character that would not be seen">{part.text}</span> : part.text))}
            {shown.length < text.length && "…"}
        </bdi>
    );
}
