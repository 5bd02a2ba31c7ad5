using Forge.Grains.Streams;
using Forge.Grains.Usage;
using Forge.History.Deltas;

namespace Forge.Grains.Sessions;

/// <summary>
/// What Orleans holds as a session grain's state: the engine, with the committed head and the records that are not
/// committed yet. The history's grain storage loads it, and writes what the engine has pending.
/// </summary>
internal sealed class SessionState
{
    /// <summary>
    /// The engine; set by the first read of the state, which Orleans makes before the grain is used. Null if that failed.
    /// </summary>
    public SessionEngine? Engine { get; set; }

    /// <summary>What the silo knows of what the tenant has; null if nothing bounds that.</summary>
    public UsageMeter? Usage { get; set; }

    /// <summary>What the silo keeps of its states to take the next differences from.</summary>
    public KnownStates.Owner KnownStates { get; } = new();

    /// <summary>What is kept for those who watch the session; null if nobody does.</summary>
    public SessionFeed? Feed { get; set; }

    /// <summary>Why there is no engine.</summary>
    public Exception? LoadFailure { get; set; }
}
