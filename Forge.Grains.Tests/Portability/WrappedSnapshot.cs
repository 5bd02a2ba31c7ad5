using System.Runtime.CompilerServices;
using Forge.Errors;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.Portability;

/// <summary>A snapshot whose rows are counted and changed on their way.</summary>
internal sealed class WrappedSnapshot(IHistorySnapshot inner, Func<StoredCheckpoint, StoredCheckpoint> change) : IHistorySnapshot
{
    private int _rows;

    public IHistorySnapshot Inner { get; set; } = inner;

    public int Rows => _rows;

    public TimeSpan Pause { get; init; }

    public HeadRead Head => Inner.Head;

    public IAsyncEnumerable<StoredCheckpoint> ReadAsync(CancellationToken cancellationToken) =>
        ChangeAsync(Inner.ReadAsync(cancellationToken), cancellationToken);

    public IAsyncEnumerable<StoredCheckpoint> ReadSoundAsync(
        Action<StateCorruptedException> passOver, CancellationToken cancellationToken) =>
        ChangeAsync(Inner.ReadSoundAsync(passOver, cancellationToken), cancellationToken);

    private async IAsyncEnumerable<StoredCheckpoint> ChangeAsync(
        IAsyncEnumerable<StoredCheckpoint> rows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in rows)
        {
            if (_rows > 0 && Pause > TimeSpan.Zero)
            {
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }

            Interlocked.Increment(ref _rows);
            yield return change(row);
        }
    }

    public ValueTask DisposeAsync() => Inner.DisposeAsync();
}
