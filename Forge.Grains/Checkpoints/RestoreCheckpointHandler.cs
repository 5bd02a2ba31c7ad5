using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Stores;
using Forge.History.Telemetry;
using Forge.Identity;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Checkpoints;

internal sealed class RestoreCheckpointHandler : ChangeHandler<RestoreCheckpoint, RestoreResult>
{
    protected override bool IsRemembered(RestoreCheckpoint change) => !change.DryRun;

    // What would be current may be asked by anybody: it is a read.
    protected override Authority AuthorityOf(RestoreCheckpoint change) => change.DryRun ? Authority.AboveClaims : base.AuthorityOf(change);

    protected override long WeightOf(RestoreCheckpoint change) =>
        change.Save is { } save ? Created.WeightOf(save.State.Length, save.Message, save.Tags) : 0;

    protected override RestoreCheckpoint Check(SessionRules rules, RestoreCheckpoint change)
    {
        if (change.Have is { } have)
        {
            StateBases.RequireNamed("have", have);
        }

        return change with
        {
            Acknowledge = EffectRules.CheckAcknowledged(rules, change.Effects, change.Acknowledge),
            Branch = SessionRules.CheckBranch(change.Branch),
            Save = change.Save is { } save ? PresentRules.Check(rules, save) : null,
        };
    }

    protected override RestoreCheckpoint OfEveryAttempt(RestoreCheckpoint change) => change with { Have = null };

    protected override async Task<Recalled<RestoreResult>> RecallAsync(
        LiveSession session, RestoreCheckpoint change, RequestMemory memory)
    {
        // The state is read again: it may be large, and does not change while it is there.
        var made = memory.Answer<Made>();
        var read = await session.ReadVersionedAsync(made.Sequence, CheckpointParts.All, CancellationToken.None);
        var restored = read.Value is { } found ? await ShowAsync(session, change, read.With(found)) : null;
        var saved = made.Saved is { } sequence ? await session.ReadVersionedAsync(sequence, CheckpointParts.Summary, CancellationToken.None) : default;
        return new(true, new RestoreResult(restored, made.Undo)
        {
            Anchor = made.Anchor,
            EffectsAfter = made.After ?? EffectsAfter.None,
            Saved = saved.Value is { Row: var row } ? await session.ShowAsync(row.ToSummary(), saved.Version, CancellationToken.None) : null,
        });
    }

    protected override async Task<Step<RestoreResult>> DecideAsync(
        LiveSession session, RestoreCheckpoint change, RequestMemory memory)
    {
        var target = await session.RequireAsync(change.Checkpoint, CheckpointParts.All);
        var restored = await ShowAsync(session, change, target);
        await LinkAsync(session, target.Value.Row.Sequence);
        var effects = await ReadEffectsAsync(session, change, target);
        if (change.DryRun)
        {
            return await TellAsync(session, change, restored, effects.Value);
        }

        var tenant = await session.Services.Tenants.GetAsync(session.Address.Tenant);
        var retention = await session.Retention.GetAsync();
        var now = session.Now;
        var save = change.Save is { } present ? ToCommand(session, present, change.Branch, now, tenant.MaxStateBytes) : null;
        var (made, saved) = ((Made?)null, (CheckpointSummary?)null);
        var decision = session.Engine.Restore(
            target.With(target.Value.Row),
            change.Branch,
            now,
            (before, row, anchor) =>
            {
                saved = row?.ToSummary();
                made = new Made(
                    target.Value.Row.Sequence, before, anchor, row?.Sequence, effects.Value.Count == 0 ? null : effects.Value);
                return memory.Remember(now, made);
            },
            AuthorityOf(change),
            save,
            save is null ? null : session.Retention.WorkFor(retention, creates: 1),
            effects.Version);
        if (decision is not { Verdict: Verdict.Accepted, Change: { } accepted })
        {
            return new(decision);
        }

        session.Retention.Note(accepted);
        return new(decision, () => new RestoreResult(restored, made!.Undo)
        {
            Anchor = made.Anchor,
            Saved = saved,
            EffectsAfter = effects.Value,
        })
        {
            Settled = () => session.Retention.Settle(accepted),
        };
    }

