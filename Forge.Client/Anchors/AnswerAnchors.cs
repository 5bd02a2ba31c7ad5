using Forge.Checkpoints;
using Forge.Claims;
using Forge.Effects;
using Forge.Events;
using Forge.Integrity;
using Forge.Portability;
using Forge.Sessions;

namespace Forge.Client.Anchors;

/// <summary>Finds the newest anchor that an answer carries.</summary>
internal static class AnswerAnchors
{
    /// <summary>The newest anchor of the session that was called; null if the answer has none.</summary>
    public static Anchor? NewestOf(object? answer) => answer switch
    {
        CheckpointSummary summary => Of(summary),
        CreateResult { Checkpoint: { } created } => Of(created),
        Checkpoint read => Of(read.Summary),
        IReadOnlyList<CreateResult> results => Newest(results, static result => result.Checkpoint is { } created ? Of(created) : null),
        CheckpointPage page => Newest(page.Items, Of),
        RestoreResult { Anchor: var anchor } => anchor,
        CompactResult { Anchor: var anchor } => anchor,
        ClearResult { Anchor: var anchor } => anchor,
        ReviveResult { Anchor: var anchor } => anchor,
        ForkResult { Anchor: var anchor } => anchor,
        ImportResult { Anchor: var anchor } => anchor,
        SessionClaim { Anchor: var anchor } => anchor,
        Effect { Anchor: var anchor } => anchor,
        BeginEffectResult { Effect.Anchor: var anchor } => anchor,
        Annotation note => Of(note.Position, note.Chain),
        WritesResult { Position: { } position, Chain: var chain } => Of(position, chain),
        SessionInfo info => Of(info.LastPosition, info.Chain),
        EventPage page => Newest(page.Items, static happened => Of(happened.Position, happened.Chain)),
        _ => null,
    };

    private static Anchor? Of(CheckpointSummary summary) => Of(summary.Position, summary.Chain);

    private static Anchor? Of(long position, string? chain) => position > 0 && chain is not null ? new Anchor(position, chain) : null;

    private static Anchor? Newest<T>(IReadOnlyList<T> items, Func<T, Anchor?> anchorOf)
    {
        Anchor? newest = null;
        for (var i = 0; i < items.Count; i++)
        {
            if (anchorOf(items[i]) is { } anchor && !(newest?.Position >= anchor.Position))
            {
                newest = anchor;
            }
        }

        return newest;
    }
}
