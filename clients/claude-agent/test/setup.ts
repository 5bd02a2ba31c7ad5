import type { TestProject } from "vitest/node";
import { serve } from "../../http/test/silo.js";

declare module "vitest" {
    export interface ProvidedContext {
        forgeUrl: string;
    }
}

/** Tells the tests where their silo is. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
    const { url, stop } = await serve();
    project.provide("forgeUrl", url);
    return stop;
}
