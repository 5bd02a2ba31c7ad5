using Forge.Checkpoints;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>
/// Which checkpoints of a tenant to list: by a tag, or by a trigger other than manual, which alone are indexed, and by what else there is.
/// All conditions hold together; bounds on times include.
/// </summary>
internal sealed record CheckpointFilter
{
    public string? Tag { get; init; }

    public CheckpointTrigger? Trigger { get; init; }

    /// <summary>A time in whole microseconds.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>A time in whole microseconds.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>What the names of their sessions begin with; printable ASCII, empty for all.</summary>
    public string Prefix { get; init; } = "";

    public ListOrder Order { get; init; }

    /// <summary>Only those behind this place, in their order; null for all.</summary>
    public CheckpointPlace? After { get; init; }

    /// <summary>The most.</summary>
    public required int Limit { get; init; }

    /// <summary>The bytes of what is found that a page ends with, though at least one is taken.</summary>
    public long MostBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How many are looked at, of which some conditions may hold for few.</summary>
    public int MostLooked { get; init; } = 10_000;

    /// <summary>Above every name with the prefix, and below every other that is above them: ids end at <c>~</c>.</summary>
    public string End => Prefix + '\u007f';
}

/// <summary>A checkpoint of a list, without its state.</summary>
internal sealed record CheckpointRow(SessionId Session, StoredCheckpoint Row);

/// <summary>Where a checkpoint stands among those of a tenant.</summary>
/// <param name="At">When it was created.</param>
/// <param name="Key">The key of its session.</param>
/// <param name="Sequence">Its sequence.</param>
internal readonly record struct CheckpointPlace(DateTimeOffset At, long Key, long Sequence);
