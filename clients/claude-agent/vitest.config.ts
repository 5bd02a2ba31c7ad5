import { defineConfig } from "vitest/config";

export default defineConfig({
    test: {
        globalSetup: "./test/setup.ts",
        include: ["test/**/*.test.ts"],
        // One silo serves all files, and the machines that run this have few processors.
        maxWorkers: 2,
        testTimeout: 60_000,
        hookTimeout: 60_000,
    },
});
