using Forge.Errors;
using Forge.Schedules;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    /// <summary>
    /// Observes the session: what is given is called when a state of it is due by its schedule
    /// (<see cref="Sessions.SessionSettings.Schedule"/>). Any checkpoint of the session that is created then answers it; one that does not come
    /// in time is recorded as missed. It goes on by itself when the session moves or a silo is lost, within 20 s.
    /// </summary>
    /// <remarks>
    /// It is called for one due state at a time, once for each; a state that came due while the last one was still being dealt with comes
    /// next, and those between are passed over. The session counts an observer as told when the state reached this process.
    /// </remarks>
    /// <param name="onDue">Saves the state, or does not. Its token is cancelled when the observation is disposed of.</param>
    /// <param name="failed">Is told of what <paramref name="onDue"/> raised, and of renewals that failed and are tried again; null for nobody.
    /// Must be quick and must not throw.</param>
    /// <param name="cancellationToken">Gives up beginning it.</param>
    /// <returns>What ends the observation when it is disposed of, once a call that is being made has ended.</returns>
    /// <exception cref="OverLimitException">The session has 100 other observers.</exception>
    /// <exception cref="UnavailableException">No attempt was answered.</exception>
    public async Task<IAsyncDisposable> ObserveAsync(
        Func<StateDue, CancellationToken, Task> onDue, Action<Exception>? failed = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(onDue);
        var states = await DueStates.BeginAsync(
            _grains,
            (observer, token) => _retrier.RunAsync(
                Reading,
                async (_, attempt) =>
                {
                    await Grain.ObserveAsync(observer, attempt);
                    return true;
                },
                token),
            observer => Grain.EndObservationAsync(observer),
            failed,
            _time,
            cancellationToken);
        return new StateObservation(states, onDue, failed);
    }
}
