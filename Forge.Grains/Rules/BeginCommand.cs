using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Forge.Effects;
using Forge.Errors;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.Grains.Rules;

/// <summary>A begin that was checked.</summary>
/// <param name="Key">The effect.</param>
/// <param name="Class">How it may be repeated.</param>
/// <param name="Request">The SHA-256 of the request.</param>
/// <param name="Text">The text of the request; null if it is not to be kept.</param>
/// <param name="Lease">How long the run is left alone.</param>
/// <param name="TargetKey">The key for the target; null to have one made.</param>
internal sealed record BeginCommand(string Key, EffectClass Class, byte[] Request, string? Text, TimeSpan Lease, string? TargetKey)
{
    private const int DigestBytes = 32;
    private const int MadeKeyBytes = 16;

    /// <summary>The checked command of an input.</summary>
    /// <exception cref="InvalidRequestException">A value is bad.</exception>
    /// <exception cref="OverLimitException">A value is too long.</exception>
    public static BeginCommand Of(SessionRules rules, BeginEffect begin)
    {
        Require(rules, begin);
        var digest = begin.RequestText is { } text ? SHA256.HashData(Encoding.UTF8.GetBytes(text)) : Convert.FromHexString(begin.RequestSha256!);
        return new BeginCommand(
            begin.Key,
            begin.Class,
            digest,
            begin.RequestText,
            begin.Lease ?? EffectRules.UsualLease,
            begin.TargetKey);
    }

    /// <summary>Checks an input.</summary>
    public static void Require(SessionRules rules, BeginEffect begin)
    {
        EffectRules.RequireKey("key", begin.Key);
        _ = begin.Class.ToName();
        if (begin.TargetKey is not null)
        {
            EffectRules.RequireKey("targetKey", begin.TargetKey);
            if (begin.Class == EffectClass.Token)
            {
                throw new InvalidRequestException("targetKey", "must not be given of a token, of which no text is kept");
            }
        }

        EffectRules.RequireLease(rules, begin.Lease ?? EffectRules.UsualLease);
        if (begin.RequestSha256 is { } sha256)
        {
            if (begin.RequestText is not null)
            {
                throw new InvalidRequestException("request", "must not be given beside its digest");
            }

            RequireDigest("requestSha256", sha256);
            return;
        }

        if (begin.Class == EffectClass.Token)
        {
            throw new InvalidRequestException("requestSha256", "must be given of a token, of which no text is kept");
        }

        EffectRules.RequireRequest(begin.RequestText);
    }

    /// <summary>Checks the digest of a request.</summary>
    public static void RequireDigest(string field, string sha256)
    {
        if (!IsDigest(sha256))
        {
            throw new InvalidRequestException(field, "must be 64 hexadecimal digits in lower case");
        }
    }

    /// <summary>True if a text is a SHA-256 in the form that it has here.</summary>
    public static bool IsDigest(string sha256) => sha256.Length == 2 * DigestBytes && sha256.All(char.IsAsciiHexDigitLower);

    /// <summary>True if a key for a target has the form of those that are made here.</summary>
    public static bool IsMade(string targetKey) => targetKey.Length == 2 * MadeKeyBytes && targetKey.All(char.IsAsciiHexDigitLower);

    /// <summary>Throws unless an effect was begun with the same request, as the same class.</summary>
    /// <exception cref="EffectConflictException">It was not.</exception>
    public void RequireSame(SessionAddress address, StoredEffect row)
    {
        if (row.Class != Class)
        {
            throw new EffectConflictException(address, Key, "class");
        }

        if (!row.Request.AsSpan().SequenceEqual(Request))
        {
            throw new EffectConflictException(address, Key, "request");
        }
    }

    /// <summary>The effect once a run of it is begun.</summary>
    /// <param name="before">As it stood; null if there was none.</param>
    /// <param name="address">The session.</param>
    /// <param name="head">The head row before the run is begun.</param>
    /// <param name="now">The time.</param>
    /// <param name="isFirst">
    /// True if none of the key can have been there: then its runs are counted from 1. Else they are counted on from a number that no run
    /// before can have, so that what is said late of one that is forgotten meets no other.
    /// </param>
    public StoredEffect ToRow(StoredEffect? before, SessionAddress address, SessionHead head, DateTimeOffset now, bool isFirst) => new()
    {
        Key = Key,
        Class = Class,
        State = Class == EffectClass.Token ? EffectStatus.Completed : EffectStatus.Running,
        Epoch = (before?.Epoch ?? (isFirst ? 0 : head.LastPosition)) + 1,
        FirstAfter = before?.FirstAfter ?? head.LastSequence,
        After = head.LastSequence,
        BegunAt = now,
        Until = Class == EffectClass.Token ? null : now + Lease,
        ChangedAt = now,
        Request = Request,
        TargetKey = before?.TargetKey ?? TargetKey ?? MadeFor(address, head.Incarnation, Key),
        RequestText = before is null ? Text : before.RequestText,
        Evidence = before?.Evidence,
    };

    /// <summary>A key that no other effect has, nor one of another life of the session, and that tells nothing of it.</summary>
    private static string MadeFor(SessionAddress address, int life, string key)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"forge.effect\0{address.Tenant.Value}\0{address.Session.Value}\0{key}");
        text = life == 1 ? text : string.Create(CultureInfo.InvariantCulture, $"{text}\0{life}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, MadeKeyBytes));
    }
}
