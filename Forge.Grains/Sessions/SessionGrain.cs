using Forge.Identity;
using Forge.Operations;
using Forge.Sessions;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;

namespace Forge.Grains.Sessions;

/// <summary>
/// The grain of a session: hands each operation to its handler, which reads what the engine needs, lets it decide in one
/// turn, and answers once the decision is committed. Reentrant, so that calls that arrive during a commit are numbered and
/// share the next one.
/// </summary>
// Its state is pending work as well as data, and does not travel; a session that moves is read from the database again.
[Immovable]
[Reentrant]
internal sealed partial class SessionGrain : Grain, ISessionGrain
{
    private readonly IPersistentState<SessionState> _state;
    private readonly SessionServices _services;
    private readonly ILogger<SessionGrain> _logger;
    private readonly LiveSession _session;
    private readonly SessionAddress _address;

    public SessionGrain(
        [PersistentState("session", HistoryGrainStorage.Name)] IPersistentState<SessionState> state,
        SessionServices services,
        ILogger<SessionGrain> logger)
    {
        (_state, _services, _logger) = (state, services, logger);
        _address = SessionAddress.ParseGrainKey(this.GetPrimaryKeyString());
        _session = new LiveSession(_address, state, services, StepDown, logger);
    }

    /// <inheritdoc/>
    public Task<TResult> RunAsync<TResult>(Operation<TResult> operation, CancellationToken cancellationToken) =>
        _services.Instruments.IsListened && operation is IOperation { Name: var name }
            ? MeasureAsync(name, operation, cancellationToken)
            : RunAnchoredAsync(operation, cancellationToken);

    private Task<TResult> MeasureAsync<TResult>(string name, Operation<TResult> operation, CancellationToken cancellationToken) =>
        _services.Instruments.RunAsync(name, _address, () => RunAnchoredAsync(operation, cancellationToken));

    /// <summary>
    /// Ends this activation after the calls it has: the database has gone on without it, and the next one starts from there.
    /// </summary>
    private void StepDown(string reason)
    {
        LogStepDown(_address, reason);

        // An activation ends after the calls that it has, and those who watch would wait for what never comes here.
        EndFeed();
        DeactivateOnIdle();
        _services.Instruments.NoteStepDown();
    }

    [LoggerMessage(LogLevel.Information, "Session {Session} steps down: {Reason}")]
    private partial void LogStepDown(SessionAddress session, string reason);
}
