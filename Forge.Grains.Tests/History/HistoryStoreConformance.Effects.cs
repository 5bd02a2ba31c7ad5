using Forge.Effects;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task Effects_SetAndReplaced_AreReadAsTheyWereWrittenLast()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        var (whole, bare) = (Effect(session.Address, "whole"), Effect(session.Address, "bare") with { Until = null });
        bare = (bare with { RequestText = null, Result = null, ContentType = null, Reason = null, ResolvedBy = null, Evidence = null }).SealedIn(session.Address);

        await session.CommitAsync(c => c with { Changes = [new EffectSet(whole, true), new EffectSet(bare, true)] });
        await Session("other").CreateAsync(HistoryRows.Checkpoint(1));

        Assert.Equivalent(whole, (await Store.Effects.FindAsync(session.Address, "whole", Cancel)).Value, strict: true);
        var read = await Store.Effects.FindAsync(session.Address, "bare", Cancel);
        Assert.Equivalent(bare, read.Value, strict: true);
        Assert.Equal(2, read.Version);
        var row = read.Value!;
        Assert.Null(row.WholeProblemIn(session.Address));
        Assert.NotNull(row.WholeProblemIn(HistoryRows.Address("other")));
        Assert.Null((await Store.Effects.FindAsync(HistoryRows.Address("other"), "whole", Cancel)).Value);
        var changed = (bare with { State = EffectStatus.Completed, Result = [7] }).SealedIn(session.Address);
        await session.CommitAsync(c => c with { Changes = [new EffectSet(changed, false)] });
        Assert.Equivalent(changed, (await Store.Effects.FindAsync(session.Address, "bare", Cancel)).Value, strict: true);
        await session.CommitAsync(c => c with { Changes = [new EffectsRemoved(["bare", "whole"])] });
        Assert.Empty((await Store.Effects.ListAsync(session.Address, "", 10, Cancel)).Rows);
    }

    [Fact]
    public async Task Effects_OfASession_ArePagedByKeyAndByWhenTheyWereBegun()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        StoredEffect[] rows =
        [
            Effect(session.Address, "b", firstAfter: 1, after: 5), Effect(session.Address, "B", firstAfter: 2, after: 2),
            Effect(session.Address, "a", firstAfter: 2, after: 2), Effect(session.Address, "c", firstAfter: 0, after: 0),
            (Effect(session.Address, "t", firstAfter: 9, after: 9) with { Class = EffectClass.Token, State = EffectStatus.Completed }).SealedIn(session.Address),
        ];
        await session.CommitAsync(c => c with { Changes = [.. rows.Select(row => new EffectSet(row, true))] });

        Assert.Equal(["B", "a", "b", "c", "t"], await KeysAsync(Store.Effects.ListAsync(session.Address, "", 10, Cancel)));
        Assert.Equal(["b", "c"], await KeysAsync(Store.Effects.ListAsync(session.Address, "a", 2, Cancel)));
        Assert.Equal(["c", "B", "a", "b", "t"], await KeysAsync(Store.Effects.ReadAfterAsync(session.Address, EffectPlace.First, 10, Cancel)));
        Assert.Equal(["B", "a", "b", "t"], await KeysAsync(Store.Effects.ReadAfterAsync(session.Address, EffectPlace.Since(2), 10, Cancel)));
        Assert.Equal(["b", "t"], await KeysAsync(Store.Effects.ReadAfterAsync(session.Address, EffectPlace.Since(3), 10, Cancel)));
        Assert.Equal(["b", "t"], await KeysAsync(Store.Effects.ReadAfterAsync(session.Address, new EffectPlace(2, "a"), 10, Cancel)));
        Assert.Equal(["b", "c", "t"], await KeysAsync(Store.Effects.ReadBeforeAsync(session.Address, 2, "", Cancel)));
        Assert.Equal(["t"], await KeysAsync(Store.Effects.ReadBeforeAsync(session.Address, 2, "c", Cancel)));
        Assert.All(
            (await Store.Effects.ListAsync(session.Address, "", 10, Cancel)).Rows,
            row => Assert.Equal((null, null, null), (row.RequestText, row.Evidence, row.ProblemIn(session.Address))));
    }

    [Fact]
    public async Task Effects_OfADeletedSession_GoWithItButForTokens()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        var token = (Effect(session.Address, "t") with { Class = EffectClass.Token }).SealedIn(session.Address);
        await session.CommitAsync(c => c with { Changes = [new EffectSet(Effect(session.Address, "a"), true), new EffectSet(token, true)] });
        await session.CommitAsync(c => c with { Head = c.Head.Ended(HistoryRows.Start), Changes = [new Due(DueWorkKind.Erase, HistoryRows.Start)] });

        Assert.Empty((await Store.Effects.ListAsync(session.Address, "", 10, Cancel)).Rows);
        await FinishAsync((await Store.Upkeep.FindDueWorkAsync(DueWorkKind.Erase, session.Key, Cancel))!, 5, HistoryRows.Start);
        await session.CommitAsync(c => c with { Head = c.Head with { DeletedAt = null } });

        Assert.Equal(["t"], await KeysAsync(Store.Effects.ListAsync(session.Address, "", 10, Cancel)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Effects_StagedAndTakenOver_AreTheSessionsOrGoWithTheStaging(bool taken)
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        var key = await Store.Commits.NextSessionKeyAsync(Cancel);
        await Store.Staging.BeginAsync(key, HistoryRows.Start, Cancel);
        var token = (Effect(session.Address, "t") with { Class = EffectClass.Token }).SealedIn(session.Address);
        await Store.Staging.StageEffectsAsync(key, [Effect(session.Address, "a"), token], Cancel);
        Assert.Empty((await Store.Effects.ListAsync(session.Address, "", 10, Cancel)).Rows);

        if (taken)
        {
            await session.CommitAsync(c => c with { Changes = [new TookOver(key, 0) { HasEffects = true }] });
        }
        else
        {
            await FinishAsync(await ClaimAsync(HistoryRows.Start), 5, HistoryRows.Start);
            await session.CommitAsync(c => c with { Changes = [new EffectSet(Effect(session.Address, "a"), true)] });
        }

        Assert.Equal(taken ? ["a", "t"] : ["a"], await KeysAsync(Store.Effects.ListAsync(session.Address, "", 10, Cancel)));
    }

    private static async Task<IEnumerable<string>> KeysAsync(Task<EffectsRead> read) => (await read).Rows.Select(row => row.Key);

    private static StoredEffect Effect(SessionAddress address, string key, long firstAfter = 0, long after = 0) => new StoredEffect
    {
        Key = key,
        Class = EffectClass.Write,
        State = EffectStatus.Running,
        Epoch = 3,
        FirstAfter = firstAfter,
        After = after,
        BegunAt = HistoryRows.Start,
        Until = HistoryRows.Start.AddMinutes(1),
        ChangedAt = HistoryRows.Start.AddSeconds(1),
        Position = 2,
        Request = [.. Enumerable.Range(0, 32).Select(i => (byte)i)],
        TargetKey = "target",
        RequestText = "request é",
        ContentType = "a/b",
        Result = [0, 1, 255],
        Reason = "reason",
        ResolvedBy = "somebody",
        Evidence = "[]",
    }.SealedIn(address);
}
