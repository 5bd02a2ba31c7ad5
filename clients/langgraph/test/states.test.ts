import { afterEach, describe, expect, it, vi } from "vitest";
import { ForgeError } from "../../http/src/errors.js";
import { States } from "../src/states.js";
import { checkpointOf, type Config, idOf, listed, metadataOf, newPrefix, newSaver, put, thread } from "./threads.js";

const Text = "x".repeat(500);
type Sending = (url: string, init: RequestInit | undefined) => Response | undefined;

/** A fetch that counts the bytes of bodies and answers in the silo's place where it is told to. */
function counting(answer: Sending = () => undefined): { bytes: { sent: number; read: number }; creates: string[]; fetch: typeof fetch } {
    const [bytes, creates] = [{ sent: 0, read: 0 }, [] as string[]];
    return {
        bytes,
        creates,
        fetch: async (url, init) => {
            const body = (init?.body ?? "") as string;
            bytes.sent += body.length;
            if (init?.method === "POST" && String(url).endsWith("/checkpoints")) {
                creates.push("difference" in JSON.parse(body) ? "difference" : "whole");
            }

            const response = answer(String(url), init) ?? await fetch(url, init);
            bytes.read += (await response.clone().arrayBuffer()).byteLength;
            return response;
        },
    };
}

function problem(status: number, code: string, field?: string): Response {
    return new Response(JSON.stringify({ code, detail: code, field }), { status });
}

/** Puts a conversation of which every checkpoint has one message more. */
async function talk(saver: ReturnType<typeof newSaver>, steps: number): Promise<{ last: Config; messages: string[] }> {
    let [last, messages] = [thread("t"), Array.from({ length: 100 }, (_, i) => `${i}: ${Text}`)];
    for (let step = 0; step < steps; step++) {
        messages = [...messages, `new ${step}: é ${Text}`];
        last = await put(saver, last, checkpointOf({ messages, step }), metadataOf(step));
    }

    return { last, messages };
}

