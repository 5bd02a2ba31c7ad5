using Forge.Effects;

namespace Forge.Client.Effects;

/// <summary>What a target says of an act.</summary>
public sealed record EffectProbe
{
    private EffectProbe(EffectVerdict? verdict, string why, ReadOnlyMemory<byte> result, string? contentType) =>
        (Verdict, Why, Result, ContentType) = (verdict, why, result, contentType);

    /// <summary>The target cannot tell.</summary>
    public static EffectProbe CannotTell { get; } = new(null, "", default, null);

    /// <summary>What became of it; null if the target cannot tell.</summary>
    public EffectVerdict? Verdict { get; }

    /// <summary>Why, for the log.</summary>
    public string Why { get; }

    /// <summary>The result of what was done.</summary>
    public ReadOnlyMemory<byte> Result { get; }

    /// <summary>The media type of the result; null for that of the handle's serializer.</summary>
    public string? ContentType { get; }

    /// <summary>It was done.</summary>
    /// <param name="result">What the call is to be answered with, as the handle's serializer writes it.</param>
    /// <param name="why">How the target told it: 1 byte to 1 KiB of UTF-8.</param>
    /// <param name="contentType">The media type of the result; null for that of the handle's serializer.</param>
    public static EffectProbe Done(ReadOnlyMemory<byte> result, string why, string? contentType = null) =>
        new(EffectVerdict.Completed, why, result, contentType);

    /// <summary>It was not done, and cannot be done any more by the run before; it may run again.</summary>
    /// <param name="why">How the target told it: 1 byte to 1 KiB of UTF-8.</param>
    public static EffectProbe NotDone(string why) => new(EffectVerdict.Retry, why, default, null);
}
