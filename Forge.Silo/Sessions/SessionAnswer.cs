using System.Text.Json.Serialization;
using Forge.Sessions;
using Forge.Silo.Checkpoints;
using Forge.Silo.Claims;

namespace Forge.Silo.Sessions;

/// <summary>What a session is.</summary>
/// <param name="Session">Its id.</param>
/// <param name="Tenant">Who it belongs to.</param>
/// <param name="CreatedAt">When the first change of it was made.</param>
/// <param name="ActiveAt">When its newest checkpoint was created; of a session without one, when it was made.</param>
/// <param name="Count">How many checkpoints it has.</param>
/// <param name="Bytes">The sum of the sizes of their states.</param>
/// <param name="Head">The newest surviving checkpoint; null for none.</param>
/// <param name="Current">The parent of the next checkpoint; null for none.</param>
/// <param name="LastSequence">The greatest sequence ever given out.</param>
/// <param name="LastPosition">The position of the newest event of its log.</param>
/// <param name="Version">The number of changes committed.</param>
/// <param name="Settings">Its own settings.</param>
/// <param name="Chain">The chain value of the newest position in hexadecimal; null if nothing is chained.</param>
/// <param name="Claim">The newest claim, also if it was released; null if it was never claimed.</param>
/// <param name="Origin">The checkpoint that it was forked from; null if it was not, and in lists of sessions.</param>
/// <param name="ForkCount">How many living sessions were forked from it, 1,000 for that many or more; null in lists of sessions.</param>
internal sealed record SessionAnswer(
    string Session,
    string Tenant,
    DateTime CreatedAt,
    DateTime ActiveAt,
    long Count,
    long Bytes,
    PointerAnswer? Head,
    PointerAnswer? Current,
    long LastSequence,
    long LastPosition,
    long Version,
    SettingsAnswer Settings,
    string? Chain,
    ClaimAnswer? Claim,
    OriginAnswer? Origin,
    int? ForkCount)
{
    /// <summary>The pending writes that its checkpoints have; left out if there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SessionWritesAnswer? PendingWrites { get; init; }

    public static SessionAnswer Of(SessionInfo info) => new(
        info.Session.Value,
        info.Tenant.Value,
        info.CreatedAt.UtcDateTime,
        info.ActiveAt.UtcDateTime,
        info.Count,
        info.Bytes,
        PointerAnswer.Of(info.Head),
        PointerAnswer.Of(info.Current),
        info.LastSequence,
        info.LastPosition,
        info.Version,
        SettingsAnswer.Of(info.Settings),
        info.Chain,
        info.Claim is { } claim ? ClaimAnswer.Of(claim) : null,
        OriginAnswer.Of(info.Origin),
        info.ForkCount)
    {
        PendingWrites = info.PendingWrites > 0 ? new SessionWritesAnswer(info.PendingWrites, info.PendingWriteBytes) : null,
    };
}

/// <summary>The pending writes of a session.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Bytes">The sum of the lengths of their values.</param>
internal sealed record SessionWritesAnswer(long Count, long Bytes);
