using System.Collections.Concurrent;
using System.Data;
using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.Identity;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// The reads of one session. Each is one statement that starts from the head row, so that its version is always there. And the versions
/// of many.
/// </summary>
internal static class HistoryReads
{
    internal static readonly SqlStatement Versions =
        Dialect.Instance.Statement("SELECT session_key, version FROM sessions WHERE session_key = ANY(@keys)");

    internal static readonly SqlStatement Attempts = new(
        $"""
        SELECT s.version, r.id, r.at, r.kind, r.outcome, {CheckpointColumns.Select(CheckpointParts.Summary)}
        FROM sessions s
        LEFT JOIN LATERAL unnest(@ids::uuid[]) AS i (id) ON true
        LEFT JOIN checkpoints c ON c.session_key = s.session_key AND c.id = i.id AND s.deleted_at IS NULL
        LEFT JOIN requests r ON r.session_key = s.session_key AND r.id = i.id AND (s.deleted_at IS NULL OR {LifeRequests.Are("r")})
        WHERE s.tenant = @tenant AND s.session = @session
        """,
        Dialect.Instance.Prefix,
        ["tenant", "session", "ids"]);

    private static readonly SqlStatement Several = new(
        $"""
        SELECT s.version, {CheckpointColumns.Select(CheckpointParts.Summary)}
        FROM sessions s
        {Visibility.RemovedJoin}
        LEFT JOIN LATERAL (
            SELECT c.* FROM checkpoints c
            WHERE c.session_key = s.session_key AND c.sequence = ANY(@sequences::bigint[]) AND {Visibility.OfMany}
            UNION ALL
            SELECT c.* FROM checkpoints c
            WHERE c.session_key = s.session_key AND c.id = ANY(@ids::uuid[]) AND {Visibility.OfMany}) c ON true
        WHERE s.tenant = @tenant AND s.session = @session
        """,
        Dialect.Instance.Prefix,
        ["tenant", "session"]);

    private static readonly ConcurrentDictionary<(string Which, CheckpointParts Parts, bool AnyPath), SqlStatement> Checkpoints = [];
    private static readonly ConcurrentDictionary<ListForm, SqlStatement> Lists = [];

