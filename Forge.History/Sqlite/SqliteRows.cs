using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Sqlite;

/// <summary>Rows as the history's records.</summary>
internal static class SqliteRows
{
    public const string HeadColumns =
        "session_key, incarnation, version, last_batch, created_at, last_created_at, last_sequence, head_sequence, " +
        "current_sequence, last_position, checkpoint_count, checkpoint_bytes, settings, origin_key, origin_sequence, chain, deleted_at, seal";

    /// <summary>All of a checkpoint but its state.</summary>
    public const string SummaryColumns =
        "c.sequence, c.id, c.created_at, c.position, c.parent_sequence, c.message, c.tags, c.first_tags, c.trigger_kind, " +
        "c.content_type, c.size, c.checksum, c.codec, c.base_sequence, c.group_sequence, c.stored_size, c.trunk, c.removed, c.chain";

    public const string AllColumns = SummaryColumns + ", c.stored";

    /// <summary>True where a row <c>c</c> is not kept for others alone, and no removed range covers it.</summary>
    public const string NotRemoved =
        "c.removed = 0 AND NOT EXISTS (SELECT 1 FROM removed_ranges r WHERE r.session_key = c.session_key " +
        "AND r.first_sequence <= c.sequence AND r.last_sequence >= c.sequence)";

    private const string FindSession =
        "SELECT session_key, version, deleted_at IS NOT NULL, last_sequence, head_sequence, current_sequence " +
        "FROM sessions WHERE tenant = ?1 AND session = ?2";

    private const string FindHead = "SELECT " + HeadColumns + ", chained_after FROM sessions WHERE tenant = ?1 AND session = ?2";

    // In the order of the unique index over the two, so that a page reads its own rows and the tombstones among them.
    private const string FindSessions =
        "SELECT " + HeadColumns + ", chained_after, session FROM sessions WHERE tenant = ?1 AND session > ?2 AND session >= ?3 " +
        "AND session < ?4 AND deleted_at IS NULL ORDER BY session LIMIT ?5";

    private const string FindId = "SELECT id FROM checkpoints WHERE session_key = ?1 AND sequence = ?2";

    private const string FindState =
        "SELECT id, codec, base_sequence, group_sequence, size, checksum, stored FROM checkpoints " +
        "WHERE session_key = ?1 AND sequence = ?2";

    private const string RemovedRanges = "SELECT first_sequence, last_sequence FROM removed_ranges WHERE session_key = ?1";

    private const string FindAnnotations =
        "SELECT position, at, severity, text FROM annotations WHERE session_key = ?1 AND sequence = ?2 ORDER BY position";

    /// <summary>What a read has to know of a session; key 0 where there is none to show.</summary>
    public static SqliteSession Session(SqliteDatabase database, SessionAddress address)
    {
        var row = database.Prepare(FindSession).Bind(address.Tenant.Value).Bind(address.Session.Value);
        if (!row.Read())
        {
            return default;
        }

        var deleted = row.Int64(2) != 0;
        var session = new SqliteSession(deleted ? 0 : row.Int64(0), row.Int64(1), row.Int64(3), row.Int64(4), row.Int64(5));
        row.Reset();
        return session;
    }

    public static HeadRead? Head(SqliteDatabase database, SessionAddress address)
    {
        var row = database.Prepare(FindHead).Bind(address.Tenant.Value).Bind(address.Session.Value);
        if (!row.Read())
        {
            return null;
        }

        var head = Head(row);
        row.Reset();
        return new HeadRead(head, Id(database, head.Key, head.Head), Id(database, head.Key, head.Current));
    }

    /// <summary>A page of a tenant's living sessions by rising name.</summary>
    public static IReadOnlyList<SessionRow> Sessions(SqliteDatabase database, TenantId tenant, SessionFilter filter)
    {
        var row = database.Prepare(FindSessions)
            .Bind(tenant.Value).Bind(filter.After).Bind(filter.Prefix).Bind(filter.End).Bind(filter.Limit);
        var found = new List<(SessionId Session, SessionHead Head)>();
        while (row.Read())
        {
            found.Add((SessionId.Parse(row.Text(19)), Head(row)));
        }

        return [.. found.Select(one => new SessionRow(one.Session, new HeadRead(
            one.Head, Id(database, one.Head.Key, one.Head.Head), Id(database, one.Head.Key, one.Head.Current))))];
    }

