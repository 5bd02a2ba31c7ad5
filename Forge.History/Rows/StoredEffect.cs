using Forge.Effects;

namespace Forge.History.Rows;

/// <summary>
/// What is known of an effect. Two checks stand in the row: <see cref="Digest"/> over what may be long and is not always read, and
/// <see cref="Seal"/> over all else and that digest, so that whoever reads the short part alone can tell that it is what was written.
/// </summary>
internal sealed record StoredEffect
{
    public required string Key { get; init; }

    public required EffectClass Class { get; init; }

    /// <summary>How it stands, but that of a running one its lease tells whether it is known: never <see cref="EffectStatus.Unknown"/>.</summary>
    public required EffectStatus State { get; init; }

    /// <summary>The number of its newest run: rises with each.</summary>
    public required long Epoch { get; init; }

    /// <summary>The greatest sequence that was given out when it was first begun: it is before each checkpoint that is above it.</summary>
    public required long FirstAfter { get; init; }

    /// <summary>The same of when it was last begun.</summary>
    public required long After { get; init; }

    public required DateTimeOffset BegunAt { get; init; }

    /// <summary>When the lease of its run ends or ended; null if it is settled.</summary>
    public DateTimeOffset? Until { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>The position of the event that tells of it last; 0 if that is none of this session's log.</summary>
    public long Position { get; init; }

    /// <summary>The SHA-256 of the request.</summary>
    public required byte[] Request { get; init; }

    public required string TargetKey { get; init; }

    public byte[] Digest { get; init; } = [];

    public long Seal { get; init; }

    public string? RequestText { get; init; }

    public string? ContentType { get; init; }

    public byte[]? Result { get; init; }

    public string? Reason { get; init; }

    public string? ResolvedBy { get; init; }

    /// <summary>What came beside its course (<see cref="EffectEvidenceText"/>); null for nothing.</summary>
    public string? Evidence { get; init; }

    /// <summary>True for what never goes by its age, and stays over the lives of its session.</summary>
    public bool IsToken => Class == EffectClass.Token;

    /// <summary>How it stands at a time.</summary>
    public EffectStatus StatusAt(DateTimeOffset now) =>
        State == EffectStatus.Running && !(Until > now) ? EffectStatus.Unknown : State;

    /// <summary>About the bytes that it takes in memory.</summary>
    public long Weight => 512 + (2L * (Key.Length + TargetKey.Length + (RequestText?.Length ?? 0) + (Reason?.Length ?? 0)
        + (ResolvedBy?.Length ?? 0) + (Evidence?.Length ?? 0))) + (Result?.Length ?? 0);
}
