using System.Text.Json;

namespace Forge.Documents.Sessions;

/// <summary>What a document lacks that its session has, since it is damaged.</summary>
/// <param name="Count">How many checkpoints; 0 if nothing is damaged, or damaged ones were not to be left out.</param>
/// <param name="Checkpoints">The first of them whose rows are there, at most <see cref="MaxCheckpoints"/>.</param>
public sealed record LeftOut(long Count, IReadOnlyList<LeftOutCheckpoint> Checkpoints)
{
    /// <summary>How many checkpoints are told of one by one, of one session.</summary>
    public const int MaxCheckpoints = 1000;

    /// <summary>How many pending writes: those that are damaged, and those of checkpoints that were left out.</summary>
    public long Writes { get; init; }

    /// <summary>How many effects.</summary>
    public long Effects { get; init; }

    /// <summary>How many of all of them.</summary>
    internal long All => Count + Writes + Effects;

    internal static LeftOut Nothing { get; } = new(0, []);

    /// <summary>What the first line of a session's document says of it.</summary>
    internal static LeftOut OfHeader(ReadOnlyMemory<byte> line)
    {
        if (line.Span.IndexOf("\"leftOut\""u8) < 0)
        {
            return Nothing;
        }

        using var header = JsonDocument.Parse(line);
        return header.RootElement.TryGetProperty("leftOut", out var leftOut)
            ? new LeftOut(
                leftOut.GetProperty("count").GetInt64(),
                [.. leftOut.GetProperty("checkpoints").EnumerateArray().Select(
                    one => new LeftOutCheckpoint(one.GetProperty("sequence").GetInt64(), one.GetProperty("problem").GetString()!))])
            {
                Writes = leftOut.TryGetProperty("writes", out var writes) ? writes.GetInt64() : 0,
                Effects = leftOut.TryGetProperty("effects", out var effects) ? effects.GetInt64() : 0,
            }
            : Nothing;
    }
}

/// <summary>A checkpoint that was left out.</summary>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Problem">What is damaged.</param>
public sealed record LeftOutCheckpoint(long Sequence, string Problem);
