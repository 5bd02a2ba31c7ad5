import { type Json, scan, type Values } from "./scan.js";

/** Texts up to this are taken apart at once. */
const Small = 100_000;

let worker: Worker | undefined;
let last = 0;
const waiting = new Map<number, { resolve: (values: Values) => void; reject: (error: Error) => void }>();

/** Takes a JSON text apart, a large one in a thread of its own. */
export async function parse(text: string): Promise<Json> {
    return { text, values: text.length <= Small ? scan(text) : await scanBeside(text) };
}

function scanBeside(text: string): Promise<Values> {
    if (worker === undefined) {
        worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
        worker.onmessage = (message: MessageEvent<{ id: number; values?: Values; problem?: string }>) => {
            const { id, values, problem } = message.data;
            const asked = waiting.get(id);
            waiting.delete(id);
            if (values !== undefined) {
                asked?.resolve(values);
            } else {
                asked?.reject(new SyntaxError(problem));
            }
        };
        worker.onerror = () => {
            for (const asked of waiting.values()) {
                asked.reject(new Error("The state could not be taken apart."));
            }

            waiting.clear();
            worker = undefined;
        };
    }

    const id = ++last;
    return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker!.postMessage({ id, text });
    });
}
