using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Chain;

/// <summary>
/// A create that made a checkpoint: what to recognise a repeat of it by, and of its answer what the repeat does not bring
/// along. The rest of the answer is the repeat's own, since it has to be the same.
/// </summary>
internal sealed record EarlierCreate
{
    public required CheckpointId Id { get; init; }

    public required long Sequence { get; init; }

    /// <summary>UTC in whole microseconds.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The parent's sequence; 0 for none.</summary>
    public required long Parent { get; init; }

    /// <summary>The position of its created event in the session's log.</summary>
    public required long Position { get; init; }

    /// <summary>The chain value of that position, in hexadecimal in lower case; null if it has none.</summary>
    public required string? Chain { get; init; }

    public required CreateDigests Digests { get; init; }

    /// <summary>What it requires, as <see cref="RequiredText"/>; null for nothing.</summary>
    public string? Requires { get; init; }

    /// <summary>The create of a checkpoint whose row is there, whatever its tags are now.</summary>
    public static EarlierCreate Of(StoredCheckpoint row) => new()
    {
        Id = row.Id,
        Sequence = row.Sequence,
        CreatedAt = row.CreatedAt,
        Parent = row.Parent,
        Position = row.Position,
        Chain = row.Chain is null ? null : Convert.ToHexStringLower(row.Chain),
        Digests = CreateDigests.Of(row),
        Requires = row.Requires,
    };
}
