using Forge.Checkpoints;
using Forge.Errors;
using Forge.Schedules;

namespace Forge.Grains.Observers;

/// <summary>
/// Who is to be told when a state of a session is due, as one activation knows it. Each stands for a minute from when it was asked for
/// last; those who are still there ask again in time, in whatever activation the session has then. Used by one thread at a time.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class SessionObservers(TimeProvider time)
{
    /// <summary>How many there may be.</summary>
    public const int Most = 100;

    /// <summary>How long one stands.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    /// <summary>How long one may take to say that it was told: one that is dead holds up nobody for longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Dictionary<IAgentObserver, Standing> _all = [];

    /// <summary>Adds one, or lets it stand for longer.</summary>
    /// <exception cref="OverLimitException">There are as many as there may be.</exception>
    public void Add(IAgentObserver observer)
    {
        if (!_all.TryGetValue(observer, out var standing))
        {
            RemoveOld();
            if (_all.Count >= Most)
            {
                throw new OverLimitException("observers", Most, _all.Count + 1, "observers");
            }

            _all.Add(observer, standing = new Standing());
        }

        standing.From = time.GetTimestamp();
    }

    /// <summary>Removes one; nothing if it is not there.</summary>
    public void Remove(IAgentObserver observer) => _all.Remove(observer);

    /// <summary>True if one was told of a state that is due, or may have been.</summary>
    public bool WasTold(IAgentObserver observer, StateDue due) => _all.GetValueOrDefault(observer)?.Told?.IsOf(due) is true;

    /// <summary>Tells all who stand, beside one another, and says how many took it. Who did not stands no more until it asks again.</summary>
    public async Task<int> TellAsync(StateDue due)
    {
        RemoveOld();
        var took = await Task.WhenAll(_all.Keys.ToList().Select(observer => TellAsync(observer, due)));
        return took.Count(one => one);
    }

    /// <summary>Tells one; true if it took it.</summary>
    public async Task<bool> TellAsync(IAgentObserver observer, StateDue due)
    {
        try
        {
            if (_all.TryGetValue(observer, out var standing))
            {
                // First, so that two who tell at once do not do so twice.
                standing.Told = new(due.Trigger, due.Since);
            }

            await observer.StateDueAsync(due).WaitAsync(Patience, time);
            return true;
        }
        catch (Exception)
        {
            // It is gone, or as good as that. If it is not, it asks again, and is told then.
            _all.Remove(observer);
            return false;
        }
    }

    private void RemoveOld()
    {
        foreach (var (observer, standing) in _all.ToList())
        {
            if (time.GetElapsedTime(standing.From) > Lease)
            {
                _all.Remove(observer);
            }
        }
    }

    private sealed class Standing
    {
        public long From { get; set; }

        public ToldState? Told { get; set; }
    }

    /// <summary>One due state, as far as it differs from others.</summary>
    private sealed record ToldState(CheckpointTrigger Trigger, DateTimeOffset Since)
    {
        public bool IsOf(StateDue due) => (due.Trigger, due.Since) == (Trigger, Since);
    }
}
