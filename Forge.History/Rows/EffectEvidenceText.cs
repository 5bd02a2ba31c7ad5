using System.Text.Json;
using System.Text.Json.Serialization;
using Forge.Effects;

namespace Forge.History.Rows;

/// <summary>What came beside the course of an effect, as the text in its row: a JSON list, the oldest first.</summary>
internal static class EffectEvidenceText
{
    /// <summary>
    /// How much of it is kept; of more the oldest goes, but the newest that says that a run was done if nobody has resolved the effect since:
    /// a failure must not be taken against that, however much came after it.
    /// </summary>
    public const int Most = 16;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    };

    /// <summary>Reads the text; nothing for null.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static IReadOnlyList<EffectEvidence> Read(string? text) => text is null ? [] : [.. (JsonSerializer
        .Deserialize<Line?[]>(text, Options) ?? throw new JsonException("is no list"))
        .Select(line => line ?? throw new JsonException("has an item that is none"))
        .Select(line => new EffectEvidence
        {
            EffectEpoch = line.Epoch,
            Verdict = line.Verdict,
            At = DateTimeOffset.UnixEpoch.AddTicks(line.At * TimeSpan.TicksPerMicrosecond),
            By = line.By,
            Reason = line.Reason,
            ResultSha256 = line.Sha256,
            ResultBytes = line.Bytes,
            Result = line.Result ?? [],
            ContentType = line.ContentType,
        })];

    /// <summary>The text of evidence; null for none.</summary>
    public static string? Write(IReadOnlyList<EffectEvidence> evidence) => evidence.Count == 0 ? null : JsonSerializer.Serialize(
        Kept(evidence).Select(one => new Line(
            one.EffectEpoch,
            one.Verdict,
            (one.At - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
            one.By,
            one.Reason,
            one.ResultSha256,
            one.ResultBytes,
            one.Result.IsEmpty ? null : one.Result.ToArray(),
            one.ContentType)),
        Options);

    private static IEnumerable<EffectEvidence> Kept(IReadOnlyList<EffectEvidence> evidence)
    {
        var cut = Math.Max(0, evidence.Count - Most);
        for (var i = evidence.Count - 1; i >= 0 && evidence[i].By is null; i--)
        {
            if (evidence[i].Verdict == EffectVerdict.Completed)
            {
                return i < cut ? evidence.Skip(cut + 1).Prepend(evidence[i]) : evidence.Skip(cut);
            }
        }

        return evidence.Skip(cut);
    }

    private sealed record Line(
        long Epoch, EffectVerdict Verdict, long At, string? By, string? Reason, string? Sha256, int Bytes, byte[]? Result, string? ContentType);
}
