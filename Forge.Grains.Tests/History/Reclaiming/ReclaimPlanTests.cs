using CsCheck;
using Forge.History.Reclaiming;
using Forge.History.Rows;

namespace Forge.Grains.Tests.History.Reclaiming;

public sealed class ReclaimPlanTests
{
    [Fact]
    public void Make_AnyGroupsAndLimits_WhatIsLeftIsDecodableAndNothingElseStays()
    {
        var (steps, copied) = (0, 0);
        // CsCheck prints the seed of a failing case.
        Gen.Int.Sample(
            seed =>
            {
                var groups = new ReclaimedGroups(new Random(seed));
                Interlocked.Add(ref steps, groups.Sweep());
                Interlocked.Add(ref copied, groups.CopiedOut);
            },
            iter: 1500);
        Assert.True(steps > 3000 && copied > 100, $"only {steps} steps were taken, and {copied} rows copied out");
    }

    [Fact]
    public void Make_LimitInsideAGroup_RemovesTheNewestFirst()
    {
        var plan = ReclaimPlan.Make([Gone(1), Gone(2, on: 1), Gone(3, on: 2), Gone(4, on: 3)], 9, 9, limit: 2);

        Assert.Equal([4, 3], Sequences(plan.Going));
        Assert.False(plan.IsWhole);
    }

    [Fact]
    public void Make_LimitBeforeRowsThatAreHidden_TakesThemToo()
    {
        // Only 3 brings a step to the group, so nothing would remove 1 and 2 once 3 is gone.
        var plan = ReclaimPlan.Make([Hidden(1), Hidden(2, on: 1), Gone(3, on: 2)], 9, 9, limit: 1);

        Assert.Equal([3, 2, 1], Sequences(plan.Going));
    }

    [Fact]
    public void Make_VisibleRowStandsOnOthers_HidesThemAndRemovesTheRest()
    {
        var plan = ReclaimPlan.Make(
            [Gone(1), Hidden(2, on: 1), Gone(3, on: 2), Gone(4, on: 3), Visible(5, on: 3), Gone(6, on: 5)], 5, 5, limit: 100);

        Assert.Equal([3, 1], Sequences(plan.Hiding));
        Assert.Equal([6, 4], Sequences(plan.Going));
        Assert.Empty(plan.Copies);
        Assert.True(plan.IsWhole);
    }

    [Fact]
    public void Make_OneSurvivorOfManyRows_MayBeCopiedOut()
    {
        List<GroupMember> members = [Gone(1), .. Enumerable.Range(2, 6).Select(i => Gone(i, on: i - 1)), Visible(8, on: 7)];

        var copies = Assert.Single(ReclaimPlan.Make(members, 20, 20, limit: 100).Copies);

        Assert.Equal(1, copies.Group);
        Assert.Equal([8], copies.Sequences);
        Assert.Empty(ReclaimPlan.Make(members, head: 8, current: 20, limit: 100).Copies);
        Assert.Empty(ReclaimPlan.Make(members, head: 20, current: 8, limit: 100).Copies);
        Assert.Empty(ReclaimPlan.Make(members[1..], 20, 20, limit: 100).Copies);
    }

    [Fact]
    public void Make_StatesAreLarge_EndsWithTheOneThatReachesTheBound()
    {
        List<GroupMember> members = [Gone(1), Gone(2, on: 1), Gone(300), Gone(301, on: 300)];
        members = [.. members.Select(m => m with { Row = m.Row with { StoredSize = (int)(WorkStep.StoredBytes / 2) } })];

        var plan = ReclaimPlan.Make(members, 999, 999, limit: 100);

        Assert.Equal([2, 1], Sequences(plan.Going));
        Assert.False(plan.IsWhole);
    }

    private static IEnumerable<long> Sequences(IEnumerable<StoredCheckpoint> rows) => rows.Select(row => row.Sequence);

    private static GroupMember Visible(long sequence, long? on = null) => new(Row(sequence, on), IsVisible: true, IsHidden: false);

    private static GroupMember Gone(long sequence, long? on = null) => new(Row(sequence, on), IsVisible: false, IsHidden: false);

    private static GroupMember Hidden(long sequence, long? on = null) => new(Row(sequence, on), IsVisible: false, IsHidden: true);

    private static StoredCheckpoint Row(long sequence, long? on) => HistoryRows.Checkpoint(sequence) with
    {
        Base = on,
        Group = on is null ? null : sequence < 300 ? 1 : 300,
    };
}
