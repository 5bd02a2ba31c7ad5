using System.Text;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Encryption;
using Forge.History.Rows;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Log;

/// <summary>Reads logs, each page in one transaction over one snapshot.</summary>
internal sealed class SessionLog(ISqlDatabase database, Seals seals) : ISessionLog
{
    private readonly HeadRows _heads = new(database.Dialect);

    // No index leads by position. Positions rise with sequences, so that the first of them is found by halving; only rows of
    // early imports have none.
    private readonly SqlStatement _probe = database.Dialect.Statement("""
        SELECT sequence, position FROM checkpoints WHERE session_key = @key AND sequence >= @from AND position > 0
        ORDER BY sequence LIMIT 1
        """);

    // What the rows hold is summed up before any is read. What is not visible is read without its texts.
    private readonly SqlStatement _creates = database.Dialect.Statement("""
        SELECT w.sofar, c.removed, c.position, c.created_at, c.id, c.sequence, c.parent_sequence, c.trigger_kind, c.size, c.chain, c.branch,
            c.message, c.codec, c.content_type, coalesce(c.first_tags, c.tags)
        FROM (
            SELECT f.sequence, f.bytes, sum(f.bytes) OVER (ORDER BY f.sequence ROWS UNBOUNDED PRECEDING) AS sofar
            FROM (
                SELECT sequence, 128 + octet_length(message) + octet_length(CAST(coalesce(first_tags, tags) AS text)) AS bytes
                FROM checkpoints
                WHERE session_key = @key AND sequence >= @from AND position > @after ORDER BY sequence LIMIT @limit) f) w
        JOIN checkpoints c ON c.session_key = @key AND c.sequence = w.sequence
        WHERE w.sofar - w.bytes < @bytes ORDER BY c.sequence
        """);

    private readonly SqlStatement _hidden = database.Dialect.Statement(
        $"SELECT {HistoryTables.RemovedRanges.All.Names} FROM removed_ranges WHERE session_key = @key AND first_sequence <= @last AND last_sequence >= @first");

    // A note is that of a checkpoint that is there; whether that is visible is asked apart. So is that of pending writes.
    private readonly SqlStatement _events = database.Dialect.Statement($"""
        SELECT {HistoryTables.Events.All.Of("e")}, (
            SELECT a.text FROM annotations a JOIN checkpoints c ON c.session_key = a.session_key AND c.sequence = a.sequence
            WHERE a.session_key = @key AND a.sequence = e.sequence AND a.position = e.position AND NOT c.removed),
            CASE WHEN e.kind = 4 THEN (
                SELECT a.severity FROM annotations a
                WHERE a.session_key = @key AND a.sequence = e.sequence AND a.position = e.position) END,
            e.kind = 20 AND NOT EXISTS (
                SELECT 1 FROM checkpoints c WHERE c.session_key = @key AND c.sequence = e.sequence AND NOT c.removed) AS gone
        FROM (
            SELECT f.position, f.bytes, sum(f.bytes) OVER (ORDER BY f.position ROWS UNBOUNDED PRECEDING) AS sofar
            FROM (
                SELECT v.position, 128 + coalesce(octet_length(v.detail), 0) + coalesce((
                    SELECT octet_length(a.text) FROM annotations a
                    WHERE a.session_key = @key AND a.sequence = v.sequence AND a.position = v.position), 0) AS bytes
                FROM events v WHERE v.session_key = @key AND v.position > @after ORDER BY v.position LIMIT @limit) f) w
        JOIN events e ON e.session_key = @key AND e.position = w.position
        WHERE w.sofar - w.bytes < @bytes ORDER BY e.position
        """);

    private readonly SqlStatement _runs = database.Dialect.Statement($"""
        SELECT {HistoryTables.RemovedRuns.All.Names} FROM removed_runs WHERE session_key = @key AND first_position > @after
        ORDER BY first_position LIMIT @limit
        """);

    private readonly SqlStatement _runAround = database.Dialect.Statement($"""
        SELECT {HistoryTables.RemovedRuns.All.Names} FROM removed_runs WHERE session_key = @key AND first_position <= @after
        ORDER BY first_position DESC LIMIT 1
        """);

    private readonly SqlStatement _newestRun = database.Dialect.Statement(
        "SELECT last_position FROM removed_runs WHERE session_key = @key ORDER BY first_position DESC LIMIT 1");

    public Task<LogPage?> ReadAsync(SessionAddress address, long? after, int limit, long bytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after ?? 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        return seals.HoldingAsync(
            look => database.ReadAsync(
                async t =>
                {
                    if (await _heads.FindAsync(t, address) is not { } head)
                    {
                        return null;
                    }

                    var oldest = await OldestAsync(t, head);
                    var entries = await ReadAsync(
                        t, head.Key, head.LastSequence, after ?? oldest, limit, bytes, () => seals.Held(address, look), cancellationToken);
                    return new LogPage(head.Version, head.LastPosition, oldest, entries);
                },
                cancellationToken),
            cancellationToken);
    }

