namespace Forge.Grains.Sessions;

/// <summary>
/// Which checkpoints or effects went lately, or were changed in some way, and in which version: a command that read one a moment ago
/// learns whether that still holds, without another read. Bounded: what it forgets makes the caller read again.
/// </summary>
internal class RecentChanges<TKey>
    where TKey : notnull
{
    private const int Capacity = 1024;

    private readonly Dictionary<TKey, long> _changed = [];
    private long _horizon;

    /// <summary>The newest version that was noted; 0 for none.</summary>
    public long Newest { get; private set; }

    /// <summary>True if it can't be ruled out that it changed after a read that saw <paramref name="version"/>.</summary>
    public bool MayBeSince(TKey key, long version) =>
        version < _horizon || (_changed.TryGetValue(key, out var changed) && changed > version);

    /// <summary>Notes that one changed in a version.</summary>
    public void Add(TKey key, long version)
    {
        if (_changed.Count >= Capacity)
        {
            AddMany(version);
        }

        _changed[key] = version;
        Newest = Math.Max(Newest, version);
    }

    /// <summary>Notes that any number of them changed in a version.</summary>
    public void AddMany(long version)
    {
        _horizon = Math.Max(_horizon, version);
        Newest = Math.Max(Newest, version);
        _changed.Clear();
    }
}

/// <summary>The same of checkpoints, by their sequences.</summary>
internal sealed class RecentChanges : RecentChanges<long>;