    public static async Task<IReadOnlyDictionary<long, long>> VersionsAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> keys, CancellationToken cancellationToken)
    {
        await using var command = Versions.Command(connection, ("keys", keys.ToArray()));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (row, versions) = (new RowReader(reader), new Dictionary<long, long>(keys.Count));
        while (await reader.ReadAsync(cancellationToken))
        {
            row.Begin();
            versions.Add(row.Long(), row.Long());
        }

        return versions;
    }

    public static async Task<Versioned<CheckpointRead?>> CheckpointAsync(
        NpgsqlConnection connection, SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts,
        CancellationToken cancellationToken)
    {
        var read = await CheckpointAsync(connection, address, checkpoint, parts, anyPath: false, cancellationToken);

        // The line was not there to be read, so that the group branches.
        return parts.HasFlag(CheckpointParts.State) && read.Value is { Row.Base: not null, Bases: [] }
            ? await CheckpointAsync(connection, address, checkpoint, parts, anyPath: true, cancellationToken)
            : read;
    }

    private static async Task<Versioned<CheckpointRead?>> CheckpointAsync(
        NpgsqlConnection connection, SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts, bool anyPath,
        CancellationToken cancellationToken)
    {
        await using var command = CheckpointCommand(connection, address, checkpoint, parts, anyPath);

        // A state is read from the stream, not from a copy of its row.
        var behaviour = parts.HasFlag(CheckpointParts.State) ? CommandBehavior.SequentialAccess : CommandBehavior.Default;
        await using var reader = await command.ExecuteReaderAsync(behaviour, cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return default;
        }

        var row = new RowReader(reader);
        var version = row.Long();
        return new(version, row.IsNull ? null : await CheckpointColumns.ReadAsync(row, parts, cancellationToken));
    }

    /// <summary>The statement that reads one checkpoint.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="address">The session.</param>
    /// <param name="checkpoint">Which one.</param>
    /// <param name="parts">What is read of it.</param>
    /// <param name="anyPath">True if the rows that its state is decoded on are followed one by one, false if they are read if they are one line.</param>
    internal static NpgsqlCommand CheckpointCommand(
        NpgsqlConnection? connection, SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts, bool anyPath = false)
    {
        SqlArgument? argument = checkpoint.OtherBranch is { } branch ? ("branch", branch)
            : checkpoint.IsLatest || checkpoint.IsCurrent ? null
            : checkpoint.Sequence > 0 ? ("sequence", checkpoint.Sequence)
            : new SqlArgument("id", p => p.Guid(checkpoint.Id.Value));
        var which = checkpoint.IsLatest || checkpoint.IsCurrent
            ? (checkpoint.OtherBranch is null ? "c.sequence = s." : "c.sequence = l.") + (checkpoint.IsCurrent ? "current_sequence" : "head_sequence")
            : $"c.{argument!.Value.Name} = @{argument.Value.Name}";
        var statement = Checkpoints.GetOrAdd((which, parts, anyPath), static form => new SqlStatement(
            $"""
            SELECT s.version, {CheckpointColumns.Select(form.Parts)}
            FROM sessions s
            {(form.Which.Contains(" l.", StringComparison.Ordinal) ? "LEFT JOIN branches l ON l.session_key = s.session_key AND l.branch = @branch" : "")}
            LEFT JOIN checkpoints c ON c.session_key = s.session_key AND {form.Which} AND {Visibility.OfOne}
            {CheckpointColumns.NotesJoin(form.Parts)}{CheckpointColumns.RequirersJoin(form.Parts)}
            {(form.AnyPath ? CheckpointColumns.PathJoin(form.Parts) : CheckpointColumns.LineJoin(form.Parts))}
            WHERE s.tenant = @tenant AND s.session = @session
            """,
            Dialect.Instance.Prefix,
            ["tenant", "session"]));
        return argument is { } one
            ? statement.Command(connection, Tenant(address), Session(address), one)
            : statement.Command(connection, Tenant(address), Session(address));
    }

    public static async Task<Versioned<IReadOnlyList<StoredCheckpoint>>> CheckpointsAsync(
        NpgsqlConnection connection, SessionAddress address, IReadOnlyList<CheckpointReference> checkpoints,
        CancellationToken cancellationToken)
    {
        Guid[] ids = [.. checkpoints.Where(c => !c.Id.IsEmpty).Select(c => c.Id.Value).Distinct()];
        await using var command = Several.Command(
            connection,
            Tenant(address),
            Session(address),
            ("sequences", checkpoints.Where(c => c.Id.IsEmpty).Select(c => c.Sequence).Distinct().ToArray()),
            new SqlArgument("ids", p => p.List(SqlType.Guid, ids)));
        return await RowsAsync(command, cancellationToken);
    }

    public static async Task<Versioned<CheckpointList>> ListAsync(
        NpgsqlConnection connection, SessionAddress address, ListFilter filter, CancellationToken cancellationToken)
    {
        await using var command = ListCommand(connection, address, filter);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (row, version, found, lookedTo) = (new RowReader(reader), 0L, new CheckpointList.Builder(filter), (long?)null);
        while (await reader.ReadAsync(cancellationToken))
        {
            row.Begin();
            version = row.Long();
            lookedTo = row.OptionalLong();
            if (!row.IsNull && !found.TryAdd(CheckpointColumns.Read(row)))
            {
                break;
            }
        }

        return new(version, found.Build(lookedTo));
    }

    private static async Task<Versioned<IReadOnlyList<StoredCheckpoint>>> RowsAsync(
        NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (row, version, rows) = (new RowReader(reader), 0L, new List<StoredCheckpoint>());
        while (await reader.ReadAsync(cancellationToken))
        {
            row.Begin();
            version = row.Long();
            if (!row.IsNull)
            {
                rows.Add(CheckpointColumns.Read(row));
            }
        }

        return new(version, rows);
    }

    public static async Task<Versioned<EarlierAttempts>> AttemptsAsync(
        NpgsqlConnection connection, SessionAddress address, IReadOnlyList<Guid> requests, CancellationToken cancellationToken)
    {
        Guid[] wanted = [.. requests.Distinct()];
        await using var command = Attempts.Command(
            connection, Tenant(address), Session(address), new SqlArgument("ids", p => p.List(SqlType.Guid, wanted)));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (row, version) = (new RowReader(reader), 0L);
        var (creates, remembered) = (new List<StoredCheckpoint>(), new List<RememberedRequest>());
        while (await reader.ReadAsync(cancellationToken))
        {
            row.Begin();
            version = row.Long();
            if (row.IsNull)
            {
                row.Skip(4);
            }
            else
            {
                remembered.Add(new(row.Guid(), row.Time(), row.Text(), row.Text()));
            }

            if (!row.IsNull)
            {
                creates.Add(CheckpointColumns.Read(row));
            }
        }

        return new(version, new EarlierAttempts(creates, remembered));
    }

    public static void AddAddress(NpgsqlCommand command, SessionAddress address)
    {
        command.Parameters.AddValue(address.Tenant.Value);
        command.Parameters.AddValue(address.Session.Value);
    }

    private static SqlArgument Tenant(SessionAddress address) => ("tenant", address.Tenant.Value);

    private static SqlArgument Session(SessionAddress address) => ("session", address.Session.Value);

    private static NpgsqlCommand ListCommand(NpgsqlConnection connection, SessionAddress address, ListFilter filter)
    {
        var form = new ListForm(
            filter.Tag is not null, filter.Trigger is not null, OnBranch(filter), filter.From is not null, filter.To is not null, filter.Order,
            filter.HasToLook);
        List<SqlArgument> arguments =
            [Tenant(address), Session(address), ("after", filter.After), ("before", filter.Before), ("limit", filter.Limit)];
        if (filter.Tag is { } tag)
        {
            arguments.Add(("tag", tag));
        }

        if (filter.Trigger is { } trigger)
        {
            arguments.Add(("trigger", (short)trigger));
        }

        if (form.Branch == NamedBranch)
        {
            arguments.Add(("branch", filter.Branch!));
        }

        if (filter.HasToLook)
        {
            arguments.Add(("looked", filter.MostLooked));
        }

        if (filter.From is { } from)
        {
            arguments.Add(("from", from));
        }

        if (filter.To is { } to)
        {
            arguments.Add(("to", to));
        }

        return Lists.GetOrAdd(form, static f => f.Statement()).Command(connection, [.. arguments]);
    }

    private const string NamedBranch = "AND c.branch = @branch";

    private static string OnBranch(ListFilter filter) => filter.Branch switch
    {
        null => "",
        BranchNames.Main => "AND c.branch IS NULL",
        _ => NamedBranch,
    };

    /// <summary>
    /// Which conditions a list has: only those that are asked for are in the text, so that each form has a plan of its own.
    /// </summary>
    private readonly record struct ListForm(
        bool HasTag, bool HasTrigger, string Branch, bool HasFrom, bool HasTo, ListOrder Order, bool HasToLook)
    {
        public SqlStatement Statement()
        {
            // The tags' own rows are in the order of sequences too; a page of a tag reads no other checkpoint.
            var (column, source) = HasTag
                ? ("t.sequence", """
                    checkpoint_tags t JOIN checkpoints c ON c.session_key = t.session_key AND c.sequence = t.sequence
                    WHERE t.session_key = s.session_key AND t.sequence > @after AND t.sequence < @before AND t.tag = @tag
                    """)
                : ("c.sequence",
                    "checkpoints c WHERE c.session_key = s.session_key AND c.sequence > @after AND c.sequence < @before");
            var order = Order == ListOrder.NewestFirst ? "DESC" : "ASC";
            var bounds = $"""
                {(HasFrom ? $"AND {column} >= from_time.sequence" : "")}
                {(HasTo ? $"AND {column} < to_time.sequence" : "")}
                """;
            return Dialect.Instance.Statement($"""
                SELECT s.version, {(HasToLook ? "looked.last" : "NULL::bigint")}, {CheckpointColumns.Select(CheckpointParts.Summary)}
                FROM sessions s
                {Visibility.RemovedJoin}
                {(HasFrom ? TimeBound.Join("from_time", "<", "@from") : "")}
                {(HasTo ? TimeBound.Join("to_time", "<=", "@to") : "")}
                {(HasToLook ? Looked(column, bounds, order) : "")}
                LEFT JOIN LATERAL (
                    SELECT c.* FROM {source} AND {Visibility.OfMany}
                    {(HasTrigger ? "AND c.trigger_kind = @trigger" : "")} {Branch}
                    {(HasToLook ? $"AND {column} {UpToLooked}" : "")}
                    {bounds}
                    ORDER BY {column} {order} LIMIT @limit) c ON true
                WHERE s.tenant = @tenant AND s.session = @session
                ORDER BY c.sequence {order}
                """);
        }

        private string UpToLooked => Order == ListOrder.NewestFirst ? ">= coalesce(looked.last, @after)" : "<= coalesce(looked.last, @before)";

        // No index is on triggers, which most checkpoints share, nor on main: so many are looked at, told by an index alone, and no more.
        private string Looked(string column, string bounds, string order) => $"""
            LEFT JOIN LATERAL (
                SELECT {column} AS last FROM {(HasTag ? "checkpoint_tags t" : "checkpoints c")}
                WHERE {column[0]}.session_key = s.session_key AND {column} > @after AND {column} < @before
                {(HasTag ? "AND t.tag = @tag" : Branch == NamedBranch ? Branch : "")}
                {bounds}
                ORDER BY {column} {order} OFFSET @looked - 1 LIMIT 1) looked ON true
            """;
    }
}
