using System.Security.Cryptography;
using Forge.Effects;
using Forge.History.Chain;
using Forge.History.Rows;

namespace Forge.Grains.Rules;

/// <summary>What is said of a run, by whoever ran it or by who resolves it.</summary>
/// <param name="Epoch">The run.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Result">The result of what was done; null for none.</param>
/// <param name="ContentType">The media type of the result; null for none.</param>
/// <param name="Reason">Why; null if nothing is said.</param>
/// <param name="By">Who resolves it; null for whoever ran it.</param>
internal sealed record EffectOutcome(
    long Epoch, EffectVerdict Verdict, byte[]? Result = null, string? ContentType = null, string? Reason = null, string? By = null)
{
    /// <summary>The SHA-256 of the result in hexadecimal; null for none.</summary>
    public string? ResultSha256 { get; } = Result is null ? null : Convert.ToHexStringLower(SHA256.HashData(Result));

    /// <summary>True if an effect stands as this says.</summary>
    public bool IsSaidBy(StoredEffect row) => Verdict switch
    {
        EffectVerdict.Completed => row is { State: EffectStatus.Completed, IsToken: false }
            && row.Result.AsSpan().SequenceEqual(Result) && row.ContentType == ContentType,
        EffectVerdict.Failed => row.State == EffectStatus.Failed,
        _ => row.State == EffectStatus.Retry,
    };

    /// <summary>The effect once this is taken.</summary>
    public StoredEffect Settle(StoredEffect row, DateTimeOffset now) => row with
    {
        State = Verdict switch
        {
            EffectVerdict.Completed => EffectStatus.Completed,
            EffectVerdict.Failed => EffectStatus.Failed,
            _ => EffectStatus.Retry,
        },
        Until = null,
        ChangedAt = now,
        Result = Result,
        ContentType = ContentType,
        Reason = Reason,
        ResolvedBy = By,
    };

    /// <summary>The effect once it is resolved so. What was said before, and this, stays as evidence when it is begun again.</summary>
    public StoredEffect Resolve(StoredEffect row, DateTimeOffset now)
    {
        List<EffectEvidence> evidence = [.. EffectEvidenceText.Read(row.Evidence)];
        if (row.State == EffectStatus.Failed && row.ResolvedBy is null)
        {
            evidence.Add(new EffectEvidence
            {
                EffectEpoch = row.Epoch,
                Verdict = EffectVerdict.Failed,
                At = row.ChangedAt,
                Reason = row.Reason,
            });
        }

        evidence.Add(ToEvidence(now, mostResultBytes: 0));
        return Settle(row, now) with { Evidence = EffectEvidenceText.Write(evidence) };
    }

    /// <summary>What an event tells of it.</summary>
    public EffectDetail Tell(StoredEffect row) => EffectDetail.Of(row, Epoch) with
    {
        Verdict = (short)Verdict,
        By = By,
        Reason = Reason,
        Result = ResultSha256,
    };

    /// <summary>This as evidence.</summary>
    /// <param name="now">The time.</param>
    /// <param name="mostResultBytes">The longest result that is kept as it is.</param>
    public EffectEvidence ToEvidence(DateTimeOffset now, int mostResultBytes) => new()
    {
        EffectEpoch = Epoch,
        Verdict = Verdict,
        At = now,
        By = By,
        Reason = Reason,
        ResultSha256 = ResultSha256,
        ResultBytes = Result?.Length ?? 0,
        Result = Result is { } bytes && bytes.Length <= mostResultBytes ? bytes : default(ReadOnlyMemory<byte>),
        ContentType = ContentType,
    };
}
