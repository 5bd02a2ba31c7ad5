import { describe, expect, it, vi } from "vitest";

vi.hoisted(() => {
    Object.assign(globalThis, { sessionStorage: { getItem: () => null } });
});

import { ChangeKey, sessionPath } from "../src/api/http.js";
import type { Session } from "../src/api/types.js";
import { curlOf, forgeOf, shellWord } from "../src/commands.js";
import { SentEvents } from "../src/api/sse.js";
import { agoOf, bytesOf, wordsOf } from "../src/format.js";
import { hashOf, placeOf } from "../src/route.js";
import { sameEffects } from "../src/session/effects.js";
import { restOf, searchOf } from "../src/sessions/store.js";
import { partsOf } from "../src/text.js";
import { tagsBack } from "../src/actions/notes.js";
import { bodyOf, verdictsOf } from "../src/actions/upkeep.js";

describe("partsOf", () => {
    const shown = (text: string, lines = false) => partsOf(text, lines).map((part) => (part.hidden ? `[${part.text}]` : part.text)).join("");

    it("shows what would not be seen, and what would turn the direction", () => {
        expect(shown("a\u202eb\u2066c\u200bd\u0007e\u0000\u001b[31m")).toBe("a[U+202E]b[U+2066]c[U+200B]d[U+0007]e[␀][␛][31m");
        expect(shown("\ud800x\udc00")).toBe("[U+D800]x[U+DC00]");
        expect(shown("tag\u{e0041}")).toBe("tag[U+E0041]");
    });

    it("leaves writing as it is", () => {
        for (const text of ["Grüße", "日本語", "עברית", "👩\u200d💻", "نمی\u200cخواهم", "❤\ufe0f", "<b>&amp;"]) {
            expect(shown(text)).toBe(text);
        }
    });

    it("breaks lines only where there may be some", () => {
        expect(shown("a\nb\tc", true)).toBe("a\nb\tc");
        expect(shown("a\nb\tc")).toBe("a[↵]b[⇥]c");
    });
});

describe("places", () => {
    it.each([
        {}, { session: "a" }, { session: "a#b?c=%25", checkpoint: 12 }, { session: "a", checkpoint: 12, compare: 3, branch: "try it", tag: "x&y" },
        { session: "a", effect: "mail?1" }, { session: "a", trigger: "error", text: "50%" }, { search: "label:team:red" },
    ])("come back from the address of %j", (place) => {
        expect(placeOf(hashOf(place))).toEqual(place);
    });

    it.each(["#/a/0", "#/a/-1", "#/a/x", "#/a/1e9", "#/%E0%A4%A"])("takes nothing for a checkpoint that is none: %s", (hash) => {
        expect(placeOf(hash).checkpoint).toBeUndefined();
    });
});

describe("ways", () => {
    it.each(["#/..", "#/a/effects/..", "#/a/effects/%2e%2e", "#/./3"])("lead to no other address: %s", (hash) => {
        expect(placeOf(hash)).toEqual(hash.includes("effects") ? { session: "a" } : {});
        expect(() => sessionPath("a", "effects", "..")).toThrow("no address");
    });
});

describe("commands", () => {
    it("quotes what a shell would read otherwise", () => {
        expect(shellWord("plain-1")).toBe("plain-1");
        expect(shellWord("it's $(rm -rf ~)")).toBe("'it'\\''s $(rm -rf ~)'");
        expect(shellWord("a\nb\u202e'")).toBe("$'a\\x0ab\\u202e\\x27'");
        expect(shellWord("")).toBe("''");
    });

    it("are calls as they are made", () => {
        const path = sessionPath("a b", "checkpoints", 3, "restore");
        expect(curlOf({ method: "POST", path, body: { branch: "main" }, epoch: 2 }, "http://h:1/"))
            .toBe("curl http://h:1/v1/sessions/a%20b/checkpoints/3/restore -H 'Forge-Epoch: 2' -H 'Content-Type: application/json' -d '{\"branch\":\"main\"}'");
        expect(curlOf({ path: "v1/sessions", query: { prefix: "x y", label: ["a:b", "c:d"], cursor: undefined } }, "http://h:1/"))
            .toBe("curl 'http://h:1/v1/sessions?prefix=x+y&label=a%3Ab&label=c%3Ad'");
        expect(curlOf({ method: "DELETE", path: "v1/sessions/a" }, "http://h:1/")).toBe("curl -X DELETE http://h:1/v1/sessions/a");
    });

    it("are commands of the CLI", () => {
        expect(forgeOf("checkpoint restore", ["demo", 3], { branch: "try it", "dry-run": true, tag: ["a", "b"], not: false, none: undefined }))
            .toBe("forge checkpoint restore --branch='try it' --dry-run --tag=a --tag=b demo 3");
    });
});

