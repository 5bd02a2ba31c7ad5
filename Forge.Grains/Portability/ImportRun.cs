using Forge.Checkpoints;
using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Portability;

/// <summary>One import under way: compares what the session has, and stages what it has not.</summary>
internal sealed partial class ImportRun(
    SessionAddress address, long key, long lastSequence, ISessionReads reads, IEffects effects, IStaging staging, TimeSpan effectLease, long importBytes,
    long batchBytes, DocumentLimits limits, Func<ValueTask<Action<StoredCheckpoint>>> limitsOfNow, TimeProvider time,
    PortabilitySlots slots, IDisposable slot) : IDisposable
{
    private const int GroupRows = 500;
    private const int CompareRows = 1000;
    private const int NoteFrame = 64;

    private readonly List<AnnotatedCheckpoint> _group = [];
    private readonly DocumentEncoder _encoder = new();
    private PortabilitySlots.Slot? _longLine;
    private long _groupBytes;
    private long _documentBytes;
    private int _nextPiece;
    private bool _busy;
    private bool _ended;
    private bool _disposed;
    private StagedCheckpoints? _brought;
    private long _skipped;
    private long _staged;
    private long _bytes;
    private long _heardAt = time.GetTimestamp();
    private Action<StoredCheckpoint>? _requireNew;
    private string? _settings;
    private byte[]? _links;
    private bool _require;
    private readonly List<StoredWrite> _writeGroup = [];
    private WriteIndex _writes = WriteIndex.Empty;
    private StoredCheckpoint? _first;
    private StoredCheckpoint? _last;
    private readonly ImportedBranches _branches = new();

    public long Key => key;

    public long Skipped => _skipped;

    /// <summary>How many staged checkpoints have a time ahead of the clock.</summary>
    public long Early { get; private set; }

    /// <summary>How long nothing was heard of it and nothing was done for it.</summary>
    public TimeSpan Idle => _busy ? TimeSpan.Zero : time.GetElapsedTime(_heardAt);

    private NdjsonDocument Document => field ??= new NdjsonDocument(
        limits, header => _settings = DocumentRows.SettingsOf(header), AddEffectAsync);

    public async Task AppendAsync(int index, ReadOnlyMemory<byte> piece)
    {
        if (_busy || _ended || index != _nextPiece)
        {
            throw new ImportRejectedException(0, $"piece {index} came where {_nextPiece} was due; pieces come one at a time, in order");
        }

        (_busy, _nextPiece) = (true, _nextPiece + 1);
        try
        {
            // Counted here, when a document that was compressed has its full length again.
            _documentBytes += piece.Length;
            if (_documentBytes > importBytes)
            {
                throw new OverLimitException("import", importBytes, _documentBytes, "bytes");
            }

            await Document.ReadAsync(piece, AddAsync, AddWriteAsync);
            await BoundAsync();
        }
        finally
        {
            (_busy, _heardAt) = (false, time.GetTimestamp());
        }
    }

    /// <summary>
    /// Ends the document; null if it brought nothing new. The second time it says the same as the first: what it brought
    /// may have to wait for its turn.
    /// </summary>
    public async Task<StagedCheckpoints?> EndAsync(CancellationToken cancellationToken)
    {
        if (_busy)
        {
            throw new ImportRejectedException(0, "its end came while it was being read");
        }

        if (_ended)
        {
            return _brought;
        }

        _busy = true;
        try
        {
            _brought = await ReadEndAsync(cancellationToken);
            _ended = true;
            return _brought;
        }
        finally
        {
            (_busy, _heardAt) = (false, time.GetTimestamp());
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _longLine?.Dispose();
        slot.Dispose();
    }

    /// <summary>
    /// A line that is longer than the limits of now leave room for is of another time, or hostile: of those a silo holds one.
    /// </summary>
    private async Task BoundAsync()
    {
        if (Document.LineBytes <= limits.UsualLineBytes)
        {
            _longLine?.Dispose();
            _longLine = null;
        }
        else if (_longLine is null)
        {
            var entered = await slots.EnterLongLineAsync();
            if (_disposed)
            {
                // It was given up while it waited, and nobody would free the slot again.
                entered.Dispose();
                throw new ImportRejectedException(0, "it was given up while it was being read");
            }

            _longLine = entered;
        }
    }

    private async Task<StagedCheckpoints?> ReadEndAsync(CancellationToken cancellationToken)
    {
        await Document.EndAsync(AddAsync, AddWriteAsync);
        await FlushAsync(cancellationToken);
        await FlushEffectsAsync();
        _longLine?.Dispose();
        _longLine = null;
        var header = Document.Header!;
        if (lastSequence == 0)
        {
            _branches.RequireWhole(header);
        }

        return _last is null ? null : new StagedCheckpoints(
            key,
            _first!.Sequence,
            new CheckpointPointer(_last.Sequence, _last.Id),
            header.LastSequence,
            header.LastPosition,
            _first.CreatedAt,
            _last.CreatedAt,
            _branches.Lines(header),
            _staged,
            _bytes,
            _settings,
            header.CreatedAt.ToMicroseconds(),
            _links!,
            header.Chain)
        {
            ClaimEpoch = header.ClaimEpoch,
            Origin = DocumentRows.LinkOf(header),
            Require = _require,
            Writes = _writes,
            Effects = _effectStaging.Staged,
        };
    }

    private async Task AddAsync(DocumentCheckpoint checkpoint)
    {
        var read = Document.Checked(() => DocumentRows.RowOf(checkpoint, address));
        var row = read.Row;
        if (checkpoint.Summary.Size != row.Size || checkpoint.Summary.Checksum != Convert.ToHexStringLower(row.Checksum))
        {
            throw Document.Rejected("has a state that is not the one its sha256 and size were taken of");
        }

        if (Document.Header!.IsEarlier && row.Sequence > lastSequence)
        {
            var require = _requireNew ??= await limitsOfNow();
            Document.Checked(() =>
            {
                require(row);
                return true;
            });
        }

        Document.Checked(() => _branches.Meet(Document.Header!, row, isNew: row.Sequence > lastSequence));
        _group.Add(read);
        _groupBytes += WeightOf(read, read.Row.Size);
        if (_group.Count >= GroupRows || _groupBytes >= batchBytes)
        {
            await FlushAsync(CancellationToken.None);
        }
    }

    /// <summary>
    /// Takes a pending write. Those of checkpoints that the session has are the session's own: only what comes with a checkpoint comes in.
    /// </summary>
    private async Task AddWriteAsync(DocumentWrite write)
    {
        var row = Document.Checked(() => DocumentRows.RowOf(write, address));
        if (row.Sequence <= lastSequence)
        {
            return;
        }

        if (_writes.SizeOf(row.Sequence, row.Key) is not null)
        {
            throw Document.Rejected("is a pending write with the task and index of one before it");
        }

        _writes = _writes.With(row.Sequence, row.Key, row.Size);
        if (_writes.Count > LimitsOptions.Widest.Writes)
        {
            throw Document.Rejected($"is pending write {_writes.Count}, more than any limit allows");
        }

        _writeGroup.Add(row);
        _groupBytes += row.Size + NoteFrame + SessionChange.WeightOf(row.Task) + SessionChange.WeightOf(row.Name);
        if (_writeGroup.Count >= GroupRows || _groupBytes >= batchBytes)
        {
            await FlushAsync(CancellationToken.None);
        }
    }

    /// <summary>About what a row holds in memory, in bytes: there may be long texts with small states.</summary>
    /// <param name="read">The row with its annotations.</param>
    /// <param name="stateBytes">The length of its state as it is held.</param>
    public static long WeightOf(AnnotatedCheckpoint read, int stateBytes)
    {
        var row = read.Row;
        var weight = Created.WeightOf(stateBytes, row.Message, row.Tags) + SessionChange.WeightOf(row.FirstTags ?? [])
            + SessionChange.WeightOf(row.Requires);
        foreach (var note in read.Annotations)
        {
            weight += NoteFrame + SessionChange.WeightOf(note.Text);
        }

        return weight;
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        var known = _group.Where(c => c.Row.Sequence <= lastSequence).Select(c => c.Row).ToList();
        if (known.Count > 0)
        {
            await CompareAsync(known, cancellationToken);
        }

        var fresh = _group.FindAll(c => c.Row.Sequence > lastSequence);
        if (fresh.Count > 0)
        {
            await StageAsync(fresh, cancellationToken);
        }

        if (_writeGroup.Count > 0)
        {
            await StageAsync(_writeGroup, cancellationToken);
        }

        _group.Clear();
        _writeGroup.Clear();
        _groupBytes = 0;
    }

    private async Task CompareAsync(List<StoredCheckpoint> rows, CancellationToken cancellationToken)
    {
        var there = CheckpointList.Empty;
        var readUpTo = 0L;
        foreach (var row in rows)
        {
            if (row.Sequence > readUpTo)
            {
                // A short document may name rows far apart in a long session: what lies between is passed over.
                readUpTo = row.Sequence + CompareRows - 1;
                there = (await reads.ListAsync(address, new ListFilter
                {
                    After = row.Sequence - 1,
                    Before = readUpTo + 1,
                    Order = ListOrder.OldestFirst,
                    Limit = CompareRows,
                }, cancellationToken)).Value;
                readUpTo = there.GoesOnAfter ?? readUpTo;
            }

            if (there.FirstOrDefault(c => c.Sequence == row.Sequence) is not { } other)
            {
                throw new ImportRejectedException(0, $"sequence {row.Sequence} was used in session {address} and its checkpoint is gone");
            }

            if (Difference(row, other) is { } field)
            {
                throw new ImportRejectedException(0, $"checkpoint {row.Sequence} is in session {address} with another {field}");
            }

            _skipped++;
        }
    }

    private async Task StageAsync(List<AnnotatedCheckpoint> checkpoints, CancellationToken cancellationToken)
    {
        try
        {
            await staging.StageAsync(address, key, Link(checkpoints), cancellationToken);
        }
        catch (BatchRejectedException exception)
        {
            throw new ImportRejectedException(0, "an id comes twice, or the database refused a line", exception);
        }

        _first ??= checkpoints[0].Row with { Stored = default };
        _staged += checkpoints.Count;
        _require |= checkpoints.Exists(c => c.Row.Requires is not null);
        Early += checkpoints.Count(c => limits.IsEarly(c.Row.CreatedAt));
        _bytes += checkpoints.Sum(c => (long)c.Row.Size);
        _last = checkpoints[^1].Row with { Stored = default };
    }

    private async Task StageAsync(List<StoredWrite> writes, CancellationToken cancellationToken)
    {
        try
        {
            await staging.StageWritesAsync(address, key, [.. writes], cancellationToken);
        }
        catch (BatchRejectedException exception)
        {
            throw new ImportRejectedException(0, "the database refused a line", exception);
        }
    }

    /// <summary>
    /// Gives checkpoints their places in the import, positions from 1 and the values of the import's own chain, and encodes their states.
    /// </summary>
    private List<AnnotatedCheckpoint> Link(List<AnnotatedCheckpoint> checkpoints)
    {
        var linked = new List<AnnotatedCheckpoint>(checkpoints.Count);
        _links ??= HistoryChain.ImportGenesis(Document.Header!.Chain);
        foreach (var (row, annotations) in checkpoints)
        {
            _links = HistoryChain.NextImported(_links, row, row.Tags, row.Trunk, annotations);
            linked.Add(new(_encoder.Encode(row with { Position = _staged + linked.Count + 1, Chain = _links }), annotations));
        }

        return linked;
    }

    /// <summary>The first of the fields that never change in which two checkpoints differ; null if they are the same.</summary>
    private static string? Difference(StoredCheckpoint a, StoredCheckpoint b) =>
        a.Id != b.Id ? "id"
        : a.Size != b.Size || !a.Checksum.AsSpan().SequenceEqual(b.Checksum) ? "state"
        : a.CreatedAt != b.CreatedAt ? "createdAt"
        : a.Parent != b.Parent ? "parent"
        : a.Message != b.Message ? "message"
        : a.Trigger != b.Trigger ? "trigger"
        : a.ContentType != b.ContentType ? "contentType"
        : !(a.FirstTags ?? a.Tags).SequenceEqual(b.FirstTags ?? b.Tags, StringComparer.Ordinal) ? "tags"
        : AddedFields.DifferenceOf(a, b);
}
