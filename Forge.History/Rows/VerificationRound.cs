namespace Forge.History.Rows;

/// <summary>How far the background verification of all sessions has come, and what its last whole round found.</summary>
internal sealed record VerificationRound
{
    /// <summary>When the next step is due.</summary>
    public DateTimeOffset NextAt { get; init; } = DateTimeOffset.MinValue;

    /// <summary>The tenant of the last session verified in this round; empty before the first.</summary>
    public string AfterTenant { get; init; } = "";

    /// <summary>The last session verified in this round; empty before the first.</summary>
    public string AfterSession { get; init; } = "";

    /// <summary>When this round began; null between rounds.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>How many sessions were verified in this round.</summary>
    public long Sessions { get; init; }

    /// <summary>How many of them are damaged.</summary>
    public long Damaged { get; init; }

    /// <summary>How many others could not be read in this round.</summary>
    public long Unreadable { get; init; }

    /// <summary>When the last whole round ended; null before the first did.</summary>
    public DateTimeOffset? DoneAt { get; init; }

    /// <summary>How many sessions the last whole round verified.</summary>
    public long DoneSessions { get; init; }

    /// <summary>How many of them were damaged.</summary>
    public long DoneDamaged { get; init; }

    /// <summary>How many others it could not read.</summary>
    public long DoneUnreadable { get; init; }

    /// <summary>Damaged sessions that were met since the last round began, as <c>tenant/session</c>; at most 100.</summary>
    public IReadOnlyList<string> DamagedSessions { get; init; } = [];
}
