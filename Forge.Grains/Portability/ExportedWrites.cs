using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Portability;

/// <summary>The pending writes of an export, brought in behind the checkpoints that they are of. Nothing is read if there are none.</summary>
/// <param name="address">The session.</param>
/// <param name="snapshot">The session at one instant.</param>
/// <param name="sound">What to leave out; null for an export that ends with what is damaged.</param>
/// <param name="expected">How many the document says that there are.</param>
/// <param name="cancellationToken">Ends it.</param>
internal sealed class ExportedWrites(
    SessionAddress address, IHistorySnapshot snapshot, SoundExport? sound, long expected, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    private IAsyncEnumerator<StoredWriteRow>? _rows;
    private StoredWriteRow? _next;
    private long _written;

    /// <summary>The next one of a checkpoint; null if it has no more.</summary>
    /// <exception cref="StateCorruptedException">It is not what was written.</exception>
    public async ValueTask<DocumentWrite?> NextOfAsync(StoredCheckpoint checkpoint)
    {
        if (expected == 0)
        {
            return null;
        }

        if (_rows is null)
        {
            _rows = snapshot.WritesAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            await MoveAsync();
        }

        // Those of a checkpoint that was left out are left out too.
        while (_next is { } write && write.Position.Sequence <= checkpoint.Sequence)
        {
            await MoveAsync();
            if (write.Position.Sequence == checkpoint.Sequence && sound?.Holds(address, write) is not false)
            {
                _written++;
                return DocumentRows.WriteOf(address, checkpoint.Id, write);
            }
        }

        return null;
    }

    /// <exception cref="StateCorruptedException">There are more or fewer than the head row counts, so that the document is not whole.</exception>
    public void RequireAll()
    {
        if (_written != expected)
        {
            throw new StateCorruptedException(
                address, 0, default, $"the head row counts {expected} pending writes, and there are {_written}");
        }
    }

    public ValueTask DisposeAsync() => _rows?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async ValueTask MoveAsync() => _next = await _rows!.MoveNextAsync() ? _rows.Current : null;
}
