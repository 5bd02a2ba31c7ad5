using Forge.Errors;
using Forge.Schedules;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionGrain
{
    /// <inheritdoc/>
    public Task ObserveAsync(IAgentObserver observer, CancellationToken cancellationToken)
    {
        if (observer is null)
        {
            throw new InvalidRequestException("observer", "must be given");
        }

        _session.Observers.Add(observer);
        return SessionReminder.TellAsync(_session, observer);
    }

    /// <inheritdoc/>
    public Task EndObservationAsync(IAgentObserver observer)
    {
        _session.Observers.Remove(observer);
        return Task.CompletedTask;
    }
}
