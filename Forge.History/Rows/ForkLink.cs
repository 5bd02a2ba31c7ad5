using Forge.Identity;

namespace Forge.History.Rows;

/// <summary>
/// What a session that was forked keeps of its origin: enough to name the checkpoint when the origin is gone. Written in the commit that
/// makes the session, and never changed.
/// </summary>
internal sealed record ForkLink
{
    /// <summary>The origin inside the database; null if it was in another one, or the fork was imported.</summary>
    public long? OriginKey { get; init; }

    /// <summary>Which life of the origin's name it was.</summary>
    public int OriginIncarnation { get; init; }

    /// <summary>The origin's name, in the tenant of the fork.</summary>
    public required string Origin { get; init; }

    /// <summary>The checkpoint's sequence in the origin.</summary>
    public required long Sequence { get; init; }

    /// <summary>The checkpoint's id.</summary>
    public required CheckpointId Id { get; init; }

    /// <summary>The checkpoint's chain value in the origin; null if it had none.</summary>
    public byte[]? Chain { get; init; }

    /// <summary>When the session was forked, or imported.</summary>
    public required DateTimeOffset At { get; init; }
}
