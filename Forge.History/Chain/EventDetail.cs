using System.Text.Json;
using System.Text.Json.Serialization;
using Forge.History.Rows;

namespace Forge.History.Chain;

/// <summary>
/// What the detail of an event says, so that the chain, which covers its very text, covers what the event changed.
/// </summary>
internal sealed record EventDetail
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Restored: the sequence that was current before.</summary>
    public long? Undo { get; init; }

    /// <summary>Restored: the branch, if it is not main.</summary>
    public string? Branch { get; init; }

    /// <summary>Annotated: the severity.</summary>
    public int? Severity { get; init; }

    /// <summary>Annotated: the SHA-256 of the text in UTF-8, in hexadecimal.</summary>
    public string? Text { get; init; }

    /// <summary>Tagged: the tags from then on.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Tagged: the tags until then.</summary>
    public IReadOnlyList<string>? TagsBefore { get; init; }

    /// <summary>Compacted: how many went.</summary>
    public long? Deleted { get; init; }

    /// <summary>Compacted: how many stay.</summary>
    public long? Remaining { get; init; }

    /// <summary>Compacted: the first and the last sequence of each range that went, one after another.</summary>
    public IReadOnlyList<long>? Ranges { get; init; }

    /// <summary>Compacted, before trunks were told by ranges: the checkpoints that were marked as trunks.</summary>
    public IReadOnlyList<long>? Trunks { get; init; }

    /// <summary>
    /// Compacted: the first and the last sequence of each range whose checkpoints, if they stay, were marked as trunks, one after
    /// another.
    /// </summary>
    public IReadOnlyList<long>? TrunkRanges { get; init; }

    /// <summary>Ranges as they are told: the first and the last of each, one after another.</summary>
    public static IReadOnlyList<long> Tell(IEnumerable<SequenceRange> ranges) => [.. ranges.SelectMany(range => new[] { range.First, range.Last })];

    /// <summary>What was told by <see cref="Tell"/>; none for null.</summary>
    public static IEnumerable<SequenceRange> RangesOf(IReadOnlyList<long>? told)
    {
        for (var i = 0; i + 1 < told?.Count; i += 2)
        {
            yield return new SequenceRange(told[i], told[i + 1]);
        }
    }

    /// <summary>Imported: the least sequence.</summary>
    public long? First { get; init; }

    /// <summary>Imported: the greatest sequence.</summary>
    public long? Last { get; init; }

    /// <summary>Imported: how many checkpoints.</summary>
    public long? Count { get; init; }

    /// <summary>Imported: the position of the first of them; the others follow it.</summary>
    public long? Position { get; init; }

    /// <summary>Imported: the chain value that the document ended with, in hexadecimal.</summary>
    public string? Document { get; init; }

    /// <summary>Imported: the last value of the imported checkpoints' own chain, in hexadecimal.</summary>
    public string? Links { get; init; }

    /// <summary>Imported: the chain value of the position before the first of them, in hexadecimal.</summary>
    public string? Before { get; init; }

    /// <summary>Forked: the checkpoint that the session was forked from.</summary>
    public OriginDetail? Origin { get; init; }

    /// <summary>Created, of a checkpoint whose row is gone (<see cref="RemovedCheckpoint"/>): its id.</summary>
    public string? Id { get; init; }

    /// <summary>Created: the sequence of its parent; 0 for none.</summary>
    public long? Parent { get; init; }

    /// <summary>Created: why it was taken. Checkpoint missed: why it was due.</summary>
    public short? Trigger { get; init; }

    /// <summary>Created: the length of its state as saved.</summary>
    public long? Size { get; init; }

    /// <summary>Created: the check over the event (<see cref="RowSeal.OfRemoved"/>).</summary>
    public string? Seal { get; init; }

    /// <summary>
    /// Claimed and released: the epoch of the claim. Imported: the newest epoch of the session from then on, if the document brought it.
    /// </summary>
    public long? Epoch { get; init; }

    /// <summary>Claimed and released: whose claim it is.</summary>
    public string? Owner { get; init; }

    /// <summary>Claimed: when its lease runs out, in whole microseconds since 1970; null for no lease.</summary>
    public long? Until { get; init; }

    /// <summary>Written: what was put under the checkpoint.</summary>
    public IReadOnlyList<WriteDetail>? Writes { get; init; }

    /// <summary>Of an effect: what happened to it.</summary>
    public EffectDetail? Effect { get; init; }

    /// <summary>Effects imported: how many.</summary>
    public long? Effects { get; init; }

    /// <summary>Effects imported: the digest over their rows, in hexadecimal.</summary>
    public string? EffectsDigest { get; init; }

    /// <summary>Checkpoint missed: since when it was due, in whole microseconds since 1970.</summary>
    public long? Since { get; init; }

    /// <summary>Checkpoint missed: how many observers were told.</summary>
    public int? Told { get; init; }

    /// <summary>What the session was after it.</summary>
    public SessionTotals? After { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>Reads a detail; null if it is none or cannot be read.</summary>
    public static EventDetail? Read(string? detail)
    {
        try
        {
            return detail is null ? null : JsonSerializer.Deserialize<EventDetail>(detail, Options);
        }
        catch (JsonException)
        {
            // An event whose text was changed is found by its chain value; what it said is not known.
            return null;
        }
    }
}

/// <summary>What a session's head row counts and points at.</summary>
/// <param name="Head">The sequence of the head; 0 for none.</param>
/// <param name="Current">The sequence of the current checkpoint; 0 for none.</param>
/// <param name="Count">How many checkpoints are visible.</param>
/// <param name="Bytes">The sum of their sizes as saved.</param>
internal sealed record SessionTotals(long Head, long Current, long Count, long Bytes)
{
    public static SessionTotals Of(SessionHead head) => new(head.Head, head.Current, head.Count, head.Bytes);
}

/// <summary>A pending write as its event tells of it.</summary>
/// <param name="Task">The task.</param>
/// <param name="Index">Its place among the writes of its task.</param>
/// <param name="Name">What it is of.</param>
/// <param name="Size">The length of its value.</param>
internal sealed record WriteDetail(string Task, int Index, string Name, int Size);
