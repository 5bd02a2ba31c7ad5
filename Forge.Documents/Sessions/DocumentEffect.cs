using Forge.Effects;

namespace Forge.Documents.Sessions;

/// <summary>An effect in a document, with all that is known of it.</summary>
internal sealed record DocumentEffect
{
    public required string Key { get; init; }

    public required EffectClass Class { get; init; }

    /// <summary>How it stands: never unknown, which its lease tells.</summary>
    public required EffectStatus State { get; init; }

    public required long Epoch { get; init; }

    /// <summary>The greatest sequence that was given out when it was first begun.</summary>
    public required long FirstAfter { get; init; }

    /// <summary>The same of when it was last begun.</summary>
    public required long After { get; init; }

    public required DateTimeOffset BegunAt { get; init; }

    /// <summary>When the lease of its run ends or ended; null if it is settled.</summary>
    public DateTimeOffset? Until { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>The SHA-256 of the request in hexadecimal.</summary>
    public required string RequestSha256 { get; init; }

    public string? Request { get; init; }

    public required string TargetKey { get; init; }

    public string? ContentType { get; init; }

    public ReadOnlyMemory<byte>? Result { get; init; }

    public string? Reason { get; init; }

    public string? ResolvedBy { get; init; }

    /// <summary>What came beside its course: a JSON list.</summary>
    public string? Evidence { get; init; }
}
