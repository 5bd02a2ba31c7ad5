namespace Forge.Grains.Sessions;

/// <summary>
/// Which checkpoints went lately, or were changed in some way, and in which version: a command that read a checkpoint a moment ago
/// learns whether that still holds, without another read. Bounded: what it forgets makes the caller read again.
/// </summary>
internal sealed class RecentChanges
{
    private const int Capacity = 1024;

    private readonly Dictionary<long, long> _changed = [];
    private long _horizon;

    /// <summary>The newest version that was noted; 0 for none.</summary>
    public long Newest { get; private set; }

    /// <summary>True if it can't be ruled out that the checkpoint changed after a read that saw <paramref name="version"/>.</summary>
    public bool MayBeSince(long sequence, long version) =>
        version < _horizon || (_changed.TryGetValue(sequence, out var changed) && changed > version);

    /// <summary>Notes that a checkpoint changed in a version.</summary>
    public void Add(long sequence, long version)
    {
        if (_changed.Count >= Capacity)
        {
            AddMany(version);
        }

        _changed[sequence] = version;
        Newest = Math.Max(Newest, version);
    }

    /// <summary>Notes that any number of checkpoints changed in a version.</summary>
    public void AddMany(long version)
    {
        _horizon = Math.Max(_horizon, version);
        Newest = Math.Max(Newest, version);
        _changed.Clear();
    }
}
