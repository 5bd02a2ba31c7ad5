using Forge.Effects;
using Forge.Errors;
using Forge.Silo.Http;

namespace Forge.Silo.Effects;

/// <summary>The bodies of the routes of effects.</summary>
internal static class EffectShapes
{
    public static JsonShape<BeginEffect> Begin { get; } = new JsonShape<BeginEffect> { Limit = _ => BodyLimits.Effect }
        .Required(
            "class", JsonKind.Text, "How it may be repeated: read, idempotent, write or token.",
            (input, name) => input with { Class = EffectNames.ParseClass(name) })
        .Optional(
            "request", JsonKind.Text, "What is asked of the target; its SHA-256 is compared, and it is kept.",
            (input, text) => input with { RequestText = text })
        .Optional(
            "requestSha256", JsonKind.Text, "The SHA-256 of the request in hexadecimal, in its place.",
            (input, sha256) => input with { RequestSha256 = sha256 })
        .Optional(
            "lease", JsonKind.Duration, "How long the run is left alone; an ISO 8601 duration, 30 seconds if nothing is said.",
            (input, lease) => input with { Lease = lease })
        .Optional(
            "targetKey", JsonKind.Text, "The key for the target, recorded by the first begin; made if nothing is said.",
            (input, key) => input with { TargetKey = key });

    public static JsonShape<RenewEffect> Renewal { get; } = OfRun(
        new JsonShape<RenewEffect> { Limit = _ => BodyLimits.Effect }, (input, epoch) => input with { EffectEpoch = epoch })
        .Required(
            "lease", JsonKind.TextOf((_, text) => text, "duration"), "How long from now; an ISO 8601 duration.",
            (input, lease) => input with { Lease = WireTime.ParseDuration("lease", lease) });

    public static JsonShape<EffectResultDraft> Completion { get; } = WithResult(OfRun(
        new JsonShape<EffectResultDraft> { Limit = limits => limits.EffectResult }, (draft, epoch) => draft with { Epoch = epoch }));

    public static JsonShape<FailEffect> Failure { get; } = OfRun(
        new JsonShape<FailEffect> { Limit = _ => BodyLimits.Effect }, (input, epoch) => input with { EffectEpoch = epoch })
        .Required("reason", JsonKind.Text, "Why nothing was done.", (input, reason) => input with { Reason = reason });

    public static JsonShape<EffectResultDraft> Resolution { get; } = WithResult(OfRun(
        new JsonShape<EffectResultDraft> { Limit = limits => limits.EffectResult }, (draft, epoch) => draft with { Epoch = epoch })
        .Required(
            "verdict", JsonKind.Text, "What became of it: completed, failed or retry.",
            (draft, verdict) => draft with { Verdict = EffectNames.ParseVerdict(verdict) })
        .Required("by", JsonKind.Text, "Who says so.", (draft, by) => draft with { By = by })
        .Required("why", JsonKind.Text, "Why.", (draft, why) => draft with { Why = why }));

    /// <summary>The rule of a name; to tell them if there is none.</summary>
    public static EffectsRule ParseRule(string field, string? name) => name switch
    {
        null or "report" => EffectsRule.Report,
        "refuse" => EffectsRule.Refuse,
        _ => throw new InvalidRequestException(field, "must be report or refuse"),
    };

    private static JsonShape<T> OfRun<T>(JsonShape<T> shape, Func<T, long, T> set) => shape.Required(
        "epoch", JsonKind.TextOrIntegerOf((_, text) => text), "The run that it is about.",
        (input, epoch) => long.TryParse(epoch, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var run)
            ? set(input, run)
            : throw new InvalidRequestException("epoch", "must be that of a run, from 1"));

    private static JsonShape<EffectResultDraft> WithResult(JsonShape<EffectResultDraft> shape) => shape
        .Optional(
            "result", JsonKind.Raw, "The result: any JSON, kept byte for byte as it is sent.",
            (draft, result) => draft with { Result = result })
        .Optional(
            "resultBase64", JsonKind.Base64, "The result in base 64, in place of result.",
            (draft, bytes) => draft with { ResultBase64 = bytes })
        .Optional(
            "contentType", JsonKind.Text,
            "The media type of the result; that of JSON, or of plain bytes for base 64, if nothing is said.",
            (draft, type) => draft with { ContentType = type });
}

/// <summary>What became of a run, in JSON.</summary>
internal sealed record EffectResultDraft
{
    public long Epoch { get; init; }

    public ReadOnlyMemory<byte>? Result { get; init; }

    public byte[]? ResultBase64 { get; init; }

    public string? ContentType { get; init; }

    public EffectVerdict Verdict { get; init; }

    public string By { get; init; } = "";

    public string Why { get; init; } = "";

    private string Type => ContentType ?? (ResultBase64 is null ? "application/json" : "application/octet-stream");

    public CompleteEffect ToCompletion(string key) => new(key, Epoch, Bytes(), Type);

    public ResolveEffect ToResolution(string key) => new(key, Epoch, Verdict, By, Why, Bytes(), Type);

    private ReadOnlyMemory<byte> Bytes() => Result is not null && ResultBase64 is not null
        ? throw new InvalidRequestException("result", "must be given once, as result or as resultBase64")
        : Result ?? ResultBase64 ?? default(ReadOnlyMemory<byte>);
}