    /// <summary>Links the span of the call to the create of what it restores, if both are traced.</summary>
    private static async ValueTask LinkAsync(LiveSession session, long sequence)
    {
        if (System.Diagnostics.Activity.Current is not { IsAllDataRequested: true } span || session.Engine.Committed is not { Head.Key: var key })
        {
            return;
        }

        try
        {
            // Once, however often it is decided.
            if (CallTrace.Read(await session.Services.Traces.ReadAsync(key, sequence, CancellationToken.None)) is { } create
                && span.Links.All(link => link.Context.SpanId != create.SpanId))
            {
                span.AddLink(new System.Diagnostics.ActivityLink(create));
            }
        }
        catch (UnavailableException)
        {
            // The restore itself tells that the database is away, if it is for longer than this.
        }
    }

    /// <summary>What would be current, and what is: once it is known that what that rests on is committed.</summary>
    private static async Task<Step<RestoreResult>> TellAsync(
        LiveSession session, RestoreCheckpoint change, Checkpoint restored, EffectsAfter effects)
    {
        var head = await session.ReadHeadAsync();
        if (change.Branch is { } branch && head?.Branches.ContainsKey(branch) is not true)
        {
            throw new BranchNotFoundException(session.Address, branch);
        }

        var current = head?.LineOf(change.Branch).Current;
        return Step<RestoreResult>.Nothing(new RestoreResult(restored, current is { Sequence: > 0 } ? current : null)
        {
            EffectsAfter = effects,
        });
    }

    /// <summary>What came later than the checkpoint, in a version that is not older than what it was read in.</summary>
    private static async ValueTask<Versioned<EffectsAfter>> ReadEffectsAsync(
        LiveSession session, RestoreCheckpoint change, Versioned<CheckpointRead> target)
    {
        if (session.Engine.CommittedVersion is var version && version >= target.Version && session.Effects.AreNoneAfter(target.Value.Row.Sequence))
        {
            return new(version, EffectsAfter.None);
        }

        var known = session.Engine.CommittedVersion;
        var read = await session.Effects.ReadAfterAsync(session.Address, target.Value.Row.Sequence, change.Effects, change.Acknowledge);
        session.RequireNotOvertaken(read.Version, known);
        if (read.Value.Count == 0)
        {
            session.Effects.NoteNoneAfter(target.Value.Row.Sequence, read.Version);
        }

        return read;
    }

    private static CreateCommand ToCommand(
        LiveSession session, PresentState present, string? branch, DateTimeOffset now, int? stateBytes)
    {
        try
        {
            session.Services.Rules.RequireState(present.State.Length, stateBytes);
        }
        catch (OverLimitException exception)
        {
            throw exception.In("save.");
        }

        return new CreateCommand(
            new NewCheckpoint
            {
                Id = CheckpointId.Create(now),
                Message = present.Message,
                State = present.State,
                ContentType = present.ContentType,
                Tags = present.Tags,
                Branch = branch,
            },
            SHA256.HashData(present.State.Span))
        {
            Trace = CallTrace.OfThisCall(),
        };
    }

    private static async Task<Checkpoint> ShowAsync(LiveSession session, RestoreCheckpoint change, Versioned<CheckpointRead> read)
    {
        var checkpoint = await session.Rescue.ToCheckpointAsync(read.Value);
        checkpoint = await session.Bases.ToDifferenceAsync(checkpoint, change.Have, CancellationToken.None);
        return checkpoint with { Summary = await session.ShowAsync(checkpoint.Summary, read.Version, CancellationToken.None) };
    }

    /// <summary>What is remembered of a restore.</summary>
    private sealed record Made(long Sequence, CheckpointPointer? Undo, Anchor? Anchor = null, long? Saved = null, EffectsAfter? After = null);
}
