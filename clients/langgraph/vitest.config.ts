import { defineConfig } from "vitest/config";

export default defineConfig({
    test: {
        // The validation suite takes describe, it and expect from the global object.
        globals: true,
        globalSetup: "./test/setup.ts",
        include: ["test/**/*.test.ts"],
        // One silo serves all files, and the machines that run this have few processors.
        maxWorkers: 2,
        testTimeout: 60_000,
        hookTimeout: 60_000,
    },
});
