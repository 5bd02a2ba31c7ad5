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

    public ForkLink? Origin => Inner.Origin;

    public bool Require => Inner.Require;

    public IAsyncEnumerable<AnnotatedCheckpoint> ReadAsync(CancellationToken cancellationToken) =>
        ChangeAsync(Inner.ReadAsync(cancellationToken), cancellationToken);

    public IAsyncEnumerable<AnnotatedCheckpoint> ReadSoundAsync(
        Action<StateCorruptedException> passOver, CancellationToken cancellationToken) =>
        ChangeAsync(Inner.ReadSoundAsync(passOver, cancellationToken), cancellationToken);

    public IAsyncEnumerable<StoredWriteRow> WritesAsync(CancellationToken cancellationToken) => Inner.WritesAsync(cancellationToken);
    public IAsyncEnumerable<StoredEffect> ReadEffectsAsync(CancellationToken cancellationToken) => Inner.ReadEffectsAsync(cancellationToken);

    private async IAsyncEnumerable<AnnotatedCheckpoint> ChangeAsync(
        IAsyncEnumerable<AnnotatedCheckpoint> checkpoints, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var checkpoint in checkpoints)
        {
            if (_rows > 0 && Pause > TimeSpan.Zero)
            {
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }

            Interlocked.Increment(ref _rows);
            yield return checkpoint with { Row = change(checkpoint.Row) };
        }
    }

    public ValueTask DisposeAsync() => Inner.DisposeAsync();
}
