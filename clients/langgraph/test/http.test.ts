import { INTERRUPT } from "@langchain/langgraph-checkpoint";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ForgeHttp } from "../../http/src/http.js";
import { ForgeError, ForgeSaver } from "../src/index.js";
import { checkpointOf, listed, newSaver, put, thread } from "./threads.js";

interface Sent {
    readonly url: string;
    readonly headers: Record<string, string>;
    readonly body: string | undefined;
}

/** A fetch that gives what it is told to, one after the other, and keeps what was sent. */
function scripted(...answers: (Response | Error)[]): { sent: Sent[]; fetch: typeof fetch } {
    const sent: Sent[] = [];
    return {
        sent,
        fetch: async (url, init) => {
            sent.push({ url: String(url), headers: init?.headers as Record<string, string>, body: init?.body as string | undefined });
            const answer = answers.length > 1 ? answers.shift()! : answers[0]!.constructor === Response ? (answers[0] as Response).clone() : answers[0]!;
            if (answer instanceof Error) {
                throw answer;
            }

            return answer;
        },
    };
}

function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
    return new Response(JSON.stringify({ code, detail: `It was ${code}.`, status, field: "x" }), { status, headers });
}

const ok = () => new Response('{"a":1}', { status: 200 });

describe("ForgeHttp", () => {
    afterEach(() => {
        vi.useRealTimers();
    });

    it("send_BusyAndThenNot_SendsTheSameAgain", async () => {
        const { sent, fetch } = scripted(problem(429, "busy"), new TypeError("fetch failed"), problem(503, "outcome_unknown"), ok());

        const answer = await new ForgeHttp({ url: "http://forge", fetch }).send({ method: "POST", path: "/x", body: { y: 1 }, epoch: 3 });

        expect(answer).toEqual({ status: 200, body: { a: 1 } });
        expect(sent).toHaveLength(4);
        expect(new Set(sent.map((one) => JSON.stringify(one))).size).toBe(1);
        expect(sent[0]?.headers).toMatchObject({ "Forge-Epoch": "3", "Idempotency-Key": expect.stringMatching(/^[0-9a-f-]{36}$/) });
    });

    it.each([502, 504])("send_ProxyThatDoesNotReachForge_SendsTheSameAgain (%i)", async (status) => {
        const { sent, fetch } = scripted(new Response("<html>", { status }), ok());

        const answer = await new ForgeHttp({ url: "http://forge", fetch }).send({ method: "POST", path: "/x", body: { y: 1 } });

        expect(answer.status).toBe(200);
        expect(sent).toHaveLength(2);
        expect(sent[1]).toEqual(sent[0]);
    });

    it("send_QuotaThatNoWaitingFrees_IsGivenUpAtOnce", async () => {
        const { sent, fetch } = scripted(problem(429, "quota_exceeded"), ok());

        await expect(new ForgeHttp({ url: "http://forge", fetch }).send({ method: "POST", path: "/x", body: { y: 1 } })).rejects.toMatchObject({ code: "quota_exceeded" });
        expect(sent).toHaveLength(1);
    });

    it("send_QuotaThatSaysWhenToComeAgain_SendsTheSameAgain", async () => {
        const { sent, fetch } = scripted(problem(429, "quota_exceeded", { "Retry-After": "0" }), ok());

        expect((await new ForgeHttp({ url: "http://forge", fetch }).send({ method: "GET", path: "/x" })).status).toBe(200);
        expect(sent).toHaveLength(2);
    });

    it("send_RetryAfter_IsWaitedForAtLeast", async () => {
        vi.useFakeTimers();
        const { sent, fetch } = scripted(problem(503, "unavailable", { "Retry-After": "20" }), ok());

        const answer = new ForgeHttp({ url: "http://forge", fetch }).send({ method: "GET", path: "/x" });
        await vi.advanceTimersByTimeAsync(19_999);
        expect(sent).toHaveLength(1);
        await vi.advanceTimersByTimeAsync(1);

        expect((await answer).status).toBe(200);
        expect(sent).toHaveLength(2);
    });

    it("send_RetryAfterBeyondTheDeadline_IsGivenUpAtOnce", async () => {
        const { sent, fetch } = scripted(problem(503, "unavailable", { "Retry-After": "3600" }));

        await expect(new ForgeHttp({ url: "http://forge", fetch }).send({ method: "GET", path: "/x" })).rejects.toMatchObject({ code: "unavailable" });
        expect(sent).toHaveLength(1);
    });

    it("until_EndThatIsSooner_IsThatOfAllItsCalls", async () => {
        vi.useFakeTimers();
        const { sent, fetch } = scripted(ok(), problem(503, "unavailable"));
        const http = new ForgeHttp({ url: "http://forge", fetch, headers: { "X-Of": "all" } });
        const until = http.until(Date.now() + 1_000).until(Date.now() + 5_000);

        await until.send({ method: "GET", path: "/x" });
        const busy = expect(until.send({ method: "GET", path: "/x" })).rejects.toMatchObject({ code: "unavailable" });
        await vi.advanceTimersByTimeAsync(1_000);
        await busy;
        const before = sent.length;

        await expect(until.send({ method: "GET", path: "/x" })).rejects.toMatchObject({ code: "deadline_exceeded", status: 0 });
        expect(sent).toHaveLength(before);
        expect(sent[0]?.headers).toMatchObject({ "X-Of": "all" });
    });

    it("send_TimesWithFractions_AreTaken", async () => {
        const { sent, fetch } = scripted(ok());
        const http = new ForgeHttp({ url: "http://forge", fetch, attemptTimeout: 1_000.5, deadline: 2_000.25 });

        await http.send({ method: "GET", path: "/x" });
        await http.until(Date.now() + 500.5).send({ method: "GET", path: "/x" });

        expect(sent).toHaveLength(2);
    });

    it("send_NothingAnswers_EndsAfterTheAttemptsWithTheCause", async () => {
        const cause = new TypeError("fetch failed");
        const { sent, fetch } = scripted(cause);

        await expect(new ForgeHttp({ url: "http://forge", fetch, attempts: 3 }).send({ method: "GET", path: "/x" }))
            .rejects.toMatchObject({ code: "unreachable", status: 0, cause });
        expect(sent).toHaveLength(3);
    });

    it("send_Refused_IsNotSentAgain", async () => {
        const { sent, fetch } = scripted(problem(400, "invalid_request"));

        await expect(new ForgeHttp({ url: "http://forge", fetch }).send({ method: "GET", path: "/x" }))
            .rejects.toSatisfy((error) => error instanceof ForgeError && error.code === "invalid_request" && error.status === 400 && error.field === "x");
        expect(sent).toHaveLength(1);
    });

    it("send_AnswerOfAProxy_IsToldByItsStatus", async () => {
        const { fetch } = scripted(new Response("<html>", { status: 403, statusText: "Forbidden" }));

        await expect(new ForgeHttp({ url: "http://forge", fetch }).send({ method: "GET", path: "/x" })).rejects.toMatchObject({ code: "http_403", status: 403 });
    });

    it.each([
        ["refuses", async () => problem(409, "session_exists"), "session_exists"],
        ["does not answer", async () => Promise.reject(new TypeError("fetch failed")), "unreachable"],
    ] as const)("pipe_TargetThat_%s_EndsTheSourceToo", async (_, answer, code) => {
        const sources: (AbortSignal | null | undefined)[] = [];
        const http = new ForgeHttp({
            url: "http://forge",
            fetch: async (_url, init) => {
                if (init?.method === "POST") {
                    return answer();
                }

                sources.push(init?.signal);
                return ok();
            },
        });

        await expect(http.pipe("/from", "/to", "application/x-ndjson")).rejects.toMatchObject({ code });

        expect(sources.map((signal) => signal?.aborted)).toEqual([true]);
    });

    it("constructor_BadOptions_AreRefusedByName", () => {
        expect(() => new ForgeSaver({ url: "127.0.0.1:5080" })).toThrowError(/url/);
        expect(() => new ForgeSaver({ url: "http://forge", attempts: 0 })).toThrowError(/attempts/);
        for (const url of ["http://user@forge", "http://user:secret@forge", "http://forge/?a=1", "http://forge?", "http://forge/#a"]) {
            expect(() => new ForgeSaver({ url }), url).toThrowError(/^url must have no user, password, query or fragment/);
        }
    });
});

