using Forge.Sessions;
using Forge.Silo.Checkpoints;
using Forge.Silo.Effects;

namespace Forge.Silo.Sessions;

/// <summary>The checkpoint that a session was forked from.</summary>
/// <param name="Session">The session.</param>
/// <param name="Sequence">The checkpoint's sequence.</param>
/// <param name="Id">The checkpoint's id.</param>
/// <param name="Chain">The checkpoint's chain value in hexadecimal; null if it had none.</param>
/// <param name="Gone">True if that session is not there any more; one of the same name is another.</param>
internal sealed record OriginAnswer(string Session, long Sequence, Guid Id, string? Chain, bool Gone)
{
    public static OriginAnswer? Of(SessionOrigin? origin) => origin is null
        ? null
        : new OriginAnswer(origin.Session.Value, origin.Sequence, origin.Id.Value, origin.Chain, origin.Gone);
}

/// <summary>A fork.</summary>
/// <param name="Session">The session that was made; of a dry run: that would be.</param>
/// <param name="Origin">The checkpoint that it begins from.</param>
/// <param name="Head">Its newest checkpoint; null of a dry run.</param>
/// <param name="Count">How many checkpoints it has.</param>
/// <param name="Bytes">The sum of the sizes of their states.</param>
/// <param name="StoredBytes">The bytes that copied states take in the store; null without history.</param>
/// <param name="Position">The position of the fork in the new session's log; null of a dry run.</param>
/// <param name="Chain">The chain value of that position in hexadecimal; null of a dry run.</param>
/// <param name="EffectsAfter">The effects of the origin that were begun since the checkpoint was there.</param>
internal sealed record ForkAnswer(
    string Session,
    OriginAnswer Origin,
    PointerAnswer? Head,
    long Count,
    long Bytes,
    long? StoredBytes,
    long? Position,
    string? Chain,
    EffectsAfterAnswer EffectsAfter)
{
    public static ForkAnswer Of(ForkResult result) => new(
        result.Session.Value,
        OriginAnswer.Of(result.Origin)!,
        PointerAnswer.Of(result.Head),
        result.Count,
        result.Bytes,
        result.StoredBytes,
        result.Anchor?.Position,
        result.Anchor?.Chain,
        EffectsAfterAnswer.Of(result.EffectsAfter));
}

/// <summary>A page of the forks of a session.</summary>
/// <param name="Items">The forks.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
internal sealed record ForkPageAnswer(IReadOnlyList<SessionForkAnswer> Items, string? Next)
{
    public static ForkPageAnswer Of(ForkPage page) => new([.. page.Items.Select(SessionForkAnswer.Of)], page.Next);
}

/// <summary>A session that was forked from another.</summary>
/// <param name="Session">The fork.</param>
/// <param name="Checkpoint">The checkpoint that it begins from.</param>
/// <param name="ForkedAt">When it was made.</param>
internal sealed record SessionForkAnswer(string Session, PointerAnswer? Checkpoint, DateTime ForkedAt)
{
    public static SessionForkAnswer Of(SessionFork fork) => new(
        fork.Session.Value, PointerAnswer.Of(fork.Checkpoint), fork.ForkedAt.UtcDateTime);
}
