using System.Runtime.CompilerServices;
using Forge.History.Deltas;
using Forge.History.Encryption;
using Forge.History.Rows;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Forks;

/// <summary>The statements that a fork source reads by.</summary>
internal sealed class ForkStatements(SqlDialect dialect)
{
    public ForkPoints Points { get; } = new(dialect);

    public CheckpointPages Pages { get; } = new(dialect);

    public PathWalk Walk { get; } = new(dialect);

    public ForkRows Rows { get; } = new(dialect);

    public PathRows Paths { get; } = new(dialect);
}

/// <summary>A session that is forked, in an open snapshot.</summary>
internal sealed class ForkSource(
    ForkStatements statements, Seals seals, SessionAddress origin, ISqlSnapshot snapshot, ForkPoint point, RemovedSequences removed) : IForkSource
{
    private AncestorPath? _path;

    public ForkPoint Point => point;

    private long Key => point.Head.Key;

    public async Task<PathSize> MeasureAsync(CancellationToken cancellationToken) => (await PathAsync(cancellationToken)).Size;

    public async IAsyncEnumerable<AnnotatedCheckpoint> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = await PathAsync(cancellationToken);
        var (encoder, decoder) = (new PathEncoder(path), new SnapshotDecoder(origin));
        foreach (var sequences in path.Rising().Chunk(ForkRows.PageRows))
        {
            for (var at = 0; at < sequences.Length;)
            {
                var rest = sequences.AsMemory(at);
                var page = await snapshot.ReadAsync(t => statements.Rows.ReadAsync(t, Key, rest), cancellationToken);
                at += page.Count;
                foreach (var (row, annotations) in await OpenAsync(page, cancellationToken))
                {
                    yield return new(
                        encoder.StandsOnAnother(row)
                            ? encoder.Anew(await DecodeAsync(decoder, row, cancellationToken))
                            : encoder.AsStored(row),
                        annotations);
                }
            }
        }
    }

    public ValueTask DisposeAsync() => snapshot.DisposeAsync();

    /// <summary>Rows that are opened if they are sealed: what is bound to the one session is nothing to the other.</summary>
    private async ValueTask<IReadOnlyList<AnnotatedCheckpoint>> OpenAsync(
        IReadOnlyList<AnnotatedCheckpoint> page, CancellationToken cancellationToken) =>
        page.Any(read => SealedMarks.IsSealed(read.Row) || SealedMarks.AnySealed(read.Annotations))
            ? await seals.OpenAsync(
                origin,
                IReadOnlyList<AnnotatedCheckpoint> (seal) =>
                    [.. page.Select(read => new AnnotatedCheckpoint(seal.Open(read.Row), seal.Open(read.Row.Sequence, read.Annotations)))],
                cancellationToken)
            : page;

    private async Task<StoredCheckpoint> DecodeAsync(SnapshotDecoder decoder, StoredCheckpoint row, CancellationToken cancellationToken)
    {
        if (decoder.Continues(row))
        {
            return decoder.Decode(new StoredState(row, []));
        }

        // The row itself is opened; those that it stands on may be sealed.
        var stored = await snapshot.ReadAsync(t => statements.Paths.WithBasesAsync(t, Key, row), cancellationToken);
        return decoder.Decode(SealedMarks.AnySealed(stored)
            ? await seals.OpenAsync(origin, seal => seal.Open(stored), cancellationToken)
            : stored);
    }

    private async Task<AncestorPath> PathAsync(CancellationToken cancellationToken) => _path ??= point.Checkpoint is { Row: var row }
        ? await statements.Walk.FindAsync(snapshot, Key, row.Sequence, removed, cancellationToken)
        : new AncestorPath();
}
