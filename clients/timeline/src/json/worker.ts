import { buffersOf, scan } from "./scan.js";

// A state of some megabytes is taken apart here, so that the page stays alive meanwhile.
self.onmessage = (message: MessageEvent<{ id: number; text: string }>) => {
    const { id, text } = message.data;
    try {
        const values = scan(text);
        self.postMessage({ id, values }, { transfer: buffersOf(values) as ArrayBuffer[] });
    } catch (error) {
        self.postMessage({ id, problem: error instanceof Error ? error.message : String(error) });
    }
};
