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
    public async Task Count_OfATenant_SumsItsLivingSessions()
    {
        var (one, two, dead) = (Session("one", "t"), Session("two", "t"), Session("dead", "t"));
        await one.CreateAsync(HistoryRows.Checkpoint(1), HistoryRows.Checkpoint(2));
        await two.CommitAsync(c => c with { Head = c.Head with { WriteCount = 1, WriteBytes = 7 } });
        await dead.CreateAsync(HistoryRows.Checkpoint(1));
        await dead.CommitAsync(c => c with { Head = c.Head.Ended(HistoryRows.Start) with { Version = c.Head.Version } });
        await Session("one", "u").CreateAsync(HistoryRows.Checkpoint(1));

        Assert.Equal(new TenantUse(TenantId.Parse("t"), 2, one.Head!.Bytes + 7), await Store.Usage.CountAsync(TenantId.Parse("t"), Cancel));
        Assert.Equal(new TenantUse(TenantId.Parse("none"), 0, 0), await Store.Usage.CountAsync(TenantId.Parse("none"), Cancel));
        Assert.Equal(["t", "u"], (await Store.Usage.ListLargestAsync(9, Cancel)).Select(use => use.Tenant.Value));
        Assert.Equal(new TenantUse(TenantId.Parse("t"), 2, one.Head!.Bytes + 7), Assert.Single(await Store.Usage.ListLargestAsync(1, Cancel)));
    }

    [Fact]
    public async Task ListOverdue_WorkOfSomeKinds_CountsWhatIsDueWithTheOldest()
    {
        var (one, two) = (Session("one"), Session("two"));
        await one.CommitAsync(c => c with
        {
            Changes = [new Due(DueWorkKind.Reclaim, HistoryRows.Start.AddSeconds(2)), new Due(DueWorkKind.Retain, HistoryRows.Start.AddHours(1))],
        });
        await two.CommitAsync(c => c with
        {
            Changes = [new Due(DueWorkKind.Reclaim, HistoryRows.Start), new Due(DueWorkKind.Remind, HistoryRows.Start.AddSeconds(1))],
        });

        Assert.Equal(
            [new OverdueWork(DueWorkKind.Reclaim, 2, HistoryRows.Start), new OverdueWork(DueWorkKind.Remind, 1, HistoryRows.Start.AddSeconds(1))],
            await Store.Usage.ListOverdueAsync(HistoryRows.Start.AddMinutes(1), Cancel));
        Assert.Empty(await Store.Usage.ListOverdueAsync(HistoryRows.Start.AddSeconds(-1), Cancel));
    }

    [Fact]
    public async Task CountEffects_OfEachStatus_CountsThoseWhoseLeaseIsOverAsUnknown()
    {
        var session = Session("s");
        StoredEffect[] rows =
        [
            Effect(session.Address, "runs"),
            Effect(session.Address, "ran out") with { Until = HistoryRows.Start },
            Effect(session.Address, "done") with { State = EffectStatus.Completed, Until = null },
            Effect(session.Address, "done too") with { State = EffectStatus.Completed, Until = null },
            Effect(session.Address, "again") with { State = EffectStatus.Retry, Until = null },
        ];
        await session.CommitAsync(c => c with { Changes = [.. rows.Select(row => new EffectSet(row.SealedIn(session.Address), true))] });

        Assert.Equivalent(
            new EffectUse[]
            {
                new(EffectStatus.Running, 1), new(EffectStatus.Completed, 2), new(EffectStatus.Unknown, 1), new(EffectStatus.Retry, 1),
            },
            await Store.Usage.CountEffectsAsync(HistoryRows.Start, Cancel), strict: true);
    }
}
