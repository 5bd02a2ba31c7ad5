using System.Security.Cryptography;
using System.Text.Json;

namespace Forge.Benchmarks.Stress;

/// <summary>
/// The design that keeps a session in the memory of one process: a dictionary behind a mutex, JSON and SHA-256 for each
/// create, and a list that is copied under the lock. Nothing of it survives the process.
/// </summary>
internal sealed class LockedSession
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Item> _byId = [];
    private readonly List<Item> _order = [];
    private long _last;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _order.Count;
            }
        }
    }

    public Guid Create<T>(string message, T state)
    {
        lock (_lock)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(state);
            var now = TimeProvider.System.GetUtcNow();
            var item = new Item(Guid.CreateVersion7(now), ++_last, now, message, bytes, Convert.ToHexStringLower(SHA256.HashData(bytes)));
            _byId.Add(item.Id, item);
            _order.Add(item);
            return item.Id;
        }
    }

    public IReadOnlyList<Item> List()
    {
        lock (_lock)
        {
            return [.. _order.Select(item => item with { })];
        }
    }

    public T? Get<T>(Guid id)
    {
        lock (_lock)
        {
            return _byId.TryGetValue(id, out var item) ? JsonSerializer.Deserialize<T>(item.State) : default;
        }
    }

    public bool Delete(Guid id)
    {
        lock (_lock)
        {
            return _byId.Remove(id, out var item) && _order.Remove(item);
        }
    }

    /// <summary>A checkpoint in memory.</summary>
    internal sealed record Item(Guid Id, long Sequence, DateTimeOffset CreatedAt, string Message, byte[] State, string Checksum);
}
