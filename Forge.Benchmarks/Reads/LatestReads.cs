using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using Forge.Client;

namespace Forge.Benchmarks.Reads;

/// <summary>Callers that read the newest checkpoint of a session each, with its state, by the client library.</summary>
internal sealed class LatestReads(string name, ForgeAccess access, int callers, StatePool states) : Side(name)
{
    private readonly SessionHandle[] _sessions = [.. Enumerable.Range(0, callers).Select(i => access.Client.Session($"{name}-{i}"))];

    public override Task PrepareAsync() =>
        Task.WhenAll(_sessions.Select((session, i) => session.CheckpointAsync(states.State(i), StatePool.Message(i))));

    public override Task<double> RunAsync(TimeSpan duration) => Callers.RateAsync(callers, duration, async caller =>
    {
        if (await _sessions[caller].GetAsync() is not { Summary.Message: var message, State: var state }
            || message != StatePool.Message(caller) || !states.Matches(message, state.Span))
        {
            throw new ValidationException(Name, $"session {caller} is not what was saved");
        }

        return 1;
    });
}