    /// <summary>The life before a revival left nothing; what a trim let go of left a run.</summary>
    private async ValueTask<long> OldestAsync(SqlTransaction transaction, SessionHead head) => Math.Max(
        await transaction.ReadOneAsync(_newestRun, row => row.Long(), ("key", head.Key)), head.Incarnation > 1 ? head.ChainedAfter : 0);

    /// <summary>What stands after a position, inside a transaction of the caller's.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="key">The session, which lives.</param>
    /// <param name="lastSequence">Its newest sequence, of the same instant.</param>
    /// <param name="after">The position.</param>
    /// <param name="limit">The most entries, from 1.</param>
    /// <param name="bytes">It ends with the entry that brings its texts to so many bytes, from 1.</param>
    /// <param name="seal">Answers what opens texts that are sealed; asked once, and only if there are any.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async ValueTask<List<LogEntry>> ReadAsync(
        SqlTransaction transaction, long key, long lastSequence, long after, int limit, long bytes, Func<SessionSeal> seal,
        CancellationToken cancellationToken)
    {
        var (notes, gone) = (new Dictionary<long, NewAnnotation>(), new HashSet<long>());
        var page = new PageUnderWay(after, limit, bytes, notes);
        var around = await transaction.ReadOneAsync(
            _runAround, HistoryTables.RemovedRuns.All.Read, ("key", key), ("after", after));
        if (around is { } run && run.LastPosition > after)
        {
            page.Add(new GapEntry(after + 1, run.LastPosition, run));
        }

        var creates = await transaction.ReadAllAsync(
            _creates, Created,
            ("key", key), ("from", await FirstAfterAsync(transaction, key, lastSequence, page.Last)), ("after", page.Last), ("limit", limit), ("bytes", bytes));
        var merge = new LogMerge(
            async (position, count, _) => await transaction.ReadAllAsync(
                _events, row => Noted(row, notes, gone), ("key", key), ("after", position), ("limit", count), ("bytes", bytes)),
            async (position, count, _) => await transaction.ReadAllAsync(
                _runs, HistoryTables.RemovedRuns.All.Read, ("key", key), ("after", position), ("limit", count)),
            page.Last,
            limit);
        foreach (var (_, create) in creates)
        {
            // Nothing stands before one that follows at once, and events are not read for it.
            await TakeAsync(create.Position > page.Last + 1 ? create.Position : 0);
            page.Add(create);
            if (page.IsFull)
            {
                break;
            }
        }

        // If the creates end where they were cut off, there may be more of them before what comes next.
        await TakeAsync(creates.Count < limit && (creates.Count == 0 || creates[^1].SoFar < bytes) ? long.MaxValue : 0);
        return await WithTextsAsync(transaction, key, page.Entries, notes, gone, seal);

        async ValueTask TakeAsync(long before)
        {
            // To look for the next one may read as much as a page.
            if (page.IsFull || before == 0)
            {
                return;
            }

            await foreach (var entry in merge.BeforeAsync(before, cancellationToken))
            {
                page.Add(entry);
                if (page.IsFull)
                {
                    return;
                }
            }
        }
    }

    /// <summary>The sequence of the first checkpoint after a position, or one between it and the one before it.</summary>
    private async ValueTask<long> FirstAfterAsync(SqlTransaction transaction, long key, long lastSequence, long after)
    {
        var (low, high) = (0L, lastSequence + 1);
        for (var from = Math.Min(after, lastSequence); low < high; from = low + ((high - low) / 2))
        {
            // Below the position first: own creates have a sequence that is no greater.
            var found = await transaction.ReadOneAsync(
                _probe, row => ((long Sequence, long Position)?)(row.Long(), row.Long()), ("key", key), ("from", from));
            if (found is { } row && row.Position <= after)
            {
                low = row.Sequence + 1;
            }
            else
            {
                high = from;
            }
        }

        return low;
    }

    /// <summary>
    /// Takes the texts of checkpoints away that are not visible any more, brings in those of notes that are, and opens what is sealed of both.
    /// </summary>
    private async ValueTask<List<LogEntry>> WithTextsAsync(
        SqlTransaction transaction, long key, List<LogEntry> entries, Dictionary<long, NewAnnotation> notes, HashSet<long> gone,
        Func<SessionSeal> seal)
    {
        SessionSeal? opens = null;
        long[] said =
        [
            .. entries.OfType<CreatedEntry>().Where(c => c.Text is not null).Select(c => c.Sequence),
            .. entries.OfType<AnnotatedEntry>().Where(a => notes.ContainsKey(a.Position)).Select(a => a.Event.Sequence),
            .. entries.OfType<WrittenEntry>().Select(w => w.Event.Sequence),
        ];
        if (said.Length == 0)
        {
            return entries;
        }

        var hidden = new RemovedSequences(await transaction.ReadAllAsync(
            _hidden, HistoryTables.RemovedRanges.All.Read, ("key", key), ("first", said.Min()), ("last", said.Max())));
        return entries.ConvertAll(entry => entry switch
        {
            CreatedEntry created when hidden.Cover(created.Sequence) => created with { Text = null },
            CreatedEntry { Text: { IsSealed: true } text } created => created with
            {
                Text = Open(() => text with { Message = Opener().OpenMessage(created.Sequence, created.Id, text.Message), IsSealed = false }),
            },
            AnnotatedEntry entryOfNote when notes.TryGetValue(entryOfNote.Position, out var note) && !hidden.Cover(note.Sequence) =>
                entryOfNote with { Text = SealedMarks.IsSealed(note.Severity) ? Open(() => Opener().Open(note).Text) : note.Text },
            WrittenEntry written when gone.Contains(written.Position) || hidden.Cover(written.Event.Sequence) => written with { IsHidden = true },
            _ => entry,
        });

        SessionSeal Opener() => opens ??= seal();

        // What was sealed by a key that was destroyed is gone, as it is of checkpoints that were removed. So is what is damaged: whoever
        // follows the events is not held up by it, and a verification tells of it.
        static T? Open<T>(Func<T> open)
            where T : class
        {
            try
            {
                return open();
            }
            catch (Exception exception) when (exception is KeyMissingException { IsDestroyed: true } or StateCorruptedException)
            {
                return null;
            }
        }
    }

    private static SessionEvent Noted(SqlRow row, Dictionary<long, NewAnnotation> notes, HashSet<long> gone)
    {
        var happened = HistoryTables.Events.All.Read(row);
        var text = row.OptionalText();
        var severity = row.TakeNull() ? default : (AnnotationSeverity)row.Short();
        if (text is not null)
        {
            notes[happened.Position] = new NewAnnotation(happened.Sequence, happened.Position, happened.At, severity, text);
        }

        if (row.Bool())
        {
            gone.Add(happened.Position);
        }

        return happened;
    }

    private static (long SoFar, CreatedEntry Entry) Created(SqlRow row)
    {
        var (soFar, isRemoved) = (row.Long(), row.Bool());
        var created = new CreatedEntry(
            row.Long(), row.Time(), new CheckpointId(row.Guid()), IsThere: true, Sequence: row.Long(), Parent: row.Long(),
            Trigger: (CheckpointTrigger)row.Short(), Size: row.Int(), Chain: row.TakeNull() ? null : row.Bytes())
        {
            Branch = row.OptionalText() ?? BranchNames.Main,
        };
        var (message, isSealed, contentType, tags) = (row.Text(), SealedMarks.HasSealedMessage(row.Short()), row.Text(), row.Texts());
        return (soFar, created with { Text = isRemoved ? null : new CreatedText(message, tags, contentType) { IsSealed = isSealed } });
    }

    /// <summary>Entries that follow each other without holes.</summary>
    private sealed class PageUnderWay(long after, int limit, long bytes, Dictionary<long, NewAnnotation> notes)
    {
        /// <summary>What an entry takes beside its texts, as the statements count it too.</summary>
        private const int Frame = 128;

        private long _bytes;

        public List<LogEntry> Entries { get; } = [];

        /// <summary>The position that the next entry follows.</summary>
        public long Last { get; private set; } = after;

        public bool IsFull => Entries.Count >= limit || _bytes >= bytes;

        public void Add(LogEntry entry)
        {
            if (entry.Position > Last + 1 && !IsFull)
            {
                Put(new GapEntry(Last + 1, entry.Position - 1, null));
            }

            if (entry.Position > Last && !IsFull)
            {
                Put(entry);
            }
        }

        private void Put(LogEntry entry)
        {
            Entries.Add(entry);
            Last = entry.LastPosition;
            _bytes += Frame + entry switch
            {
                CreatedEntry { Text: { } text } => BytesOf(text.Message) + text.Tags.Sum(BytesOf),

                // Its text is brought in at the end.
                AnnotatedEntry note => BytesOf(note.Event.Detail) + BytesOf(notes.GetValueOrDefault(note.Position).Text),
                EventEntry happened => BytesOf(happened.Event.Detail),
                _ => 0,
            };
        }

        private static long BytesOf(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
    }
}
