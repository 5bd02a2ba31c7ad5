using System.Text.Json.Serialization;
using Forge.Checkpoints;
using Forge.Effects;
using Forge.Silo.Http;

namespace Forge.Silo.Effects;

/// <summary>What is known of an effect, without its request and result.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Class">How it may be repeated.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Epoch">Its newest run.</param>
/// <param name="After">The greatest sequence that was given out when it was last begun.</param>
/// <param name="BegunAt">When it was last begun.</param>
/// <param name="Until">When the lease of its run ends or ended; null if it is settled.</param>
/// <param name="ChangedAt">When it was last begun, settled or resolved.</param>
internal sealed record EffectSummaryAnswer(
    string Key, string Class, string Status, long Epoch, long After, DateTime BegunAt, DateTime? Until, DateTime ChangedAt)
{
    public static EffectSummaryAnswer Of(EffectSummary effect) => new(
        effect.Key,
        effect.Class.ToName(),
        effect.Status.ToName(),
        effect.EffectEpoch,
        effect.After,
        effect.BegunAt.UtcDateTime,
        effect.Until?.UtcDateTime,
        effect.ChangedAt.UtcDateTime);
}

/// <summary>All that is known of an effect.</summary>
internal sealed record EffectAnswer
{
    /// <summary>Of a begin: true if the caller has the run; else left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Begun { get; init; }

    /// <summary>Its key.</summary>
    public required string Key { get; init; }

    /// <summary>How it may be repeated.</summary>
    public required string Class { get; init; }

    /// <summary>How it stands.</summary>
    public required string Status { get; init; }

    /// <summary>Its newest run.</summary>
    public required long Epoch { get; init; }

    /// <summary>The greatest sequence that was given out when it was last begun.</summary>
    public required long After { get; init; }

    /// <summary>When it was last begun.</summary>
    public required DateTime BegunAt { get; init; }

    /// <summary>When the lease of its run ends or ended; null if it is settled.</summary>
    public required DateTime? Until { get; init; }

    /// <summary>When it was last begun, settled or resolved.</summary>
    public required DateTime ChangedAt { get; init; }

    /// <summary>The SHA-256 of its request in hexadecimal.</summary>
    public required string RequestSha256 { get; init; }

    /// <summary>The text of its request; left out if it was not given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Request { get; init; }

    /// <summary>The key that its target is to know it by.</summary>
    public required string TargetKey { get; init; }

    /// <summary>The result, if it is JSON.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RawJson? Result { get; init; }

    /// <summary>The result in base 64, if it is not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReadOnlyMemory<byte>? ResultBase64 { get; init; }

    /// <summary>The media type of the result; left out if there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ContentType { get; init; }

    /// <summary>Why it failed, or was resolved so; left out if nobody said so.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>Who resolved how it stands; left out if nobody did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ResolvedBy { get; init; }

    /// <summary>What came beside its course, the oldest first.</summary>
    public required IReadOnlyList<EvidenceAnswer> Evidence { get; init; }

    public static EffectAnswer Of(BeginEffectResult begin) => Of(begin.Effect) with { Begun = begin.Begun };

    public static EffectAnswer Of(Effect effect)
    {
        var summary = EffectSummaryAnswer.Of(effect.Summary);
        var hasResult = effect.ContentType is not null;
        var isJson = hasResult && JsonMediaType.Includes(effect.ContentType!) && JsonObjectReader.IsJson(effect.Result.Span);
        return new EffectAnswer
        {
            Key = summary.Key,
            Class = summary.Class,
            Status = summary.Status,
            Epoch = summary.Epoch,
            After = summary.After,
            BegunAt = summary.BegunAt,
            Until = summary.Until,
            ChangedAt = summary.ChangedAt,
            RequestSha256 = effect.RequestSha256,
            Request = effect.Request,
            TargetKey = effect.TargetKey,
            Result = isJson ? new RawJson(effect.Result) : null,
            ResultBase64 = hasResult && !isJson ? effect.Result : null,
            ContentType = effect.ContentType,
            Reason = effect.Reason,
            ResolvedBy = effect.ResolvedBy,
            Evidence = [.. effect.Evidence.Select(EvidenceAnswer.Of)],
        };
    }
}

/// <summary>What came beside the course of an effect.</summary>
/// <param name="Epoch">The run that it is about.</param>
/// <param name="Verdict">What was said of that run.</param>
/// <param name="At">When.</param>
/// <param name="By">Who resolved; null for what came too late.</param>
/// <param name="Reason">Why; null if nobody said so.</param>
/// <param name="ResultSha256">The SHA-256 of the result in hexadecimal; null for none.</param>
/// <param name="ResultBytes">The length of the result.</param>
/// <param name="ResultBase64">The result in base 64, if it is 4 KiB or less.</param>
/// <param name="ContentType">The media type of the result; null for none.</param>
internal sealed record EvidenceAnswer(
    long Epoch, string Verdict, DateTime At, string? By, string? Reason, string? ResultSha256, int ResultBytes,
    ReadOnlyMemory<byte>? ResultBase64, string? ContentType)
{
    public static EvidenceAnswer Of(EffectEvidence evidence) => new(
        evidence.EffectEpoch,
        evidence.Verdict.ToName(),
        evidence.At.UtcDateTime,
        evidence.By,
        evidence.Reason,
        evidence.ResultSha256,
        evidence.ResultBytes,
        evidence.Result.IsEmpty ? null : evidence.Result,
        evidence.ContentType);
}

/// <summary>A page of effects.</summary>
/// <param name="Items">The effects, by their keys.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
internal sealed record EffectPageAnswer(IReadOnlyList<EffectSummaryAnswer> Items, string? Next)
{
    public static EffectPageAnswer Of(EffectPage page) => new([.. page.Items.Select(EffectSummaryAnswer.Of)], page.Next);
}

/// <summary>The effects that came later than a checkpoint.</summary>
/// <param name="Items">The first 100 of them, by when they were begun.</param>
/// <param name="Count">How many there are.</param>
/// <param name="More">True if there are more than are named.</param>
internal sealed record EffectsAfterAnswer(IReadOnlyList<EffectAfterAnswer> Items, long Count, bool More)
{
    public static EffectsAfterAnswer Of(EffectsAfter effects) =>
        new([.. effects.Items.Select(EffectAfterAnswer.Of)], effects.Count, effects.More);
}

/// <summary>An effect that came later.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Class">How it may be repeated.</param>
/// <param name="Status">How it stands.</param>
internal sealed record EffectAfterAnswer(string Key, string Class, string Status)
{
    public static EffectAfterAnswer Of(EffectSummary effect) => new(effect.Key, effect.Class.ToName(), effect.Status.ToName());
}
