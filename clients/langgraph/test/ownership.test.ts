import { uuid6 } from "@langchain/langgraph-checkpoint";
import { describe, expect, it } from "vitest";
import { StaleWriteOwnerError } from "../src/index.js";
import { checkpointOf, idOf, listed, metadataOf, newSaver, newSavers, put, thread } from "./threads.js";

const stale = expect.objectContaining({ is_stale_write_owner_error: true });

describe("claimWriteOwnership", () => {
    it("claimWriteOwnership_Superseded_IsToldAndWritesNothing", async () => {
        const [saver, other] = newSavers();
        const first = await saver.claimWriteOwnership("t", { owner: "first" });
        const root = await put(first, thread("t"), checkpointOf());
        const second = await other.claimWriteOwnership("t", { owner: "second" });

        await expect(put(first, root, checkpointOf())).rejects.toEqual(stale);
        await expect(first.putWrites(root, [["a", 1]], "task")).rejects.toEqual(stale);
        await expect(first.putWithWrites(root, checkpointOf(), metadataOf(1), {}, [{ taskId: "t", writes: [["a", 1]] }])).rejects.toEqual(stale);
        await expect(first.prune(["t"], { strategy: "delete" })).rejects.toEqual(stale);
        await expect(first.checkWriteOwnership("t")).rejects.toEqual(stale);
        await expect(put(first, root, checkpointOf())).rejects.toMatchObject({ owner: "second", epoch: 2, code: "superseded" });

        const all = await listed(saver.list(thread("t")));
        expect(all.map(idOf)).toEqual([idOf(root)]);
        expect(all[0]?.pendingWrites).toEqual([]);
        await second.checkWriteOwnership("t");
        await put(second, root, checkpointOf());
    });

    it("claimWriteOwnership_BySameSaver_SupersedesItsEarlierClaim", async () => {
        const saver = newSaver();
        const first = await saver.claimWriteOwnership("t");
        const second = await saver.claimWriteOwnership("t");

        await expect(put(first, thread("t"), checkpointOf())).rejects.toThrowError(StaleWriteOwnerError);
        await put(second, thread("t"), checkpointOf());
    });

    it("put_ThreadThatAnotherOwns_IsRefusedToWhoeverClaimedNothing", async () => {
        const saver = newSaver();
        await saver.claimWriteOwnership("t", { owner: "worker" });

        await expect(put(saver, thread("t"), checkpointOf())).rejects.toMatchObject({ is_stale_write_owner_error: true, code: "claimed", owner: "worker" });
        await put(saver, thread("other"), checkpointOf());
    });

    it("put_SentAgainByTheOwner_IsNoRefusal", async () => {
        const owner = await newSaver().claimWriteOwnership("t");
        const checkpoint = checkpointOf();
        const config = await put(owner, thread("t"), checkpoint);

        await put(owner, thread("t"), checkpoint);
        await owner.putWrites(config, [["a", 1]], "task");
        await owner.putWrites(config, [["a", 1]], "task");

        expect((await owner.getTuple(config))?.pendingWrites).toEqual([["task", "a", 1]]);
    });

    it("claimWriteOwnership_OneThread_LeavesOthersToEverybody", async () => {
        const saver = newSaver();
        const owner = await saver.claimWriteOwnership("mine");

        await put(owner, thread("mine"), checkpointOf());
        await put(owner, thread("free"), checkpointOf());
        await put(saver, thread("free"), checkpointOf());
    });

    it("claimWriteOwnership_IfFree_IsRefusedWhileSomebodyHasIt", async () => {
        const saver = newSaver();
        const owner = await saver.claimWriteOwnership("t", { lease: "PT5M" });

        await expect(saver.claimWriteOwnership("t", { ifFree: true })).rejects.toEqual(stale);
        await owner.renewWriteOwnership("t", "PT10M");
        await owner.releaseWriteOwnership("t");
        const next = await saver.claimWriteOwnership("t", { ifFree: true });

        await expect(put(owner, thread("t"), checkpointOf())).rejects.toEqual(stale);
        await put(next, thread("t"), checkpointOf({}, uuid6(1)));
    });

    it("checkWriteOwnership_NeverClaimed_IsRefusedByName", async () => {
        await expect(newSaver().checkWriteOwnership("t")).rejects.toMatchObject({ code: "invalid_request", field: "threadId" });
    });
});
