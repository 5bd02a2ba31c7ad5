using System.Text.Json;
using Forge.Integrity;

namespace Forge.Silo.Integrity;

/// <summary>What a verification of a session found.</summary>
/// <param name="Valid">How many visible checkpoints are as they were written.</param>
/// <param name="Invalid">How many places are damaged.</param>
/// <param name="FirstInvalid">The first damage; null if there is none.</param>
/// <param name="Damages">The damages, at most 100.</param>
/// <param name="Anchors">The anchors that were given and what became of them.</param>
/// <param name="Removed">How many positions were removed.</param>
/// <param name="Unchained">How many positions were written before sessions were chained.</param>
/// <param name="Unopened">How many visible checkpoints are encrypted by a key that cannot be had, and are not checked as a whole.</param>
/// <param name="Position">The newest position; null if nothing is chained.</param>
/// <param name="Chain">Its chain value; null if nothing is chained.</param>
internal sealed record VerifyAnswer(
    long Valid,
    long Invalid,
    DamageAnswer? FirstInvalid,
    IReadOnlyList<DamageAnswer> Damages,
    IReadOnlyList<AnchorAnswer> Anchors,
    long Removed,
    long Unchained,
    long Unopened,
    long? Position,
    string? Chain)
{
    public static VerifyAnswer Of(VerifyResult result) => new(
        result.Valid,
        result.Invalid,
        result.FirstInvalid is { } first ? DamageAnswer.Of(first) : null,
        [.. result.Damages.Select(DamageAnswer.Of)],
        [.. result.Anchors.Select(a => new AnchorAnswer(
            a.Anchor.Position, a.Anchor.Chain, JsonNamingPolicy.CamelCase.ConvertName(a.Outcome.ToString())))],
        result.Removed,
        result.Unchained,
        result.Unopened,
        result.Head?.Position,
        result.Head?.Chain);
}

/// <summary>One thing that is not as it was written.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Position">The position in the session's log; null if it is not known.</param>
/// <param name="Sequence">The checkpoint's sequence; null if it is none.</param>
/// <param name="Problem">The problem.</param>
internal sealed record DamageAnswer(string Kind, long? Position, long? Sequence, string Problem)
{
    public static DamageAnswer Of(Damage damage) => new(
        JsonNamingPolicy.CamelCase.ConvertName(damage.Kind.ToString()),
        damage.Position == 0 ? null : damage.Position,
        damage.Sequence == 0 ? null : damage.Sequence,
        damage.Problem);
}

/// <summary>What became of an anchor.</summary>
/// <param name="Position">Its position.</param>
/// <param name="Chain">Its chain value.</param>
/// <param name="Outcome"><c>holds</c>, <c>broken</c> or <c>removed</c>.</param>
internal sealed record AnchorAnswer(long Position, string Chain, string Outcome);

/// <summary>A line of the verification of all sessions: one session that is done.</summary>
/// <param name="Session">The session.</param>
/// <param name="Valid">How many visible checkpoints are as they were written.</param>
/// <param name="Invalid">How many places are damaged.</param>
/// <param name="FirstInvalid">The first damage; null if there is none.</param>
internal sealed record SessionLine(string Session, long Valid, long Invalid, DamageAnswer? FirstInvalid)
{
    public static SessionLine Of(SessionVerification done) => new(
        done.Session.Value, done.Result.Valid, done.Result.Invalid,
        done.Result.FirstInvalid is { } first ? DamageAnswer.Of(first) : null);
}

/// <summary>The last line of the verification of all sessions.</summary>
/// <param name="Sessions">How many sessions were verified.</param>
/// <param name="Damaged">How many of them are damaged.</param>
/// <param name="Valid">How many visible checkpoints in all are as they were written.</param>
/// <param name="Invalid">How many places in all are damaged.</param>
internal sealed record VerifySummary(long Sessions, long Damaged, long Valid, long Invalid);
