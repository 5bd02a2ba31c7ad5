using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Observers;
using Forge.Grains.Retention;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.History.Writing;
using Forge.Identity;
using Forge.Operations;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Storage;

namespace Forge.Grains.Sessions;

/// <summary>
/// A session that is active in this silo, as the handlers of its operations see it: its engine, what it reads, and how a
/// change of it is settled. All of it runs on the scheduler of one grain.
/// </summary>
/// <param name="address">The session.</param>
/// <param name="state">The grain's state.</param>
/// <param name="services">What all sessions of the silo share.</param>
/// <param name="stepDown">Ends the activation after the calls it has, and logs the reason.</param>
/// <param name="logger">The grain's log.</param>
internal sealed class LiveSession(
    SessionAddress address, IPersistentState<SessionState> state, SessionServices services, Action<string> stepDown, ILogger logger)
{
    /// <summary>Why an activation ends that has met a version below what it had committed.</summary>
    public const string PutBack = "the database was put back behind what was committed";

    public SessionAddress Address => address;

    public SessionServices Services => services;

    public ILogger Logger => logger;

    public ISessionReads Reads => services.Reads;

    public DateTimeOffset Now => services.Time.GetUtcNow();

    /// <summary>Now, by the clock that due work is claimed by: work is noted by none other.</summary>
    public DateTimeOffset WorkTime => services.Clock.Now;

    public SessionEngine Engine => state.State.Engine ?? throw NotLoaded();

    /// <summary>What the session has in the writer's bounds.</summary>
    public SessionLoad Load { get; } = new();

    public StructuralGate Gate { get; } = new();

    public RetentionWatch Retention => field ??= new RetentionWatch(this);

    /// <summary>Who is to be told when a state of the session is due.</summary>
    public SessionObservers Observers => field ??= new SessionObservers(services.Time);

    /// <summary>What is read of effects.</summary>
    public KnownEffects Effects => field ??= new KnownEffects(this);

    /// <summary>
    /// The work of removing an effect that is settled now, once it has the age for that; or, if that is far, of looking when it has: work
    /// that is noted further ahead than any can be is taken for one of a clock that was ahead.
    /// </summary>
    public Due EffectWork()
    {
        var wait = services.EffectOptions.Kept < EffectiveRetention.LongestWait ? services.EffectOptions.Kept : EffectiveRetention.LongestWait;
        return new Due(DueWorkKind.ForgetEffects, (WorkTime + wait).ToMicroseconds());
    }

    /// <summary>Reads states, also such as the database does not hold any more as they were saved.</summary>
    public StateRescue Rescue => field ??= new StateRescue(this, state.State.KnownStates);

    /// <summary>Answers reads with what this silo holds of the session.</summary>
    public HeldReads Held => field ??= new HeldReads(this, state.State.KnownStates);

    /// <summary>
    /// Lets go of what this silo holds of the session since fewer data keys of the tenant were destroyed than are now, so that neither answers
    /// nor differences are made of it. It goes by what was read of them within the interval.
    /// </summary>
    /// <exception cref="UnavailableException">The database cannot be reached.</exception>
    public async ValueTask ForgetDestroyedAsync(CancellationToken cancellationToken)
    {
        var destroyed = await Reads.CountDestroyedKeysAsync(address.Tenant, cancellationToken);
        services.KnownStates.Renew(state.State.KnownStates, destroyed);
        if (Engine.RenewShown(destroyed))
        {
            state.State.Feed?.Forget();
        }
    }

    /// <summary>Makes states whole that were sent as differences.</summary>
    public StateBases Bases => field ??= new StateBases(this, state.State.KnownStates);

    /// <summary>Holds the anchors of calls against the log.</summary>
    public AnchorGuard Anchors => field ??= new AnchorGuard(this);

    /// <summary>Ends the activation after the calls it has, and logs the reason.</summary>
    public void StepDown(string reason) => stepDown(reason);

    /// <summary>Runs an operation on this session, as a part of another one.</summary>
    public Task<T> RunAsync<T>(Operation<T> operation, CancellationToken cancellationToken) =>
        OperationHandlers.For(operation).RunAsync(this, operation, cancellationToken);

    /// <summary>Waits until a change is settled, asking for writes until one has taken it.</summary>
    public async Task SettleAsync(PendingChange change)
    {
        while (!change.IsSettled)
        {
            try
            {
                await state.WriteStateAsync();
            }
            catch (InconsistentStateException) when (change.IsSettled)
            {
                // The engine has settled the change as a conflict, and RequireCommitted says so to the caller.
            }
        }
    }

    /// <summary>Throws if a settled change was not committed; false if it was a duplicate and must be looked up.</summary>
    public bool RequireCommitted(PendingChange change)
    {
        var (status, cause) = change.Outcome;
        switch (status)
        {
            case CommitStatus.Committed:
                return true;
            case CommitStatus.Duplicate:
                return false;
            case CommitStatus.Conflict:
                stepDown("another activation wrote first");
                throw new SessionMovedException(address, cause);
            case CommitStatus.Unknown:
                stepDown("the outcome of a commit is not known");
                throw new OutcomeUnknownException(address, cause);
            case CommitStatus.Locked:
                throw new BusyException("session", "is locked in the database by somebody else", cause);
            case CommitStatus.Refused:
                throw new UnavailableException($"The database refused a change of session {address}; nothing was changed.", cause);
            default:
                throw cause as ForgeException
                    ?? new UnavailableException("The database cannot be reached; nothing was changed.", cause);
        }
    }

    /// <summary>
    /// The version that a read is answered under comes from the database and is never stale; an activation that the database has overtaken is,
    /// and would have its next write refused. It steps down at once instead.
    /// </summary>
    public void NoteVersion(long version)
    {
        Anchors.NoteVersion(version);
        if (version > Engine.NewestVersion)
        {
            stepDown($"the database is at version {version}, this activation at {Engine.NewestVersion}");
        }
    }

    /// <summary>
    /// Throws if a read saw a version that this activation does not know: what it would decide, refusals too, would rest on
    /// a session that has gone on without it. So too if it saw one from before what was committed: then an older copy of the database was put back.
    /// </summary>
    /// <param name="version">The version that the read saw.</param>
    /// <param name="known">The committed version as the read began; 0 if that is not known.</param>
    public void RequireNotOvertaken(long version, long known)
    {
        NoteVersion(version);
        if (version < known)
        {
            stepDown(PutBack);
            throw new SessionMovedException(address);
        }

        if (version > Engine.NewestVersion)
        {
            throw new SessionMovedException(address);
        }
    }

    /// <summary>
    /// Makes sure that nobody else has written, for an answer that says that nothing was done and rests on what this activation
    /// knows of the head. Must be called after the decision, and with no read between.
    /// </summary>
    public async Task RequireCurrentAsync()
    {
        var known = Engine.CommittedVersion;
        var version = (await Reads.ReadHeadAsync(address, CancellationToken.None))?.Head.Version ?? 0;
        while (version > Engine.CommittedVersion && Engine.NewestInFlight is { } sent)
        {
            // What was read is what this activation has sent, or what another one wrote first: then the commit fails.
            await SettleAsync(sent);
        }

        RequireNotOvertaken(version, known);
    }

    /// <summary>
    /// Has what the tenant has counted before a change is decided, if that was long ago and nobody is about to: it may be far from the truth
    /// by what other silos did. Nothing is waited for while the tenant has no quota, and a second at the most otherwise.
    /// </summary>
    public ValueTask RefreshUsageAsync() => state.State.Usage is { } usage ? usage.RefreshAsync() : default;

    /// <summary>Looks if the session could be made, if it is not there.</summary>
    /// <exception cref="QuotaExceededException">The tenant has all the sessions that it may have.</exception>
    public async Task RequireGrowthAsync()
    {
        await RefreshUsageAsync();
        try
        {
            Engine.RequireGrowth();
        }
        catch (QuotaExceededException)
        {
            // Another activation may have made it meanwhile.
            await RequireCurrentAsync();
            throw;
        }
    }

    /// <summary>The head row, of a version that this activation knows; null if there is none.</summary>
    public async Task<HeadRead?> ReadHeadAsync()
    {
        var known = Engine.CommittedVersion;
        var head = await Reads.ReadHeadAsync(address, CancellationToken.None);
        RequireNotOvertaken(head?.Head.Version ?? 0, known);
        return head;
    }

    /// <summary>A checkpoint to change: from the tail, if that holds it, else read; null if it is not there.</summary>
    public async Task<Versioned<StoredCheckpoint>?> FindRowAsync(CheckpointReference checkpoint)
    {
        if (Engine.FindInTail(checkpoint) is { } held)
        {
            return new Versioned<StoredCheckpoint>(Engine.Committed!.Head.Version, held);
        }

        return await ReadToChangeAsync(checkpoint, CheckpointParts.Summary) is { } read ? read.With(read.Value.Row) : null;
    }

    /// <summary>
    /// A checkpoint to delete, as <see cref="FindRowAsync"/> finds it, and who requires it, of the same instant; null for that if the tail
    /// holds the checkpoint, by which the engine knows.
    /// </summary>
    public async Task<(Versioned<StoredCheckpoint>? Target, Requirers? By)> FindToDeleteAsync(CheckpointReference checkpoint) =>
        Engine.FindInTail(checkpoint) is { } held
            ? (new Versioned<StoredCheckpoint>(Engine.Committed!.Head.Version, held), null)
            : await ReadToChangeAsync(checkpoint, CheckpointParts.Requirers) is { } read ? (read.With(read.Value.Row), read.Value.Requirers)
            : (null, null);

    /// <summary>A checkpoint to change, as <see cref="FindRowAsync"/> finds it.</summary>
    /// <exception cref="CheckpointNotFoundException">It is not there.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    public async Task<Versioned<StoredCheckpoint>> RequireRowAsync(CheckpointReference checkpoint) =>
        await FindRowAsync(checkpoint) ?? throw Missing(checkpoint);

    /// <summary>A checkpoint to change, read with these parts.</summary>
    /// <exception cref="CheckpointNotFoundException">It is not there.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    public async Task<Versioned<CheckpointRead>> RequireAsync(CheckpointReference checkpoint, CheckpointParts parts) =>
        await ReadToChangeAsync(checkpoint, parts) ?? throw Missing(checkpoint);

    /// <summary>A checkpoint, or else its nearest ancestor that is there, to decide a change on; null for none.</summary>
    public async Task<Versioned<CheckpointPointer?>> ReadNearestAsync(long sequence)
    {
        var known = Engine.CommittedVersion;
        var read = await Reads.ReadNearestAsync(address, sequence, CancellationToken.None);
        RequireNotOvertaken(read.Version, known);
        return read;
    }

    /// <summary>Says of a session in which a read found nothing if it is deleted.</summary>
    /// <exception cref="SessionDeletedException">It is.</exception>
    public async Task RequireNotDeletedAsync(CancellationToken cancellationToken)
    {
        var head = (await Reads.ReadHeadAsync(address, cancellationToken))?.Head;
        NoteVersion(head?.Version ?? 0);
        if (head?.DeletedAt is not null)
        {
            throw new SessionDeletedException(address);
        }
    }

    /// <summary>A checkpoint to show, which nothing is decided on; null if it is not there.</summary>
    public async Task<CheckpointRead?> ReadAsync(
        CheckpointReference checkpoint, CheckpointParts parts, CancellationToken cancellationToken) =>
        (await ReadVersionedAsync(checkpoint, parts, cancellationToken)).Value;

    /// <summary>The same, with the version that it was read at.</summary>
    public async Task<Versioned<CheckpointRead?>> ReadVersionedAsync(
        CheckpointReference checkpoint, CheckpointParts parts, CancellationToken cancellationToken)
    {
        var read = await Reads.ReadCheckpointAsync(address, checkpoint, parts, cancellationToken);
        NoteVersion(read.Version);
        return read;
    }

    /// <summary>
    /// Checkpoints as a read shows them, each with the nearest ancestor that is there. One read more for all whose parents may be gone; none
    /// in a session of which nothing ever went.
    /// </summary>
    /// <param name="checkpoints">The checkpoints, as they were read.</param>
    /// <param name="version">The version that they were read at.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async ValueTask<CheckpointSummary[]> ShowAsync(
        IReadOnlyList<CheckpointSummary> checkpoints, long version, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<long, long>? kept = null;
        if (!HasAll(version))
        {
            var (there, isOfNow) = (checkpoints.Select(c => c.Sequence).ToHashSet(), Engine.CommittedVersion >= version);
            long[] unknown =
            [
                .. checkpoints.Select(c => c.Parent ?? 0)
                    .Where(p => p > 0 && !there.Contains(p) && !(isOfNow && Engine.FindInTail(p) is not null)).Distinct(),
            ];
            if (unknown.Length > 0)
            {
                var read = await Reads.ReadKeptAsync(address, unknown, cancellationToken);
                NoteVersion(read.Version);
                kept = read.Value;
            }
        }

        // A session that is deleted by now has none of them.
        return [.. checkpoints.Select(c => c with { KeptParent = c.Parent is { } parent ? kept?.GetValueOrDefault(parent, parent) ?? parent : 0 })];
    }

    /// <summary>The same of one.</summary>
    public async ValueTask<CheckpointSummary> ShowAsync(CheckpointSummary checkpoint, long version, CancellationToken cancellationToken) =>
        checkpoint.Parent is null || HasAll(version)
            ? checkpoint with { KeptParent = checkpoint.Parent ?? 0 }
            : (await ShowAsync([checkpoint], version, cancellationToken))[0];

    /// <summary>True if nothing that was ever created had gone in a version.</summary>
    private bool HasAll(long version) =>
        Engine.Committed is { Head: var head } && head.Version >= version && head.Count == head.LastSequence;

    public CheckpointNotFoundException NotFound(CheckpointReference checkpoint) => new(address, checkpoint.ToString());

    /// <summary>The newest checkpoint of a branch below a sequence, to decide a change on; null for none.</summary>
    /// <param name="branch">The branch; null for main.</param>
    /// <param name="sequence">The sequence.</param>
    public async Task<Versioned<CheckpointPointer?>> ReadBelowAsync(string? branch, long sequence)
    {
        // If main is all there is, no other one is looked over.
        var wanted = branch ?? (Engine.HasBranches ? BranchNames.Main : null);
        for (var before = sequence; ;)
        {
            var known = Engine.CommittedVersion;
            var read = await Reads.ListAsync(
                address, new ListFilter { Branch = wanted, Before = before, Limit = 1 }, CancellationToken.None);
            RequireNotOvertaken(read.Version, known);
            if (read.Value is [var found])
            {
                return read.With<CheckpointPointer?>(new(found.Sequence, found.Id));
            }

            if (read.Value.GoesOnAfter is not { } lookedTo)
            {
                return read.With<CheckpointPointer?>(null);
            }

            // What lies between is of other branches, and no checkpoint changes its branch.
            before = lookedTo;
        }
    }

    private async Task<Versioned<CheckpointRead>?> ReadToChangeAsync(CheckpointReference checkpoint, CheckpointParts parts)
    {
        var known = Engine.CommittedVersion;
        var read = await Reads.ReadCheckpointAsync(address, checkpoint, parts, CancellationToken.None);
        RequireNotOvertaken(read.Version, known);
        return read.Value is { } found ? read.With(found) : null;
    }

    private ForgeException Missing(CheckpointReference checkpoint) =>
        Engine.Committed?.Head.DeletedAt is not null ? new SessionDeletedException(address) : NotFound(checkpoint);

    private UnavailableException NotLoaded()
    {
        stepDown("its state could not be read");
        return new UnavailableException(
            $"Session {address} cannot be read; nothing was changed.", state.State.LoadFailure);
    }
}
