using System.Runtime.CompilerServices;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Encryption;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Snapshots;

/// <summary>Opens sessions as they are now.</summary>
internal sealed class HistorySnapshots(ISqlDatabase database, Seals seals)
{
    private readonly HeadRows _heads = new(database.Dialect);
    private readonly CheckpointPages _pages = new(database.Dialect);
    private readonly PathRows _paths = new(database.Dialect);
    private readonly RequirementRows _requirements = new(database.Dialect);
    private readonly WriteRows _writes = new(database.Dialect);
    private readonly EffectRows _effects = new(database.Dialect);
    private readonly Seals _seals = seals;

    /// <summary>Opens a snapshot; null if there is nothing to show.</summary>
    /// <exception cref="Errors.UnavailableException">The database cannot be reached or does not answer in time.</exception>
    public async Task<IHistorySnapshot?> OpenAsync(SessionAddress address, CancellationToken cancellationToken)
    {
        var snapshot = await database.OpenAsync(cancellationToken);
        Snapshot? opened = null;
        try
        {
            opened = await snapshot.ReadAsync(
                async t => await _heads.FindAsync(t, address) is { } head
                    ? new Snapshot(
                        this, address, snapshot, await _heads.WithIdsAsync(t, head), await _pages.RemovedAsync(t, head.Key),
                        await _pages.TrunksAsync(t, head.Key),
                        head.OriginSequence is null ? null : await _heads.OriginAsync(t, head.Key),
                        await _requirements.AnyAsync(t, head.Key))
                    : null,
                cancellationToken);
            return opened;
        }
        finally
        {
            if (opened is null)
            {
                await snapshot.DisposeAsync();
            }
        }
    }

    private sealed class Snapshot(
        HistorySnapshots opener, SessionAddress address, ISqlSnapshot snapshot, HeadRead head, RemovedSequences removed,
        RemovedSequences trunks, ForkLink? origin, bool require)
        : IHistorySnapshot
    {
        public HeadRead Head => head;

        public ForkLink? Origin => origin;

        public bool Require => require;

        private long Key => head.Head.Key;

        public IAsyncEnumerable<AnnotatedCheckpoint> ReadAsync(CancellationToken cancellationToken) => ReadAsync(null, cancellationToken);

        public IAsyncEnumerable<AnnotatedCheckpoint> ReadSoundAsync(
            Action<StateCorruptedException> passOver, CancellationToken cancellationToken) => ReadAsync(passOver, cancellationToken);

        public async IAsyncEnumerable<StoredEffect> ReadEffectsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var after = "";
            while (await snapshot.ReadAsync(
                t => opener._effects.BeforeAsync(t, Key, long.MaxValue, after), cancellationToken) is { Count: > 0 } page)
            {
                after = page[^1].Key;
                foreach (var row in page)
                {
                    yield return row;
                }
            }
        }

        private async IAsyncEnumerable<AnnotatedCheckpoint> ReadAsync(
            Action<StateCorruptedException>? passOver, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var (decoder, after) = (new SnapshotDecoder(address), 0L);
            while (await snapshot.ReadAsync(
                t => opener._pages.ReadAsync(t, Key, after, row => (Row: HistoryTables.Checkpoints.All.Read(row), IsHidden: row.Bool())),
                cancellationToken) is { Count: > 0 } page)
            {
                after = page[^1].Row.Sequence;
                var notes = (await snapshot.ReadAsync(
                    t => opener._pages.AnnotationsAsync(t, Key, new SequenceRange(page[0].Row.Sequence, after)), cancellationToken))
                    .ToLookup(note => note.Sequence);
                foreach (var (row, _) in page.Where(read => !read.IsHidden && !removed.Cover(read.Row.Sequence)))
                {
                    // A row is read with its path only if it does not stand on the one before it.
                    var read = decoder.Continues(row)
                        ? new StoredState(row, [])
                        : await snapshot.ReadAsync(t => opener._paths.WithBasesAsync(t, Key, row), cancellationToken);
                    if (await OpenAsync(read, [.. notes[row.Sequence]], passOver, cancellationToken) is not var (stored, attached))
                    {
                        continue;
                    }

                    if (await LargeStates.RunAsync(stored.Bytes, () => Decode(decoder, stored, passOver)) is { } decoded)
                    {
                        yield return new(
                            decoded with { Trunk = decoded.Trunk || trunks.Cover(decoded.Sequence) },
                            [.. attached.Select(n => new Annotation(n.Position, n.At, n.Severity, n.Text))]);
                    }
                }
            }
        }

        public async IAsyncEnumerable<StoredWriteRow> WritesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            const int PageRows = 500;
            const long PageBytes = 4 * 1024 * 1024;
            WritePosition? after = null;
            while (await snapshot.ReadAsync(
                t => opener._writes.AllAsync(t, Key, after, PageRows, PageBytes, removed), cancellationToken) is { Count: > 0 } page)
            {
                after = page[^1].Position;
                foreach (var row in page.Where(read => read.Place == WritePlace.Visible))
                {
                    yield return await opener._seals.OpenAsync(address, row, cancellationToken);
                }
            }
        }

        public ValueTask DisposeAsync() => snapshot.DisposeAsync();

        /// <summary>What was read of a checkpoint, opened if it is sealed; null if it is not what was sealed and is passed over.</summary>
        private async ValueTask<(StoredState Stored, IReadOnlyList<NewAnnotation> Notes)?> OpenAsync(
            StoredState read, IReadOnlyList<NewAnnotation> notes, Action<StateCorruptedException>? passOver, CancellationToken cancellationToken)
        {
            if (!SealedMarks.AnySealed(read) && !notes.Any(note => SealedMarks.IsSealed(note.Severity)))
            {
                return (read, notes);
            }

            try
            {
                return await opener._seals.OpenAsync(
                    address, (StoredState, IReadOnlyList<NewAnnotation>) (seal) => (seal.Open(read), [.. notes.Select(seal.Open)]), cancellationToken);
            }
            catch (StateCorruptedException damage) when (passOver is not null)
            {
                passOver(damage);
                return null;
            }
        }

        private static StoredCheckpoint? Decode(
            SnapshotDecoder decoder, StoredState stored, Action<StateCorruptedException>? passOver)
        {
            try
            {
                return decoder.Decode(stored);
            }
            catch (StateCorruptedException damage) when (passOver is not null)
            {
                passOver(damage);
                return null;
            }
        }
    }
}
