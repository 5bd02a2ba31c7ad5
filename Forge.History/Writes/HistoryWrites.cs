using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Encryption;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Writes;

/// <summary>Reads of pending writes, over either database.</summary>
internal sealed class HistoryWrites(ISqlDatabase database, Seals seals) : IPendingWrites
{
    private readonly HeadRows _heads = new(database.Dialect);

    private readonly ImportTimes.Reader _imports = new(database.Dialect);

    private readonly WriteRows _rows = new(database.Dialect);

    public Task<Versioned<WriteIndex>> ReadIndexAsync(SessionAddress address, CancellationToken cancellationToken) => database.ReadAsync(
        async t => await _heads.ReadAsync(t, address) is { } head
            ? new Versioned<WriteIndex>(
                head.Version, head.DeletedAt is null ? await _rows.IndexAsync(t, head.Key) : WriteIndex.Empty)
            : new Versioned<WriteIndex>(0, WriteIndex.Empty),
        cancellationToken);

    public Task<bool> WasImportedAsync(SessionAddress address, long position, CancellationToken cancellationToken) => database.ReadAsync(
        async t => await _heads.ReadAsync(t, address) is { } head
            && (await _imports.ReadAsync(t, head.Key, position, limit: 1)).Brought(position),
        cancellationToken);

    public async Task<Versioned<WriteList?>> ListAsync(
        SessionAddress address, CheckpointReference checkpoint, WriteKey? after, int limit, long bytes, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(address, checkpoint, after, limit, bytes, cancellationToken);
        if (read.Value is not { } list || !list.Rows.Any(SealedMarks.IsSealed))
        {
            return read;
        }

        var opened = new List<StoredWrite>(list.Rows.Count);
        foreach (var write in list.Rows)
        {
            var row = await seals.OpenAsync(
                address, new StoredWriteRow(new(write.Sequence, write.Task, write.Index), WritePlace.Visible, write), cancellationToken);
            opened.Add(row.Row ?? throw Damaged(address, list.Checkpoint, row));
        }

        return read.With<WriteList?>(list with { Rows = opened });
    }

    private Task<Versioned<WriteList?>> ReadAsync(
        SessionAddress address, CheckpointReference checkpoint, WriteKey? after, int limit, long bytes, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async t =>
            {
                if (await _heads.ReadAsync(t, address) is not { } head)
                {
                    return new Versioned<WriteList?>(0, null);
                }

                if (head.DeletedAt is not null || await _rows.FindAsync(t, head, checkpoint) is not { } pointer)
                {
                    return new Versioned<WriteList?>(head.Version, null);
                }

                var (rows, hasMore) = await _rows.OfAsync(t, head.Key, pointer.Sequence, after, limit, bytes);
                return rows.Find(row => row.Row is null) is { } damaged
                    ? throw Damaged(address, pointer, damaged)
                    : new Versioned<WriteList?>(head.Version, new WriteList(pointer, rows.ConvertAll(row => row.Row!), hasMore));
            },
            cancellationToken);

    private static StateCorruptedException Damaged(SessionAddress address, CheckpointPointer checkpoint, StoredWriteRow row) => new(
        address, checkpoint.Sequence, checkpoint.Id,
        $"pending write {row.Position.Index} of task {row.Position.Task}: its row cannot be read: {row.Problem}");
}
