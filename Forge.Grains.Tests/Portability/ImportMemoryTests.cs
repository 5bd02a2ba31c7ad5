using Forge.Documents.Earlier;
using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.Grains.Tests.History;

namespace Forge.Grains.Tests.Portability;

/// <summary>What reading hostile documents costs in memory, counted on the reading thread alone.</summary>
public class ImportMemoryTests
{
    private static readonly SessionRules Rules = new(new LimitsOptions());
    private static readonly DocumentLimits Limits = Rules.ToDocument(HistoryRows.Start.AddYears(1));

    private static readonly byte[] Header =
        DocumentSamples.Bytes(DocumentSamples.Lines(DocumentSamples.Golden("session-v1.ndjson"))[0] + "\n");

    [Fact]
    public void Read_LineThatNeverEnds_HoldsOneLineAtTheMost()
    {
        var document = new NdjsonDocument(Limits);
        Feed(document, Header);
        var piece = new byte[256 * 1024];
        Array.Fill(piece, (byte)' ');

        var (error, allocated) = Measure(() => Forever(() => Feed(document, piece)));

        Assert.IsType<ImportRejectedException>(error);

        // A buffer that doubles, and the one that it was copied from.
        Assert.InRange(allocated, 0, 4 * Limits.LineBytes);
    }

    [Theory]
    [InlineData("{\"sequence\":1,\"state\":[", "0,", "0]}")]
    [InlineData("{\"sequence\":1,\"state\":[", "{\"a\":{}},", "0]}")]
    [InlineData("{\"sequence\":1,\"tags\":[", "\"\",", "\"\"]}")]
    [InlineData("{\"sequence\":1,\"annotations\":[", "{\"severity\":0},", "0]}")]
    [InlineData("{\"sequence\":1,\"x", "\":1,\"x", "\":1}")]
    public void Read_LineOfManyTokens_CostsItsOwnLength(string start, string token, string end)
    {
        var line = DocumentSamples.Bytes(start + string.Concat(Enumerable.Repeat(token, 20_000_000 / token.Length)) + end + "\n");
        var document = new NdjsonDocument(Limits);
        Feed(document, Header);

        var (error, allocated) = Measure(() => Feed(document, line));

        Assert.IsType<ImportRejectedException>(error);
        Assert.InRange(allocated, 0, 5L * line.Length);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("\"x\",")]
    [InlineData("0,")]
    public void Read_EarlierCheckpointThatNeverEnds_HoldsOneAtTheMost(string token)
    {
        using var document = new EarlierDocument(Rules.ToEarlier());
        Feed(document, DocumentSamples.Bytes("{\"version\":\"1.0\",\"checkpoints\":[{\"state\":["));
        var piece = DocumentSamples.Bytes(string.Concat(Enumerable.Repeat(token, 256 * 1024 / token.Length)));

        var (error, allocated) = Measure(() => Forever(() => Feed(document, piece)));

        Assert.IsType<ImportRejectedException>(error);
        Assert.InRange(allocated, 0, 5 * Limits.LineBytes);
    }

    [Fact]
    public void Read_EarlierCheckpointOfManyNames_IsRefusedAfterAThousand()
    {
        using var document = new EarlierDocument(Rules.ToEarlier());
        Feed(document, "{\"version\":\"1.0\",\"checkpoints\":["u8.ToArray());
        var names = DocumentSamples.Bytes("{" + string.Join(',', Enumerable.Range(0, 2_000_000).Select(i => $"\"{i}\":0")) + "}");

        var (error, allocated) = Measure(() => Feed(document, names));

        Assert.IsType<ImportRejectedException>(error);
        Assert.InRange(allocated, 0, 3L * names.Length);
    }

    private static void Forever(Action work)
    {
        for (var i = 0; i < 10_000; i++)
        {
            work();
        }
    }

    /// <summary>Reading waits for nothing but rows being taken and a file, and here there are none.</summary>
    private static void Feed(NdjsonDocument document, byte[] piece) =>
        Complete(document.ReadAsync(piece, _ => Task.CompletedTask));

    private static void Feed(EarlierDocument document, byte[] piece) =>
        Complete(document.ReadAsync(piece, CancellationToken.None));

    private static void Complete(Task reading)
    {
        Assert.True(reading.IsCompleted);
        reading.GetAwaiter().GetResult();
    }

    private static (Exception? Error, long Allocated) Measure(Action work)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Record.Exception(work);
        return (error, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
