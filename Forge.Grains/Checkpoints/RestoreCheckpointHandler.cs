using Forge.Checkpoints;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Stores;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Checkpoints;

internal sealed class RestoreCheckpointHandler : ChangeHandler<RestoreCheckpoint, RestoreResult>
{
    protected override RestoreCheckpoint Check(SessionRules rules, RestoreCheckpoint change) =>
        change with { Branch = SessionRules.CheckBranch(change.Branch) };

    protected override async Task<Recalled<RestoreResult>> RecallAsync(
        LiveSession session, RestoreCheckpoint change, RequestMemory memory)
    {
        // The state is read again: it may be large, and does not change while it is there.
        var made = memory.Answer<Made>();
        var read = await session.ReadVersionedAsync(made.Sequence, CheckpointParts.All, CancellationToken.None);
        var restored = read.Value is { } found ? await ShowAsync(session, read.With(found)) : null;
        return new(true, new RestoreResult(restored, made.Undo) { Anchor = made.Anchor });
    }

    protected override async Task<Step<RestoreResult>> DecideAsync(
        LiveSession session, RestoreCheckpoint change, RequestMemory memory)
    {
        var target = await session.RequireAsync(change.Checkpoint, CheckpointParts.All);
        var restored = await ShowAsync(session, target);
        Made? made = null;
        var now = session.Now;
        var decision = session.Engine.Restore(target.With(target.Value.Row), change.Branch, now, (before, anchor) =>
        {
            made = new Made(target.Value.Row.Sequence, before, anchor);
            return memory.Remember(now, made);
        }, AuthorityOf(change));
        return new(decision, () => new RestoreResult(restored, made!.Undo) { Anchor = made.Anchor });
    }

    private static async Task<Checkpoint> ShowAsync(LiveSession session, Versioned<CheckpointRead> read)
    {
        var checkpoint = await session.Rescue.ToCheckpointAsync(read.Value);
        return checkpoint with { Summary = await session.ShowAsync(checkpoint.Summary, read.Version, CancellationToken.None) };
    }

    /// <summary>What is remembered of a restore.</summary>
    private sealed record Made(long Sequence, CheckpointPointer? Undo, Anchor? Anchor = null);
}
