using Forge.Integrity;

namespace Forge.Effects;

/// <summary>All that is known of an effect.</summary>
[GenerateSerializer, Immutable, Alias("forge.effect")]
public sealed record Effect
{
    /// <summary>Which one, and how it stands.</summary>
    [Id(0)]
    public required EffectSummary Summary { get; init; }

    /// <summary>The SHA-256 of its request, 64 hexadecimal digits in lower case.</summary>
    [Id(1)]
    public required string RequestSha256 { get; init; }

    /// <summary>The text of its request; null if its digest alone was given, and of a token.</summary>
    [Id(2)]
    public string? Request { get; init; }

    /// <summary>
    /// The key that its target is to know it by, recorded when it was first begun and the same in every run, in a fork and after an import.
    /// </summary>
    [Id(3)]
    public required string TargetKey { get; init; }

    /// <summary>The result of what was completed; empty if there is none.</summary>
    [Id(4)]
    public ReadOnlyMemory<byte> Result { get; init; }

    /// <summary>The media type of the result; null if there is none.</summary>
    [Id(5)]
    public string? ContentType { get; init; }

    /// <summary>Why it failed, or why it was resolved so; null if nobody said so.</summary>
    [Id(6)]
    public string? Reason { get; init; }

    /// <summary>Who resolved how it stands now; null if whoever ran it said so.</summary>
    [Id(7)]
    public string? ResolvedBy { get; init; }

    /// <summary>What came beside its course, the oldest first: at most 16.</summary>
    [Id(8)]
    public IReadOnlyList<EffectEvidence> Evidence { get; init; } = [];

    /// <summary>
    /// The anchor of what the call changed; null if it changed nothing, as a read or a repeat, and from a silo that does not tell it.
    /// </summary>
    [Id(9)]
    public Anchor? Anchor { get; init; }
}

/// <summary>What came beside the course of an effect: a result that came too late, or that somebody let it run again.</summary>
[GenerateSerializer, Immutable, Alias("forge.effect-evidence")]
public sealed record EffectEvidence
{
    /// <summary>The run that it is about.</summary>
    [Id(0)]
    public required long EffectEpoch { get; init; }

    /// <summary>What was said of that run: completed, failed, or that it may run again.</summary>
    [Id(1)]
    public required EffectVerdict Verdict { get; init; }

    /// <summary>When it was said, UTC.</summary>
    [Id(2)]
    public required DateTimeOffset At { get; init; }

    /// <summary>Who resolved; null for a result that came too late.</summary>
    [Id(3)]
    public string? By { get; init; }

    /// <summary>Why it failed, or was resolved so; null if nobody said so.</summary>
    [Id(4)]
    public string? Reason { get; init; }

    /// <summary>The SHA-256 of the result, in hexadecimal; null for none.</summary>
    [Id(5)]
    public string? ResultSha256 { get; init; }

    /// <summary>The length of the result in bytes.</summary>
    [Id(6)]
    public int ResultBytes { get; init; }

    /// <summary>The result, if it is 4 KiB or less; else empty.</summary>
    [Id(7)]
    public ReadOnlyMemory<byte> Result { get; init; }

    /// <summary>The media type of the result; null for none.</summary>
    [Id(8)]
    public string? ContentType { get; init; }
}