    /// <summary>The checkpoint of the row that a statement is at.</summary>
    public static StoredCheckpoint Checkpoint(SqliteStatement row, bool withState) => new()
    {
        Sequence = row.Int64(0),
        Id = new CheckpointId(row.Guid(1)),
        CreatedAt = row.Time(2),
        Position = row.Int64(3),
        Parent = row.Int64(4),
        Message = row.Text(5),
        Tags = SqliteValues.ToTags(row.Text(6)),
        FirstTags = row.NullableText(7) is { } tags ? SqliteValues.ToTags(tags) : null,
        Trigger = (CheckpointTrigger)row.Int64(8),
        ContentType = row.Text(9),
        Size = row.Int32(10),
        Checksum = row.Blob(11),
        Codec = (short)row.Int64(12),
        Base = row.NullableInt64(13),
        Group = row.NullableInt64(14),
        StoredSize = row.Int32(15),
        Trunk = row.Int64(16) != 0,
        Removed = row.Int64(17) != 0,
        Chain = row.NullableBlob(18),
        Stored = withState ? row.Blob(19) : default,
    };

    /// <summary>A checkpoint with the rows that its state is decoded on.</summary>
    public static StoredCheckpoint WithBases(SqliteDatabase database, long key, StoredCheckpoint row) => row.Base is null
        ? row
        : row with { Bases = BasePath.Follow(row, sequence => State(database, key, sequence)) };

    public static IReadOnlyList<Annotation> Annotations(SqliteDatabase database, long key, long sequence)
    {
        var row = database.Prepare(FindAnnotations).Bind(key).Bind(sequence);
        List<Annotation>? found = null;
        while (row.Read())
        {
            (found ??= []).Add(new Annotation(row.Int64(0), row.Time(1), (AnnotationSeverity)row.Int64(2), row.Text(3)));
        }

        return found is null ? [] : found;
    }

    /// <summary>What the removed ranges of a session cover.</summary>
    public static RemovedSequences Removed(SqliteDatabase database, long key)
    {
        var row = database.Prepare(RemovedRanges).Bind(key);
        List<SequenceRange>? ranges = null;
        while (row.Read())
        {
            (ranges ??= []).Add(new SequenceRange(row.Int64(0), row.Int64(1)));
        }

        return new RemovedSequences(ranges);
    }

    private static EncodedState? State(SqliteDatabase database, long key, long sequence)
    {
        var row = database.Prepare(FindState).Bind(key).Bind(sequence);
        if (!row.Read())
        {
            return null;
        }

        var state = new EncodedState(
            sequence, new CheckpointId(row.Guid(0)), (short)row.Int64(1), row.NullableInt64(2), row.NullableInt64(3),
            row.Int32(4), row.Blob(5), row.Blob(6));
        row.Reset();
        return state;
    }

    private static SessionHead Head(SqliteStatement row) => new()
    {
        Key = row.Int64(0),
        Incarnation = row.Int32(1),
        Version = row.Int64(2),
        LastBatch = row.Guid(3),
        CreatedAt = row.Time(4),
        LastCreatedAt = row.NullableTime(5),
        LastSequence = row.Int64(6),
        Head = row.Int64(7),
        Current = row.Int64(8),
        LastPosition = row.Int64(9),
        Count = row.Int64(10),
        Bytes = row.Int64(11),
        Settings = row.NullableText(12),
        OriginKey = row.NullableInt64(13),
        OriginSequence = row.NullableInt64(14),
        Chain = row.NullableBlob(15),
        DeletedAt = row.NullableTime(16),
        Seal = row.NullableInt64(17),
        ChainedAfter = row.Int64(18),
    };

    private static CheckpointId Id(SqliteDatabase database, long key, long sequence)
    {
        var row = database.Prepare(FindId).Bind(key).Bind(sequence);
        if (!row.Read())
        {
            return default;
        }

        var id = new CheckpointId(row.Guid(0));
        row.Reset();
        return id;
    }
}

/// <summary>What a read has to know of a session.</summary>
/// <param name="Key">Its key; 0 where there is no such session or it is deleted.</param>
/// <param name="Version">The version of its head row; 0 where there is none.</param>
/// <param name="LastSequence">The greatest sequence given out.</param>
/// <param name="Head">The head.</param>
/// <param name="Current">The current checkpoint.</param>
internal readonly record struct SqliteSession(long Key, long Version, long LastSequence, long Head, long Current)
{
    public bool IsThere => Key != 0;
}