describe("a saver behind a proxy that answers", () => {
    it("anyCall_404OfAnother_IsAnErrorAndNotNothing", async () => {
        const saver = newSaver({ fetch: async () => new Response("<html>", { status: 404 }) });
        const checkpoint = checkpointOf();
        const lost = { code: "http_404", status: 404 };

        await expect(saver.getTuple(thread("t"))).rejects.toMatchObject(lost);
        await expect(saver.getTuple(thread("t", "", checkpoint.id))).rejects.toMatchObject(lost);
        await expect(listed(saver.list({}))).rejects.toMatchObject(lost);
        await expect(put(saver, thread("t"), checkpoint)).rejects.toMatchObject(lost);
        await expect(saver.putWrites(thread("t", "", checkpoint.id), [["a", 1]], "task")).rejects.toMatchObject(lost);
        await expect(saver.deleteThread("t")).rejects.toMatchObject(lost);
    });
});

describe("a saver whose answers are lost", () => {
    it("put_AnswersLost_TakesEffectOnce", async () => {
        const lost = new Set<string>();
        const saver = newSaver({
            fetch: async (url, init) => {
                const answer = await fetch(url, init);
                const request = `${init?.method} ${String(url)} ${String(init?.body)}`;
                if (init?.method !== "GET" && !lost.has(request)) {
                    lost.add(request);
                    throw new TypeError("the answer was lost");
                }

                return answer;
            },
        });

        const config = await put(saver, thread("t"), checkpointOf({ a: 1 }));
        await saver.putWrites(config, [["a", 1]], "task");
        await put(saver, config, checkpointOf({ a: 2 }));

        expect(lost.size).toBe(3);
        const all = await listed(saver.list(thread("t")));
        expect(all.map((tuple) => tuple.checkpoint.channel_values)).toEqual([{ a: 2 }, { a: 1 }]);
        expect(all[1]?.pendingWrites).toEqual([["task", "a", 1]]);
    });

    it("putWrites_AnswersLost_TakeEffectOnceAndOnlyThoseThatTakeAnothersPlaceHaveAKey", async () => {
        const keys: (string | undefined)[] = [];
        const saver = newSaver({
            fetch: async (url, init) => {
                const answer = await fetch(url, init);
                if (init?.method === "POST" && String(url).endsWith("/writes")) {
                    keys.push((init.headers as Record<string, string>)["Idempotency-Key"]);
                    if (keys.length % 2 === 1) {
                        throw new TypeError("the answer was lost");
                    }
                }

                return answer;
            },
        });
        const config = await put(saver, thread("t"), checkpointOf({ a: 1 }));

        await saver.putWrites(config, [["a", 1], ["b", 2]], "task");
        await saver.putWrites(config, [["a", 3], [INTERRUPT, "ask"]], "other");

        expect(keys).toEqual([undefined, undefined, expect.any(String), keys[2]]);
        expect((await saver.getTuple(config))?.pendingWrites).toEqual(
            expect.arrayContaining([["task", "a", 1], ["task", "b", 2], ["other", "a", 3], ["other", INTERRUPT, "ask"]]));
        expect((await saver.getTuple(config))?.pendingWrites).toHaveLength(4);
    });
});
