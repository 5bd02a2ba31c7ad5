using Forge.History.Changes;
using Forge.History.Rows;

namespace Forge.Grains.Tests.History;

public sealed class ChangeListTests
{
    [Fact]
    public void Join_OnePart_IsItsOwnList()
    {
        IReadOnlyList<SessionChange> only = [new Removed(1)];

        Assert.Same(only, ChangeList.Join([only], part => part));
    }

    [Fact]
    public void Join_SeveralParts_KeepsTheirOrder() => Assert.Equal(
        [Trunk(1), new Removed(2), Trunk(3)], Join([Trunk(1), new Removed(2)], [], [Trunk(3)]));

    [Fact]
    public void Join_TagsGivenTwice_TheLastStandBeforeTheRemoval()
    {
        var (last, other) = (new Tagged(1, ["c"]), new Tagged(2, ["b"]));

        Assert.Equal([last, other, new Removed(1)], Join([new Tagged(1, ["a"])], [other], [last], [new Removed(1)]));
    }

    [Fact]
    public void Join_WorkOfAKindNotedTwice_WhatIsDueTheEarliestStands()
    {
        var (first, other) = (
            new Due(DueWorkKind.Reclaim, HistoryRows.Start), new Due(DueWorkKind.Retain, HistoryRows.Start.AddDays(1)));

        Assert.Equal([first, other], Join([first], [first with { At = HistoryRows.Start.AddDays(2) }, other]));
        Assert.Equal([first, other], Join([first with { At = HistoryRows.Start.AddDays(2) }, other], [first]));
    }

    [Fact]
    public void Join_LabelsGivenTwice_TheLastStand()
    {
        var (first, last) = (new Labelled([new("team", "red")]), new Labelled([new("team", "blue")]));

        Assert.Equal([Trunk(1), last, new Removed(2)], Join([Trunk(1), first], [new Removed(2)], [last]));
    }

    [Fact]
    public void IsPlain_UntaggedCreatesInASessionThatIsThere_AndNothingElse()
    {
        var created = new Created(HistoryRows.Checkpoint(2));
        Assert.True(Commit(1, created, created).IsPlain);
        Assert.False(Commit(0, created).IsPlain);
        Assert.False(Commit(1).IsPlain);
        Assert.False(Commit(1, created, new Created(HistoryRows.Checkpoint(3, "tag"))).IsPlain);
        Assert.False(Commit(1, created, new Due(DueWorkKind.Retain, HistoryRows.Start)).IsPlain);
    }

    private static TrunksMarked Trunk(long sequence) => new(new SequenceRange(sequence, sequence));

    private static IReadOnlyList<SessionChange> Join(params SessionChange[][] parts) => ChangeList.Join([.. parts], part => part);

    private static SessionCommit Commit(long version, params SessionChange[] changes) => new()
    {
        Address = HistoryRows.Address("s"),
        ExpectedVersion = version,
        Head = new() { Key = 1, Version = version + 1, CreatedAt = HistoryRows.Start },
        Changes = changes,
    };
}
