namespace Forge.History.PostgreSql;

/// <summary>
/// The server processes that were given a batch and did not answer. Of batches that nobody asks about any more only so
/// many are kept: whoever finds out asks again and again, and few do so at once.
/// </summary>
internal sealed class BatchesInDoubt
{
    /// <summary>Far more than there are batches in flight, so that one that is still asked about never goes.</summary>
    public const int Capacity = 1024;

    private readonly Lock _gate = new();
    private readonly OrderedDictionary<Guid, int> _processes = [];

    public void Add(Guid batch, int process)
    {
        lock (_gate)
        {
            _processes.Remove(batch);
            _processes.Add(batch, process);
            if (_processes.Count > Capacity)
            {
                _processes.RemoveAt(0);
            }
        }
    }

    /// <summary>The process of a batch, which counts as asked about now.</summary>
    public bool TryFind(Guid batch, out int process)
    {
        lock (_gate)
        {
            if (!_processes.Remove(batch, out process))
            {
                return false;
            }

            _processes.Add(batch, process);
            return true;
        }
    }

    public void Remove(Guid batch)
    {
        lock (_gate)
        {
            _processes.Remove(batch);
        }
    }
}
