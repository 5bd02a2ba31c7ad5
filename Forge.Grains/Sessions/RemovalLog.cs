namespace Forge.Grains.Sessions;

/// <summary>
/// Which checkpoints went lately and in which version, so that a command that read a checkpoint a moment ago learns
/// whether it is still there, without another read. Bounded: what it forgets makes the caller read again.
/// </summary>
internal sealed class RemovalLog
{
    private const int Capacity = 1024;

    private readonly Dictionary<long, long> _removed = [];
    private long _horizon;

    /// <summary>True if the log can't rule out that the checkpoint went after a read that saw <paramref name="version"/>.</summary>
    public bool MayHaveGoneSince(long sequence, long version) =>
        version < _horizon || (_removed.TryGetValue(sequence, out var removed) && removed > version);

    /// <summary>Notes that a checkpoint went in a version.</summary>
    public void Add(long sequence, long version)
    {
        if (_removed.Count >= Capacity)
        {
            AddMany(version);
        }

        _removed[sequence] = version;
    }

    /// <summary>Notes that any number of checkpoints went in a version.</summary>
    public void AddMany(long version)
    {
        _horizon = Math.Max(_horizon, version);
        _removed.Clear();
    }
}
