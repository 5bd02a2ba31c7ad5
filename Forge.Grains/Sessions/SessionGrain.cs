using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Stores;
using Forge.History.Writing;
using Forge.Identity;
using Forge.Sessions;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Storage;

namespace Forge.Grains.Sessions;

/// <summary>
/// The grain of a session: reads what the engine needs, lets it decide in one turn, and answers once the decision is
/// committed. Reentrant, so that calls that arrive during a commit are numbered and share the next one.
/// </summary>
// Its state is pending work as well as data, and does not travel; a session that moves is read from the database again.
[Immovable]
[Reentrant]
internal sealed partial class SessionGrain : Grain, ISessionGrain, ISessionUpkeep
{
    /// <summary>How often a command is decided again because what it rests on changed, before it is refused.</summary>
    private const int MaxRounds = 100;

    private const int MaxDuplicates = 5;

    /// <summary>What a change that carries no state counts in the writer's bounds, in bytes.</summary>
    private const int ChangeWeight = 1024;

    private readonly IPersistentState<SessionState> _state;
    private readonly SessionServices _services;
    private readonly ILogger<SessionGrain> _logger;
    private readonly StructuralGate _gate = new();
    private readonly SessionLoad _load = new();
    private readonly SessionAddress _address;

    public SessionGrain(
        [PersistentState("session", HistoryGrainStorage.Name)] IPersistentState<SessionState> state,
        SessionServices services,
        ILogger<SessionGrain> logger)
    {
        (_state, _services, _logger) = (state, services, logger);
        _address = SessionAddress.ParseGrainKey(this.GetPrimaryKeyString());
    }

    private SessionEngine Engine => _state.State.Engine ?? throw NotLoaded();

    private ISessionReads Store => _services.Reads;

    private DateTimeOffset Now => _services.Time.GetUtcNow();

    /// <summary>Waits until a change is settled, asking for writes until one has taken it.</summary>
    private async Task SettleAsync(PendingChange change)
    {
        while (!change.IsSettled)
        {
            try
            {
                await _state.WriteStateAsync();
            }
            catch (InconsistentStateException) when (change.IsSettled)
            {
                // The engine has settled the change as a conflict, and Require says so to the caller.
            }
        }
    }

    /// <summary>Throws where a settled change was not committed; false where it was a duplicate and must be looked up.</summary>
    private bool RequireCommitted(PendingChange change)
    {
        var (status, cause) = change.Outcome;
        switch (status)
        {
            case CommitStatus.Committed:
                return true;
            case CommitStatus.Duplicate:
                return false;
            case CommitStatus.Conflict:
                StepDown("another activation wrote first");
                throw new SessionMovedException(_address, cause);
            case CommitStatus.Unknown:
                StepDown("the outcome of a commit is not known");
                throw new OutcomeUnknownException(_address, cause);
            case CommitStatus.Locked:
                throw new BusyException("session", "is locked in the database by somebody else", cause);
            case CommitStatus.Refused:
                throw new UnavailableException($"The database refused a change of session {_address}; nothing was changed.", cause);
            default:
                throw cause as ForgeException
                    ?? new UnavailableException("The database cannot be reached; nothing was changed.", cause);
        }
    }

    /// <summary>Carries out one change of what is there, beside others of its kind.</summary>
    private async Task<T> ChangeAsync<T>(
        ChangeRequest request, string kind, string arguments, Func<RequestMemory, Task<T?>> recall, Func<RequestMemory, Task<Step<T>>> decide)
        where T : class
    {
        // Before the gate, so that what waits there is bounded as well.
        using var admission = _services.Budget.Enter(_load, 1, ChangeWeight);
        using var pass = await _gate.EnterSharedAsync();
        return await DecideAsync(request, kind, arguments, recall, decide);
    }