describe("states", () => {
    afterEach(() => {
        vi.useRealTimers();
    });

    it("difference_AnyTwoStates_MakesTheSecondOfTheFirst", () => {
        let seed = 20_261;
        const random = (below: number): number => {
            seed = (seed * 48_271) % 2_147_483_647;
            return seed % below;
        };
        let made = 0;
        for (let round = 0; round < 300; round++) {
            const states = new States(1_000_000);
            const from = Buffer.from(Array.from({ length: 4_096 + random(4_096) }, () => random(2)));
            const [at, gone] = [random(from.length), random(40)];
            const state = Buffer.concat([from.subarray(0, at), Buffer.alloc(random(40), random(2)), from.subarray(at + gone)]);
            states.keep("b", "1", from);

            const difference = states.difference("b", "1", state);

            if (difference !== undefined) {
                made++;
                expect(states.assemble("b", difference)?.equals(state), `round ${round} of seed 20261`).toBe(true);
                expect(states.assemble("b", { ...difference, sha256: "0".repeat(64) })).toBeUndefined();
            }
        }

        expect(made).toBeGreaterThan(250);
    });

    it("keep_BeyondTheCapacity_ForgetsTheOldest", () => {
        const states = new States(20_000);
        const state = Buffer.alloc(8_000, 1);
        for (const id of ["1", "2", "3"]) {
            states.keep("b", id, state);
        }

        expect(states.difference("b", "1", state)).toBeUndefined();
        expect(states.difference("b", "2", state)).toBeDefined();
        expect(states.newest("b")).toBe("3");
        states.forget("b", "3");
        expect(states.newest("b")).toBeUndefined();
    });

    it("refuses_SiloThatKnowsNoDifferences_KeepsNothingForAMinute", () => {
        vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 });
        const [states, state] = [new States(20_000), Buffer.alloc(8_000, 1)];
        states.keep("b", "1", state);

        expect(states.refuses("b", "1", new ForgeError({ code: "invalid_request", status: 400, detail: "no", field: "difference" }))).toBe(true);

        vi.setSystemTime(1_059_999);
        states.keep("b", "2", state);
        expect(states.newest("b")).toBeUndefined();
        vi.setSystemTime(1_060_000);
        states.keep("b", "3", state);
        expect(states.difference("b", "3", state)).toBeDefined();
    });

    it("put_Conversation_GoesAsDifferencesAndComesBackWhole", async () => {
        const prefix = newPrefix();
        const { bytes, creates, fetch } = counting();
        const saver = newSaver({ prefix, fetch });

        const { last, messages } = await talk(saver, 10);

        expect(creates).toEqual(["whole", ...Array<string>(9).fill("difference")]);
        expect(bytes.sent).toBeLessThan(80_000);
        const tuple = await newSaver({ prefix }).getTuple(thread("t"));
        expect(tuple?.checkpoint.channel_values).toEqual({ messages, step: 9 });
        bytes.read = 0;
        expect(await saver.getTuple(thread("t"))).toEqual(tuple);
        expect(await saver.getTuple(last)).toEqual(tuple);
        expect(bytes.read).toBeLessThan(10_000);
    });

    it("put_AfterAnotherReadTheThread_GoesAsADifference", async () => {
        const prefix = newPrefix();
        const { last, messages } = await talk(newSaver({ prefix }), 1);
        const { creates, fetch } = counting();
        const saver = newSaver({ prefix, fetch });
        await saver.getTuple(thread("t"));

        await put(saver, last, checkpointOf({ messages: [...messages, "more"] }));

        expect(creates).toEqual(["difference"]);
    });

    it("put_NoBaseBytes_GoesWhole", async () => {
        const { creates, fetch } = counting();

        await talk(newSaver({ fetch, baseBytes: 0 }), 3);

        expect(creates).toEqual(["whole", "whole", "whole"]);
        expect(() => newSaver({ baseBytes: -1 })).toThrowError(/baseBytes/);
    });

    it.each([["base_unknown", 409], ["state_mismatch", 422]] as const)("put_%s_SendsTheStateWhole", async (code, status) => {
        let refused = 0;
        const { creates, fetch } = counting((_, init) =>
            init?.method === "POST" && String(init.body).includes('"difference":') && refused++ === 0 ? problem(status, code) : undefined);
        const saver = newSaver({ fetch });

        const { messages } = await talk(saver, 3);

        expect(creates).toEqual(["whole", "difference", "whole", "difference"]);
        expect((await listed(saver.list(thread("t")))).map((tuple) => (tuple.checkpoint.channel_values["messages"] as string[]).length))
            .toEqual([messages.length, messages.length - 1, messages.length - 2]);
    });

    it("put_SiloThatKnowsNoDifferences_IsSentNoneAfterTheFirst", async () => {
        const { creates, fetch } = counting((url, init) =>
            init?.method === "POST" && String(init.body).includes('"difference":') ? problem(400, "invalid_request", "difference")
            : url.includes("have=") ? problem(400, "invalid_request", "have")
            : undefined);
        const saver = newSaver({ fetch });

        const { last, messages } = await talk(saver, 4);

        expect(creates).toEqual(["whole", "difference", "whole", "whole", "whole"]);
        expect((await saver.getTuple(thread("t")))?.checkpoint.channel_values).toEqual({ messages, step: 3 });
        expect(idOf((await saver.getTuple(last))!)).toBe(idOf(last));
    });

    it("getTuple_StateTheSiloSentWrong_IsReadWhole", async () => {
        const wrong: Sending = (url) => url.includes("have=")
            ? new Response(JSON.stringify({
                id: "0198b1f2-0000-7000-8000-000000000001", sequence: 9, branch: "main", message: "loop 1", tags: [], checksum: "",
                difference: { base: new URL(url).searchParams.get("have"), front: 1, end: 1, sha256: "0".repeat(64), betweenBase64: "" },
            }))
            : undefined;
        const saver = newSaver({ fetch: counting(wrong).fetch });
        const { last, messages } = await talk(saver, 1);

        const tuple = await saver.getTuple(last);

        expect(tuple?.checkpoint.channel_values).toEqual({ messages, step: 0 });
    });
});
