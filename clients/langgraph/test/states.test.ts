import { afterEach, describe, expect, it, vi } from "vitest";
import { ForgeError } from "../../http/src/errors.js";
import { sha256, States } from "../src/states.js";
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
        // Some texts of bytes alone, some with characters of several, of which differences may part none.
        const alphabets = ["01", "0é", "€é", "0\u{1f600}", "\u{1f600}\u{1f601}"].map((alphabet) => [...alphabet]);
        const textOf = (alphabet: string[], length: number): string => Array.from({ length }, () => alphabet[random(alphabet.length)]).join("");
        let made = 0;
        for (let round = 0; round < 400; round++) {
            const states = new States(1_000_000);
            const alphabet = alphabets[round % alphabets.length]!;
            let text = textOf(alphabet, 4_096 + random(4_096));
            states.keep("b", "0", text);
            for (let next = 1; next <= 4; next++) {
                const points = [...text];
                const [at, gone] = [random(points.length), random(40)];
                points.splice(at, gone, ...textOf(alphabets[random(alphabets.length)]!, random(40)));
                text = points.join("");

                const { difference, kept } = states.compare("b", `${next - 1}`, text);

                states.keep("b", `${next}`, text, kept);
                if (difference !== undefined) {
                    made++;
                    const where = `step ${next} of round ${round} of seed 20261`;
                    const between = Buffer.from(difference.betweenBase64, "base64");
                    const bytes = Buffer.from(text);
                    expect(difference.front + between.length + difference.end, where).toBe(bytes.length);
                    expect(bytes.subarray(difference.front, bytes.length - difference.end).equals(between), where).toBe(true);
                    expect(states.assemble("b", difference), where).toBe(text);
                    expect(states.assemble("b", { ...difference, sha256: "0".repeat(64) })).toBeUndefined();
                    expect(states.assemble("b", { ...difference, front: bytes.length, end: bytes.length })).toBeUndefined();
                }
            }
        }

        expect(made).toBeGreaterThan(1_000);
    });

    it("assemble_DifferenceThatPartsACharacter_MakesTheState", () => {
        const states = new States(1_000_000);
        const [from, state] = [Buffer.from("é".repeat(4_096)), Buffer.from(`${"é".repeat(2_000)}è${"é".repeat(2_095)}`)];
        states.keep("b", "1", from.toString());
        const front = 4_001;
        const end = state.length - front - 1;

        const made = states.assemble("b", {
            base: "1", front, end, sha256: sha256(state.toString()), betweenBase64: state.subarray(front, front + 1).toString("base64"),
        });

        expect(made).toBe(state.toString());
    });

    it("keep_BeyondTheCapacity_ForgetsTheOldest", () => {
        const states = new States(20_000);
        const state = "1".repeat(8_000);
        for (const id of ["1", "2", "3"]) {
            states.keep("b", id, state);
        }

        expect(states.compare("b", "1", state).difference).toBeUndefined();
        expect(states.compare("b", "2", state).difference).toBeDefined();
        expect(states.newest("b")).toBe("3");
        states.forget("b", "3");
        expect(states.newest("b")).toBeUndefined();
        states.keep("b", "4", "€".repeat(8_000));
        expect(states.compare("b", "2", state).difference).toBeUndefined();
    });

    it("refuses_SiloThatKnowsNoDifferences_KeepsNothingForAMinute", () => {
        vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 });
        const [states, state] = [new States(20_000), "1".repeat(8_000)];
        states.keep("b", "1", state);

        expect(states.refuses("b", "1", new ForgeError({ code: "invalid_request", status: 400, detail: "no", field: "difference" }))).toBe(true);

        vi.setSystemTime(1_059_999);
        states.keep("b", "2", state);
        expect(states.newest("b")).toBeUndefined();
        vi.setSystemTime(1_060_000);
        states.keep("b", "3", state);
        expect(states.compare("b", "3", state).difference).toBeDefined();
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