    /// <summary>
    /// Decides a change again and again until it is accepted and committed, or refused: what was tried before is only ever
    /// tried again where it is known to have changed nothing.
    /// </summary>
    /// <param name="request">The request id; its repeat is recognised before anything else is looked at.</param>
    /// <param name="kind">The operation.</param>
    /// <param name="arguments">What a repeat must have the same.</param>
    /// <param name="recall">The answer to a repeat, from what was remembered.</param>
    /// <param name="decide">Reads and decides, and says what to answer once it is committed.</param>
    private async Task<T> DecideAsync<T>(
        ChangeRequest request, string kind, string arguments, Func<RequestMemory, Task<T?>> recall, Func<RequestMemory, Task<Step<T>>> decide)
        where T : class
    {
        var memory = new RequestMemory(_address, request.Id, kind, arguments);
        var lookUp = memory.IsWanted && !request.FirstAttempt;
        var duplicates = 0;
        for (var round = 0; round < MaxRounds; round++)
        {
            if (memory.IsWanted && Engine.FindPending(request.Id) is { } same)
            {
                await SettleAsync(same);
                lookUp = true;
                continue;
            }

            if (lookUp && await memory.RecallAsync(Store) && await recall(memory) is { } answer)
            {
                return answer;
            }

            var step = await decide(memory);
            switch (step.Decision.Verdict)
            {
                case Verdict.Accepted:
                    await SettleAsync(step.Decision.Change!);
                    if (RequireCommitted(step.Decision.Change!))
                    {
                        return step.Answer!();
                    }

                    lookUp = memory.IsWanted;
                    RequireFewer(ref duplicates);
                    break;
                case Verdict.NotTaken:
                    // The answer may rest on what is pending, and is good only if that is committed.
                    if (step.Decision.Change is { } pending)
                    {
                        await SettleAsync(pending);
                        if (pending.Outcome.Status != CommitStatus.Committed)
                        {
                            break;
                        }
                    }

                    return step.Answer!();
                case Verdict.Wait:
                    await SettleAsync(step.Decision.Change!);
                    break;
                case Verdict.NeedTail:
                    await FillTailAsync();
                    break;
            }
        }

        throw new BusyException("session", "keeps changing what the call rests on");
    }

    /// <summary>
    /// A commit can be a duplicate for a neighbour's sake, so one is tried again; but each try fails the neighbours too.
    /// </summary>
    private static void RequireFewer(ref int duplicates)
    {
        if (++duplicates == MaxDuplicates)
        {
            throw new BusyException("session", "has repeats of other requests in every commit");
        }
    }

    /// <summary>
    /// Throws where a read saw a version that this activation does not know: what it would decide, refusals too, would rest
    /// on a session that has gone on without it.
    /// </summary>
    private void RequireNotOvertaken(long version)
    {
        NoteVersion(version);
        if (version > Engine.NewestVersion)
        {
            throw new SessionMovedException(_address);
        }
    }

    private async Task FillTailAsync()
    {
        var newest = await Store.ListAsync(
            _address, new ListFilter { Limit = SessionTail.Capacity }, CancellationToken.None);
        RequireNotOvertaken(newest.Version);
        if (Engine.FillTail(newest.Value, newest.Version) is { } pending)
        {
            await SettleAsync(pending);
        }
    }

    private UnavailableException NotLoaded()
    {
        StepDown("its state could not be read");
        return new UnavailableException(
            $"Session {_address} cannot be read; nothing was changed.", _state.State.LoadFailure);
    }

    /// <summary>
    /// Ends this activation after the calls it has: the database has gone on without it, and the next one starts from there.
    /// </summary>
    private void StepDown(string reason)
    {
        LogStepDown(_address, reason);
        DeactivateOnIdle();
    }

    [LoggerMessage(LogLevel.Information, "Session {Session} steps down: {Reason}")]
    private partial void LogStepDown(SessionAddress session, string reason);

    /// <summary>One round of deciding a change: the decision, and the answer once it is committed.</summary>
    private readonly record struct Step<T>(Decision Decision, Func<T>? Answer = null);
}
