import { defineConfig } from "vite";

// The page is served from wherever the silo is reached, so that all addresses are relative. What is built is committed: a silo that is run
// from its sources on a machine without Node has it all the same.
export default defineConfig({
    base: "./",
    build: {
        outDir: "../../Forge.Silo/Timeline/Files",
        emptyOutDir: true,
        assetsDir: "timeline",
        target: "es2023",
        modulePreload: false,
        // No file is written into another one: the policy of the page allows no such thing.
        assetsInlineLimit: 0,
        reportCompressedSize: true,
    },
    worker: { format: "es" },
    server: { proxy: { "/v1": process.env["FORGE_URL"] ?? "http://127.0.0.1:5080" } },
});
