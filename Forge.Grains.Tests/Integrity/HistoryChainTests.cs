using Forge.Checkpoints;
using Forge.Grains.Tests.History;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.Grains.Tests.Integrity;

/// <summary>Committed values: a change of any of them breaks every stored chain.</summary>
public sealed class HistoryChainTests
{
    private static readonly byte[] Genesis = HistoryChain.Genesis(HistoryRows.Address("s", "tenant"), 1);

    private static readonly StoredCheckpoint Row = new()
    {
        Sequence = 7,
        Id = new CheckpointId(new Guid("0192f0c1-2345-7678-9abc-def012345678")),
        CreatedAt = HistoryRows.Start,
        Position = 9,
        Parent = 6,
        Message = "naïve 🧭",
        Tags = ["later"],
        FirstTags = ["a", ""],
        Trigger = CheckpointTrigger.ToolCall,
        ContentType = "application/json",
        Size = 1234,
        Checksum = [.. Enumerable.Range(0, 32).Select(i => (byte)i)],
        StoredSize = 0,
    };

    [Fact]
    public void Genesis_OfASession_IsAsCommitted() => Assert.Equal(
        "841fc88069b295cfa5e16ac0ef958f43a7fff36317b9169f6bebae1290ae0ccb", Convert.ToHexStringLower(Genesis));

    [Fact]
    public void Next_Create_IsAsCommitted() => Assert.Equal(
        "775654976b8713a0ddf0125925c8696f399b895d0bd4f2e2912618271e61f335", Convert.ToHexStringLower(HistoryChain.Next(Genesis, Row)));

    [Fact]
    public void Next_Event_IsAsCommitted() => Assert.Equal(
        "9dc63a58e635c196cf0263df088dd75229ae097434f29dfe21215683e6c7adfe",
        Convert.ToHexStringLower(HistoryChain.Next(
            Genesis, new SessionEvent(10, SessionEventKind.Tagged, HistoryRows.Start, 7, 7, """{"tags":["é"]}"""))));

    [Fact]
    public void NextImported_WithAnnotation_IsAsCommitted() => Assert.Equal(
        "c19795d357ee40aab881b62121b6e461ff809b48f57767402a966c3c272b1f11",
        Convert.ToHexStringLower(HistoryChain.NextImported(
            HistoryChain.ImportGenesis(Genesis), Row, Row.Tags, true,
            [new Annotation(3, HistoryRows.Start, AnnotationSeverity.Critical, "look")])));

    [Fact]
    public void Next_MessageAndTagsCutElsewhere_HaveAnotherValue()
    {
        // What a canonical encoding is for: no text can be moved from one field to its neighbour.
        var moved = Row with { Message = Row.Message + "a", FirstTags = [""] };

        Assert.NotEqual(HistoryChain.Next(Genesis, Row), HistoryChain.Next(Genesis, moved));
    }

    [Fact]
    public void Next_LongMessage_IsHashedWhole()
    {
        var row = Row with { Message = new string('x', 5000) };

        Assert.NotEqual(HistoryChain.Next(Genesis, row), HistoryChain.Next(Genesis, row with { Message = new string('x', 4999) + "y" }));
    }
}
