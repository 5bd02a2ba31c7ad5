using Forge.Checkpoints;
using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Portability;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Rows;
using Forge.Identity;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Forks;

/// <summary>
/// Makes a session from a checkpoint of another one. It runs in the session that is made, which alone gives its numbers; of the other
/// one the database is read, so that no acknowledged change of it is missed and its grain is not asked.
/// </summary>
internal sealed class ForkSessionHandler : OperationHandler<ForkSession, ForkResult>
{
    protected override async Task<ForkResult> RunAsync(
        LiveSession session, ForkSession operation, CancellationToken cancellationToken)
    {
        operation = operation with
        {
            Acknowledge = EffectRules.CheckAcknowledged(session.Services.Rules, operation.Effects, operation.Acknowledge),
        };
        var origin = new SessionAddress(session.Address.Tenant, SessionId.Parse(operation.Origin.Value));
        if (origin == session.Address)
        {
            throw new InvalidRequestException("session", "must be another one than the session that is forked");
        }

        // A session that is to be made is nobody's yet, and one that is there refuses this for that.
        var authority = operation.DryRun || operation.Epoch is null ? Authority.AboveClaims : new Authority(operation.Epoch);

        // What was copied is kept while the change is decided again, and given up if no commit takes it.
        await using var copy = new ForkCopy(session, origin, operation.Checkpoint);
        return await ChangeRunner.RunAsync(
            session,
            exclusive: true,
            RequestMemory.Of(session.Address, operation, operation.DryRun ? default : operation.Request),
            memory => Task.FromResult(new Recalled<ForkResult>(true, memory.Answer<Made>().ToResult(session, origin.Session))),
            memory => DecideAsync(session, operation, authority, copy, memory, cancellationToken),
            authority);
    }

    private static async Task<Step<ForkResult>> DecideAsync(
        LiveSession session,
        ForkSession operation,
        Authority authority,
        ForkCopy copy,
        RequestMemory memory,
        CancellationToken cancellationToken) =>
        await NotYetAsync(session, operation.DryRun) is { } notYet ? new Step<ForkResult>(notYet)
        : operation.DryRun ? Step<ForkResult>.Nothing(await TellAsync(session, operation, copy, cancellationToken))
        : operation.WithHistory ? await TakeAsync(session, operation, authority, copy, memory)
        : await CreateAsync(session, operation, copy, authority, memory);

    /// <summary>The decision to wait, if it is not known yet whether the session can be made; refuses one that is there.</summary>
    private static async Task<Decision?> NotYetAsync(LiveSession session, bool isDryRun)
    {
        if (isDryRun)
        {
            // Nothing is committed that would find out that another activation has made the session.
            await session.ReadHeadAsync();
        }

        try
        {
            return session.Engine.RequireUnused();
        }
        catch (SessionExistsException)
        {
            await session.RequireCurrentAsync();
            throw;
        }
    }

    private static async Task<ForkResult> TellAsync(
        LiveSession session, ForkSession operation, ForkCopy copy, CancellationToken cancellationToken)
    {
        if (operation.WithHistory)
        {
            var (point, size) = await copy.MeasureAsync(cancellationToken);
            var later = await copy.ReadEffectsAfterAsync(point.Link, operation);
            return Made.Of(point.Link, default, size.Count, size.Bytes, size.StoredBytes, null, later).ToResult(session, operation.Origin);
        }

        var one = await copy.ReadPointAsync(cancellationToken);
        var after = await copy.ReadEffectsAfterAsync(one.Link, operation);
        return Made.Of(one.Link, default, 1, one.Plain.Size, null, null, after).ToResult(session, operation.Origin);
    }

