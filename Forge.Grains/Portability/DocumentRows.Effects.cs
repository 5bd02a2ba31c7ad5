using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Forge.Documents.Sessions;
using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.History.Rows;

namespace Forge.Grains.Portability;

internal static partial class DocumentRows
{
    /// <summary>The line of an effect whose row was looked at.</summary>
    public static DocumentEffect EffectOf(StoredEffect row) => new()
    {
        Key = row.Key,
        Class = row.Class,
        State = row.State,
        Epoch = row.Epoch,
        FirstAfter = row.FirstAfter,
        After = row.After,
        BegunAt = row.BegunAt,
        Until = row.Until,
        ChangedAt = row.ChangedAt,
        RequestSha256 = Convert.ToHexStringLower(row.Request),
        Request = row.RequestText,
        TargetKey = row.TargetKey,
        ContentType = row.ContentType,
        Result = row.Result is { } result ? result : default(ReadOnlyMemory<byte>?),
        Reason = row.Reason,
        ResolvedBy = row.ResolvedBy,
        Evidence = row.Evidence,
    };

    /// <summary>The row of a line, every value of which is checked as if a caller had given it, by the widest limits. It is not sealed yet.</summary>
    /// <exception cref="InvalidRequestException">A value is bad, or values do not fit each other.</exception>
    /// <exception cref="OverLimitException">A value is larger than any limit allows.</exception>
    public static StoredEffect RowOf(DocumentEffect effect)
    {
        var rules = SessionRules.OfAnyLimits;
        EffectRules.RequireKey("effect", effect.Key);
        EffectRules.RequireKey("targetKey", effect.TargetKey);
        var request = RequestOf(effect);
        if (effect.ContentType is null != effect.Result is null)
        {
            throw new InvalidRequestException("contentType", "must be given with a result, and only then");
        }

        if (effect.Result is { } result)
        {
            EffectRules.RequireResult(rules, result, effect.ContentType);
        }

        if (effect.Reason is not null)
        {
            EffectRules.RequireReason("reason", effect.Reason);
        }

        if (effect.ResolvedBy is not null)
        {
            EffectRules.RequireBy(effect.ResolvedBy);
        }

        RequireStanding(effect);
        return new StoredEffect
        {
            Key = effect.Key,
            Class = effect.Class,
            State = effect.State,
            Epoch = effect.Epoch,
            FirstAfter = effect.FirstAfter,
            After = effect.After,
            BegunAt = effect.BegunAt,
            Until = effect.Until,
            ChangedAt = effect.ChangedAt,
            Request = request,
            TargetKey = effect.TargetKey,
            RequestText = effect.Request,
            ContentType = effect.ContentType,
            Result = effect.Result?.ToArray(),
            Reason = effect.Reason,
            ResolvedBy = effect.ResolvedBy,
            Evidence = EvidenceOf(effect.Evidence),
        };
    }

    private static byte[] RequestOf(DocumentEffect effect)
    {
        BeginCommand.RequireDigest("requestSha256", effect.RequestSha256);
        var request = Convert.FromHexString(effect.RequestSha256);
        if (effect.Request is not null)
        {
            EffectRules.RequireRequest(effect.Request);
            if (!SHA256.HashData(Encoding.UTF8.GetBytes(effect.Request)).AsSpan().SequenceEqual(request))
            {
                throw new InvalidRequestException("request", "is not the one that its digest was taken of");
            }
        }

        return request;
    }

    private static void RequireStanding(DocumentEffect effect)
    {
        var isRunning = effect.State == EffectStatus.Running;
        if (effect.State == EffectStatus.Unknown || (effect.Class == EffectClass.Token && effect.State != EffectStatus.Completed))
        {
            throw new InvalidRequestException("status", "is none that an effect of the class is kept in");
        }

        if (isRunning != effect.Until is not null)
        {
            throw new InvalidRequestException("until", "must be given of a running effect, and only of one");
        }

        if (effect.Class == EffectClass.Token && (effect.Request ?? effect.ContentType ?? effect.Reason ?? effect.ResolvedBy ?? effect.Evidence) is not null)
        {
            throw new InvalidRequestException("effect", "is a token with texts, which tokens have none of");
        }

        if (effect.Class == EffectClass.Token && !BeginCommand.IsMade(effect.TargetKey))
        {
            throw new InvalidRequestException("targetKey", "must be 32 hexadecimal digits in lower case of a token, of which no text is kept");
        }
    }

    /// <summary>Evidence in the form that rows have it in.</summary>
    private static string? EvidenceOf(string? text)
    {
        try
        {
            var evidence = EffectEvidenceText.Read(text);
            foreach (var one in evidence)
            {
                _ = one.Verdict.ToName();
                EffectRules.RequireEvidence(one);
            }

            return EffectEvidenceText.Write(evidence);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentOutOfRangeException or OverflowException)
        {
            throw new InvalidRequestException("evidence", "cannot be read", exception);
        }
    }
}
