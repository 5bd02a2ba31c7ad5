using Forge.Effects;
using Forge.Errors;
using Forge.History.Rows;

namespace Forge.Grains.Rules;

/// <summary>What may be done with an effect that stands so, and what callers may give.</summary>
internal static class EffectRules
{
    /// <summary>How long a run is left alone if nothing is said.</summary>
    public static readonly TimeSpan UsualLease = TimeSpan.FromSeconds(30);

    private const int KeyCharacters = 200;
    private const int RequestBytes = 16 * 1024;
    private const int ReasonBytes = 1024;
    private const int ByCharacters = 200;
    private const int ContentTypeCharacters = 256;

    /// <summary>The longest result that is kept with evidence as it is.</summary>
    private const int EvidenceResultBytes = 4 * 1024;

    private static readonly TimeSpan ShortestLease = TimeSpan.FromSeconds(1);

    /// <summary>True if a run may begin without anybody's word.</summary>
    public static bool MayBegin(StoredEffect row, DateTimeOffset now) => row.StatusAt(now) switch
    {
        EffectStatus.Retry => true,
        EffectStatus.Unknown => row.Class is EffectClass.Read or EffectClass.Idempotent,
        _ => false,
    };

    /// <summary>True if whoever has the newest run may still say what became of it: nobody has, and nobody has begun it again.</summary>
    public static bool IsOpen(StoredEffect row) => row.State is EffectStatus.Running or EffectStatus.Retry && !row.IsToken;

    /// <summary>True if evidence says the same of the same run.</summary>
    public static bool Has(IReadOnlyList<EffectEvidence> evidence, EffectOutcome outcome) => evidence.Any(one =>
        one.By is null && one.EffectEpoch == outcome.Epoch && one.Verdict == outcome.Verdict && one.ResultSha256 == outcome.ResultSha256);

    /// <summary>
    /// True if a run is said to have failed of an effect that another run said was done, and nobody has resolved it since: to take it for
    /// failed would let it run once more in silence.
    /// </summary>
    public static bool IsContradicted(IReadOnlyList<EffectEvidence> evidence, EffectOutcome outcome) =>
        outcome.Verdict == EffectVerdict.Failed
        && evidence.Reverse().TakeWhile(one => one.By is null).Any(one => one.Verdict == EffectVerdict.Completed);

    /// <summary>
    /// The effect with what was said too late, or against what another run said. If one says that it was done, and it was to run again or is
    /// said to have failed, then it is not known any more how it stands: whoever said that did not know of this.
    /// </summary>
    public static StoredEffect Keep(StoredEffect row, IReadOnlyList<EffectEvidence> evidence, EffectOutcome outcome, DateTimeOffset now)
    {
        var kept = outcome.ToEvidence(now, EvidenceResultBytes);
        var (isOwn, isDone) = (outcome.Epoch == row.Epoch, outcome.Verdict == EffectVerdict.Completed);
        var isUnknown = isDone ? row.State is EffectStatus.Retry or EffectStatus.Failed : isOwn && IsOpen(row);
        return isUnknown
            ? row with
            {
                State = EffectStatus.Running,
                Until = now,
                ChangedAt = now,
                Reason = null,
                ResolvedBy = null,
                Evidence = EffectEvidenceText.Write([.. evidence, .. EffectOutcome.SaidOf(row), kept]),
            }
            : row with { Evidence = EffectEvidenceText.Write([.. evidence, kept]) };
    }

    public static void RequireKey(string field, string? key)
    {
        TextRules.RequireCharacters(field, key, KeyCharacters);
        var given = key!;
        if (given is "." or ".." || given.AsSpan().ContainsAnyExceptInRange('!', '~') || given.Contains('/', StringComparison.Ordinal))
        {
            throw new InvalidRequestException(field, "must be printable ASCII without a space or a '/', and not '.' or '..'");
        }
    }

    public static void RequireEpoch(long epoch)
    {
        if (epoch < 1)
        {
            throw new InvalidRequestException("epoch", "must be that of a run, from 1");
        }
    }

    public static void RequireLease(SessionRules rules, TimeSpan lease)
    {
        if (lease < ShortestLease)
        {
            throw new InvalidRequestException("lease", $"must be at least {ShortestLease.TotalSeconds} second");
        }

        var longest = rules.Limits.EffectLease;
        if (lease > longest)
        {
            throw new OverLimitException("lease", (long)longest.TotalSeconds, (long)Math.Ceiling(lease.TotalSeconds), "seconds");
        }
    }

    /// <summary>The keys of effects that something is done in spite of, in one form of all that mean the same.</summary>
    public static IReadOnlyList<string> CheckAcknowledged(SessionRules rules, EffectsRule rule, IReadOnlyList<string>? keys)
    {
        if (!Enum.IsDefined(rule))
        {
            throw new InvalidRequestException("effects", "must be report or refuse");
        }

        if (keys is not { Count: > 0 })
        {
            return [];
        }

        if (keys.Count > rules.Limits.Effects)
        {
            throw new OverLimitException("acknowledge", rules.Limits.Effects, keys.Count, "keys");
        }

        foreach (var key in keys)
        {
            RequireKey("acknowledge", key);
        }

        return [.. keys.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>Checks evidence that a document brings.</summary>
    public static void RequireEvidence(EffectEvidence evidence)
    {
        if (evidence.EffectEpoch < 1 || evidence.ResultBytes < 0 || evidence.Result.Length > EvidenceResultBytes
            || (evidence.ResultSha256 is { } sha256 && !BeginCommand.IsDigest(sha256)) || evidence.ContentType is { Length: > ContentTypeCharacters })
        {
            throw new InvalidRequestException("evidence", "has values that evidence cannot have");
        }

        if (evidence.By is not null)
        {
            RequireBy(evidence.By);
        }

        if (evidence.Reason is not null)
        {
            RequireReason("evidence", evidence.Reason);
        }
    }

    public static void RequireRequest(string? text) => TextRules.RequireBytes("request", text, RequestBytes);

    public static void RequireReason(string field, string? reason) => TextRules.RequireBytes(field, reason, ReasonBytes);

    public static void RequireBy(string? by) => TextRules.RequireCharacters("by", by, ByCharacters);

    public static void RequireResult(SessionRules rules, ReadOnlyMemory<byte> result, string? contentType)
    {
        TextRules.RequireCharacters("contentType", contentType, ContentTypeCharacters);
        if (result.Length > rules.Limits.EffectBytes)
        {
            throw new OverLimitException("result", rules.Limits.EffectBytes, result.Length, "bytes");
        }
    }
}