    /// <summary>Makes the session with the one checkpoint.</summary>
    private static async Task<Step<ForkResult>> CreateAsync(
        LiveSession session, ForkSession operation, ForkCopy copy, Authority authority, RequestMemory memory)
    {
        var point = await copy.ReadPointAsync(CancellationToken.None);
        var effects = await copy.StageEffectsAsync(point, lastBefore: 0);
        session.Services.Budget.RequireRoom(point.Plain.Size);
        var retention = await session.Retention.ReadAsync(point.Settings);
        var later = await copy.ReadEffectsAfterAsync(point.Link, operation);
        var (now, row) = (session.Now, point.Plain);
        var command = new CreateCommand(
            new NewCheckpoint
            {
                Id = CheckpointId.Create(now),
                Message = row.Message,
                Tags = row.Tags,
                Trigger = row.Trigger,
                ContentType = row.ContentType,
                State = row.Stored,
            },
            row.Checksum);
        Made? made = null;
        var decision = session.Engine.Fork(
            command, point.Link, point.Settings, now, session.Retention.WorkFor(retention, creates: 1), authority, (first, anchor) =>
            {
                made = Made.Of(point.Link, new CheckpointPointer(first.Sequence, first.Id), 1, first.Size, null, anchor, later);
                return memory.Remember(now, made);
            },
            effects is null ? null : (copy.Key, effects),
            session.WorkTime);
        return new(decision, () =>
        {
            copy.IsTaken = true;
            return made!.ToResult(session, SessionId.Parse(point.Link.Origin));
        });
    }

    /// <summary>Makes the session with what was staged.</summary>
    private static async Task<Step<ForkResult>> TakeAsync(
        LiveSession session, ForkSession operation, Authority authority, ForkCopy copy, RequestMemory memory)
    {
        if (operation.Effects == EffectsRule.Refuse)
        {
            // What is refused is not copied first; what counts is what is read once it was.
            await copy.ReadEffectsAfterAsync((await copy.ReadPointAsync(CancellationToken.None)).Link, operation);
        }

        var staged = await copy.StageAsync();
        var retention = await session.Retention.ReadAsync(staged.Settings);
        var later = await copy.ReadEffectsAfterAsync(staged.Origin!, operation);
        var (now, origin) = (session.Now, staged.Origin!);
        Made? made = null;
        var work = session.Retention.WorkFor(retention, staged.Count);
        var decision = session.Engine.Fork(
            staged,
            now,
            work,
            authority,
            anchor =>
            {
                made = Made.Of(origin, staged.Last, staged.Count, staged.Bytes, copy.StoredBytes, anchor, later);
                return memory.Remember(now, made);
            },
            session.WorkTime);
        return new(decision, () =>
        {
            copy.IsTaken = true;
            return made!.ToResult(session, SessionId.Parse(origin.Origin));
        });
    }

    /// <summary>What is remembered of a fork.</summary>
    private sealed record Made(
        long Sequence,
        Guid Id,
        string? Chain,
        long HeadSequence,
        Guid HeadId,
        long Count,
        long Bytes,
        long? StoredBytes,
        long? Position,
        string? AnchorChain,
        EffectsAfter? After = null)
    {
        public static Made Of(
            ForkLink link, CheckpointPointer head, long count, long bytes, long? storedBytes, Anchor? anchor, EffectsAfter after) => new(
            link.Sequence,
            link.Id.Value,
            link.Chain is { } chain ? Convert.ToHexStringLower(chain) : null,
            head.Sequence,
            head.Sequence == 0 ? Guid.Empty : head.Id.Value,
            count,
            bytes,
            storedBytes,
            anchor?.Position,
            anchor?.Chain,
            after.Count == 0 ? null : after);

        public ForkResult ToResult(LiveSession session, SessionId origin) => new()
        {
            Session = session.Address.Session,
            Origin = new SessionOrigin(origin, Sequence, new CheckpointId(Id), Chain),
            Head = HeadSequence == 0 ? null : new CheckpointPointer(HeadSequence, new CheckpointId(HeadId)),
            Count = Count,
            Bytes = Bytes,
            StoredBytes = StoredBytes,
            EffectsAfter = After ?? EffectsAfter.None,
            Anchor = Position is { } position ? new Anchor(position, AnchorChain!) : null,
        };
    }
}
