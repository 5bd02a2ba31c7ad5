import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A silo that serves tests. */
export interface Silo {
    readonly url: string;
    /** Ends it, if it was started for them. */
    readonly stop: () => Promise<void>;
}

/** Serves tests with a real silo: the one at FORGE_URL, or one that is started here, of FORGE_SILO_DLL or of the built repository. */
export async function serve(): Promise<Silo> {
    const given = process.env["FORGE_URL"];
    if (given) {
        return { url: given.replace(/\/+$/, ""), stop: async () => {} };
    }

    const program = process.env["FORGE_SILO_DLL"]
        ?? fileURLToPath(new URL("../../../Forge.Silo/bin/Debug/net10.0/Forge.Silo.dll", import.meta.url));
    if (!existsSync(program)) {
        throw new Error(`There is no silo at ${program}: build Forge.Silo, or name one by FORGE_SILO_DLL or a running one by FORGE_URL.`);
    }

    const silo = spawn(
        "dotnet",
        [program, "--urls", "http://127.0.0.1:0", "--Forge:Database", "Memory", "--Forge:SiloPort", "0", "--Forge:GatewayPort", "0"],
        { stdio: ["ignore", "pipe", "inherit"] });
    return { url: await ready(silo), stop: () => stop(silo) };
}

/** The address that the silo says it is ready at. */
function ready(silo: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
        const told: string[] = [];
        silo.once("error", reject);
        silo.once("exit", (code) => reject(new Error(`The silo ended with ${code}:\n${told.join("\n")}`)));
        createInterface({ input: silo.stdout! }).on("line", (line) => {
            told.push(line);
            const address = /is ready at (http:\/\/[^\s;,]+)/.exec(line)?.[1];
            if (address !== undefined) {
                resolve(address);
            }
        });
    });
}

function stop(silo: ChildProcess): Promise<void> {
    return new Promise((resolve) => {
        silo.once("exit", () => resolve());
        silo.kill("SIGTERM");
    });
}
