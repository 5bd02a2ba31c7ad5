using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public sealed class RemovedCreateTests
{
    private static readonly SessionAddress Address = HistoryRows.Address("s");

    private static readonly StoredCheckpoint Greatest = HistoryRows.Checkpoint(1) with
    {
        Sequence = long.MaxValue,
        Parent = long.MaxValue,
        Position = long.MaxValue,
        Trigger = (CheckpointTrigger)short.MaxValue,
        Message = new string('☃', 4096),
        ContentType = new string('x', 255),
        Tags = [.. Enumerable.Range(0, 64).Select(i => $"{i:D2}{new string('é', 126)}")],
        Chain = [.. Enumerable.Repeat((byte)255, 32)],
    };

    private static readonly StoredCheckpoint Least = HistoryRows.Checkpoint(1) with
    {
        Parent = 0,
        Position = 0,
        Message = "",
        ContentType = "",
        Chain = null,
    };

    [Fact]
    public void Recall_Remembered_IsTheCreateAsItWas()
    {
        foreach (var row in new[] { Least, Greatest, HistoryRows.Checkpoint(7, "t") with { Chain = new byte[32] } })
        {
            var request = RemovedCreate.Remember(row);

            Assert.Equal((row.Id.Value, row.CreatedAt, RemovedCreate.Kind), (request.Id, request.At, request.Kind));
            Assert.Equal(EarlierCreate.Of(row), RemovedCreate.Recall(Address, request));
        }
    }

    [Fact]
    public void Recall_OfOneThatRequired_HasTheSequences()
    {
        var row = HistoryRows.Checkpoint(7) with { Requires = "2,5", Branch = "b", Chain = new byte[32] };

        var request = RemovedCreate.Remember(row);

        Assert.EndsWith(" 2,5", request.Outcome, StringComparison.Ordinal);
        Assert.Equal(EarlierCreate.Of(row), RemovedCreate.Recall(Address, request));
        Assert.NotEqual(EarlierCreate.Of(row).Digests, EarlierCreate.Of(row with { Requires = "2" }).Digests);
        Assert.NotEqual(EarlierCreate.Of(row).Digests, EarlierCreate.Of(row with { Requires = null }).Digests);
    }

    [Fact]
    public void Remember_WhateverTheCheckpoint_StaysInItsBound()
    {
        Assert.InRange(RemovedCreate.Remember(Greatest).Outcome.Length, 1, 165);
        Assert.InRange(RemovedCreate.Remember(Least).Outcome.Length, 1, 66);
        Assert.InRange(
            RemovedCreate.Remember(Greatest with { Sequence = 12_346, Parent = 12_345, Position = 12_346, Trigger = 0 }).Outcome.Length,
            1, 118);
    }

    [Fact]
    public void Remember_TagsChangedSince_IsOfTheFirstOnes()
    {
        var row = HistoryRows.Checkpoint(1, "first");

        Assert.Equal(RemovedCreate.Remember(row), RemovedCreate.Remember(row with { Tags = ["later"], FirstTags = ["first"] }));
    }

    [Fact]
    public void Remember_KnownCheckpoint_IsWhatEveryVersionWrote()
    {
        var row = (HistoryRows.Checkpoint(3, "b", "a") with
        {
            Id = new CheckpointId(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff")),
            Position = 5,
            Trigger = CheckpointTrigger.ToolCall,
            Chain = [.. Enumerable.Range(0, 32).Select(i => (byte)i)],
        }).WithState([1, 2, 3]);

        Assert.Equal(
            "1 3 2 5 19 hcDfPjl3QYaQZduVdRY4MMUOVjaSOe7sN/LFkDtI+KEMAQjlAAz1CQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
            RemovedCreate.Remember(row).Outcome);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"Sequence":3,"Parent":2,"Message":"m"}""")]
    [InlineData("2 3 2 3 0 {0}")]
    [InlineData("1 3 2 3 0")]
    [InlineData("1 3 2 3 0 {0} ")]
    [InlineData("1 3 2 3 0 {0} 2,1")]
    [InlineData("1 3 2 3 0 {0} 1,x")]
    [InlineData("1 3 2 3 0 {0} 1 2")]
    [InlineData("1 -3 2 3 0 {0}")]
    [InlineData("1 3 x 3 0 {0}")]
    [InlineData("1 3 2 9223372036854775808 0 {0}")]
    [InlineData("1 3 2 3 32768 {0}")]
    [InlineData("1 3 2 3 0 !{0}")]
    [InlineData("1 3 2 3 0 AAAA")]
    [InlineData("1 3 2 3 0 AAAA{0}")]
    [InlineData("1 3 2 3 0 {0}{0}{0}")]
    public void Recall_NotWhatWasWritten_IsAnErrorThatNamesTheCheckpoint(string outcome)
    {
        // 72 bytes: the digests and a chain value.
        var request = RemovedCreate.Remember(Least) with { Outcome = outcome.Replace("{0}", new string('A', 96)) };

        var error = Assert.Throws<StateCorruptedException>(() => RemovedCreate.Recall(Address, request));

        Assert.Equal((Address, Least.Id), (error.Session, error.Checkpoint));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Recall_DigestsWithAddedFields_AreTold(bool isChained)
    {
        var row = Least with { Chain = isChained ? [.. Enumerable.Repeat((byte)7, 32)] : null };
        var digests = CreateDigests.Of(row) with { Added = 5 };
        var bytes = new byte[digests.Length];
        digests.Write(bytes);
        var request = RemovedCreate.Remember(row) with
        {
            Outcome = $"1 1 0 0 0 {Convert.ToBase64String([.. bytes, .. row.Chain ?? []])}",
        };

        var create = RemovedCreate.Recall(Address, request);

        Assert.Equal(digests, create.Digests);
        Assert.NotEqual(CreateDigests.Of(row), create.Digests);
        Assert.NotNull(CreateDigests.Of(row).DifferenceFrom(create.Digests));
        Assert.Equal(isChained ? string.Concat(Enumerable.Repeat("07", 32)) : null, create.Chain);
    }

    [Fact]
    public void DifferenceFrom_OneFieldDiffers_NamesIt()
    {
        var row = HistoryRows.Checkpoint(1, "a");
        var digests = EarlierCreate.Of(row).Digests;

        Assert.Null(digests.DifferenceFrom(EarlierCreate.Of(row with { Sequence = 2, Parent = 9, Position = 3 }).Digests));
        Assert.Equal("state", Difference(row.WithState([1])));
        Assert.Equal("message", Difference(row with { Message = row.Message + "\n" }));
        Assert.Equal("contentType", Difference(row with { ContentType = "text/plain" }));
        Assert.Equal("trigger", Difference(row with { Trigger = CheckpointTrigger.Scheduled }));
        Assert.Equal("tags", Difference(row with { Tags = ["b"] }));
        Assert.Equal("tags", Difference(row with { Tags = [] }));

        string? Difference(StoredCheckpoint other) => digests.DifferenceFrom(EarlierCreate.Of(other).Digests);
    }

    [Fact]
    public void Digests_TagsInAnotherOrderOrCutElsewhere_AreOthers()
    {
        var row = HistoryRows.Checkpoint(1);
        string[][] lists = [["ab", "c"], ["c", "ab"], ["a", "bc"], ["abc"], ["abc", ""], []];

        Assert.Equal(lists.Length, lists.Select(tags => EarlierCreate.Of(row with { Tags = tags }).Digests).Distinct().Count());
    }

    [Fact]
    public void Digests_SameTextsElsewhere_HaveNoneInCommon()
    {
        var row = HistoryRows.Checkpoint(1, "a");
        var digests = EarlierCreate.Of(row).Digests;

        foreach (var other in new[] { row with { Id = new CheckpointId(Guid.NewGuid()) }, row.WithState([1]) })
        {
            var others = EarlierCreate.Of(other).Digests;
            Assert.NotEqual(digests.State, others.State);
            Assert.NotEqual(digests.Message, others.Message);
            Assert.NotEqual(digests.ContentType, others.ContentType);
            Assert.NotEqual(digests.Tags, others.Tags);
        }
    }
}