describe("commands with the words of others", () => {
    it("have no option but those that were meant", () => {
        expect(forgeOf("checkpoint tag", ["demo", 3, "--url=http://evil/", "/?"], { epoch: 2 }))
            .toBe("forge checkpoint tag --epoch=2 -- demo 3 --url=http://evil/ '/?'");
        expect(forgeOf("checkpoint restore", ["demo", 3], { branch: "--url=http://evil/" })).toBe("forge checkpoint restore --branch=--url=http://evil/ demo 3");
    });
});

describe("ChangeKey", () => {
    it("is the same for the same change, and another for another", () => {
        const key = new ChangeKey();
        const call = (branch: string) => ({ method: "POST" as const, path: "v1/x", body: { branch } });
        const first = key.for(call("a"));

        expect(key.for({ ...call("a"), epoch: 3 })).toBe(first);
        expect(key.for(call("b"))).not.toBe(first);
        expect(first).toMatch(/^[0-9a-f]{32}$/);
    });
});

describe("bodyOf", () => {
    it("has a result as it was typed", () => {
        const said = { epoch: 1, verdict: "completed", by: "a", why: "b" };

        expect(bodyOf(said, "12345678901234567890").text).toBe("{\"epoch\":1,\"verdict\":\"completed\",\"by\":\"a\",\"why\":\"b\",\"result\":12345678901234567890}");
        expect(JSON.parse(bodyOf(said, "").text)).toEqual(said);
    });
});

describe("tagsBack", () => {
    it("takes back what was done, and leaves what others did since", () => {
        expect(tagsBack(["new", "theirs"], ["new"], ["old"])).toEqual(["theirs", "old"]);
        expect(tagsBack(["theirs", "old"], ["new"], ["old"])).toBeNull();
    });
});

describe("sameEffects", () => {
    it("sees that a lease was made longer", () => {
        const one = { key: "a", after: 1, class: "write", status: "running", epoch: 1, begunAt: "x", until: "2026-01-01T00:00:00Z", changedAt: "x" };

        expect(sameEffects([one], [{ ...one }])).toBe(true);
        expect(sameEffects([one], [{ ...one, until: "2026-01-01T00:01:00Z" }])).toBe(false);
        expect(sameEffects([one], [{ ...one, changedAt: "y" }])).toBe(false);
    });
});

describe("restOf", () => {
    const session = (name: string, second: number) => ({ session: name, activeAt: `2026-01-01T00:00:0${second}Z` }) as Session;

    it("is what is shown below a page that was read again", () => {
        const shown = [session("d", 8), session("c", 6), session("b", 4), session("a", 2)];

        expect(restOf(shown, [session("a", 9), session("d", 8), session("c", 6)], "activity").map((one) => one.session)).toEqual(["b"]);
        expect(restOf(shown, [session("a", 9), session("b", 8)], "name").map((one) => one.session)).toEqual(["d", "c"]);
        expect(restOf(shown, [], "name")).toEqual([]);
    });
});

describe("SentEvents", () => {
    const text = "retry: 1000\n\nevent: created\ndata: {\"a\":1}\nid: 8\n\n: \n\nid: 9\n\ndata: two\ndata: lines\n\n";

    it("are the same however they are cut", () => {
        const whole = new SentEvents().take(text);
        expect(whole).toEqual([
            { event: "created", data: "{\"a\":1}", id: "8" }, { event: "message", data: "", id: "9" }, { event: "message", data: "two\nlines", id: undefined },
        ]);
        for (let cut = 1; cut < text.length; cut++) {
            const parser = new SentEvents();
            expect([...parser.take(text.slice(0, cut)), ...parser.take(text.slice(cut))]).toEqual(whole);
        }
    });
});

describe("searchOf", () => {
    it("takes a search apart", () => {
        expect(searchOf("agent- label:team:red label:env:prod claim:w active:2h order:name"))
            .toEqual({ prefix: "agent-", labels: ["team:red", "env:prod"], claim: "w", branch: undefined, within: 7_200_000, order: "name" });
        expect(searchOf("a:b")).toMatchObject({ prefix: "a:b", labels: [] });
    });
});

describe("formats", () => {
    it("are short", () => {
        const now = Date.parse("2026-01-02T00:00:00Z");
        expect(["2026-01-01T23:59:58Z", "2026-01-01T23:55:00Z", "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z"].map((at) => agoOf(at, now))).toEqual(["now", "5m", "1d", "now"]);
        expect([0, 1023, 1024, 5_000_000, 2 ** 40].map(bytesOf)).toEqual(["0 B", "1023 B", "1.0 KB", "4.8 MB", "1.0 TB"]);
        expect(wordsOf("contextCompactionWarning")).toBe("context compaction warning");
    });
});

describe("verdictsOf", () => {
    it("leaves nothing to be said of what is settled, or runs", () => {
        expect(["completed", "running", "retry"].map(verdictsOf)).toEqual([[], [], []]);
        expect(verdictsOf("unknown")).toContain("completed");
        expect(verdictsOf("failed")).toEqual(["retry", "completed"]);
    });
});
