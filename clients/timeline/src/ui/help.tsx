import { Dialog } from "./dialog.js";

const Sheet: readonly [string, readonly [string, string][]][] = [
    ["Everywhere", [
        ["?", "this sheet"], ["/", "find sessions"], ["f", "filter the log"], ["l", "to the log"], ["s", "to the state"], ["Esc", "close, or one step back"],
        ["u", "undo what was done last"], [".", "light or dark"],
    ]],
    ["The log", [
        ["j k", "down and up"], ["PgDn PgUp", "by twenty"], ["g G", "to the newest, to the oldest"], ["Enter", "open a session"],
    ]],
    ["A checkpoint", [
        ["r", "restore"], ["o", "fork"], ["b", "branch"], ["t", "tag"], ["a", "annotate"], ["x", "compact the session"], ["e", "resolve the effect"],
        ["y", "copy as curl"], ["Y", "copy as forge"],
    ]],
    ["Compare", [
        ["d", "with its parent"], ["c", "compare from here"], ["v", "with the one marked by c"], ["n p", "next and previous change"],
    ]],
    ["A state", [
        ["← →", "fold and unfold; with Shift all below"], ["p", "copy the JSON Pointer"], ["v", "copy the value"], ["n N", "next and previous match"],
    ]],
];

export function Help({ onClose }: { onClose: () => void }) {
    return (
        <Dialog title="Keys" onClose={onClose} class="help">
            <div class="help-sheet">
                {Sheet.map(([title, keys]) => (
                    <section key={title}>
                        <h3>{title}</h3>
                        <dl>
                            {keys.map(([key, means]) => (
                                <div key={key}><dt>{key.split(" ").map((one) => <kbd key={one}>{one}</kbd>)}</dt><dd>{means}</dd></div>
                            ))}
                        </dl>
                    </section>
                ))}
            </div>
        </Dialog>
    );
}
