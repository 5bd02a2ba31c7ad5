namespace Forge.Schedules;

/// <summary>
/// Is told by a session that a state of it is due. The client library's handle makes one (<c>ObserveAsync</c>) and keeps it subscribed.
/// </summary>
[Alias("forge.agent-observer")]
public interface IAgentObserver : IGrainObserver
{
    /// <summary>
    /// A state is due. Return at once, and save elsewhere: what has not returned within two seconds counts as not told. It may be told more
    /// than once of one due state.
    /// </summary>
    [Alias("state-due")]
    Task StateDueAsync(StateDue due);
}
