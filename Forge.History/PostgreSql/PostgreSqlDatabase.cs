using Forge.History.Writing;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// The connections to one database, in three pools: commits never wait behind reads, and reads never wait behind a slow
/// export or the sweep.
/// </summary>
internal sealed class PostgreSqlDatabase : IAsyncDisposable
{
    private const int ReadConnections = 16;
    private const int WorkConnections = 16;

    /// <summary>Batches in flight have a connection each; this many more are for finding out and for keys.</summary>
    private const int SpareCommitConnections = 2;

    /// <summary>As long as one held row may hold up its neighbours, once: after it the batch goes without that row.</summary>
    private const string CommitLockLimit = " -c lock_timeout=100";

    private const string Planning = " -c jit=off -c enable_seqscan=off";

    private readonly string _connectionString;
    private readonly ConnectionCheck _check = new();
    private readonly List<NpgsqlDataSource> _pools = [];

    public PostgreSqlDatabase(string connectionString, WriterOptions options, bool allowUnsafeDurability)
    {
        _connectionString = connectionString;
        CommandTimeout = options.CommandTimeout;
        ApplicationName = $"forge {Guid.NewGuid():N}";

        // The server gives up before the client does, so that a statement that takes too long ends with a definite
        // answer; and a lock before the statement, so that it is known what it waited for.
        var milliseconds = (long)options.CommandTimeout.TotalMilliseconds;
        var limits = $"-c statement_timeout={Math.Max(1, milliseconds * 8 / 10)}";
        var lockLimit = $" -c lock_timeout={Math.Max(1, milliseconds / 4)}";
        var durable = allowUnsafeDurability ? "" : " -c synchronous_commit=on";

        // Every statement of a commit goes by a primary key. Plans made while the tables were small or not analysed must
        // not turn into scans when they grow, so the planner is left no other way; then one plan serves for good.
        const string byKey = " -c plan_cache_mode=force_generic_plan -c enable_hashjoin=off -c enable_mergejoin=off";
        Commits = Open(options.Lanes + SpareCommitConnections, limits + CommitLockLimit + durable + Planning + byKey, writes: true);
        Reads = Open(ReadConnections, limits + lockLimit + Planning + " -c default_transaction_read_only=on", writes: false);
        Work = Open(WorkConnections, limits + lockLimit + durable + Planning, writes: true);
    }

    /// <summary>For commits, finding out about them, and keys.</summary>
    public NpgsqlDataSource Commits { get; }

    /// <summary>For reads that are one statement.</summary>
    public NpgsqlDataSource Reads { get; }

    /// <summary>For what holds a connection longer: snapshots, staging, due work.</summary>
    public NpgsqlDataSource Work { get; }

    public TimeSpan CommandTimeout { get; }

    /// <summary>What the server knows this store's connections by; no other store has it.</summary>
    public string ApplicationName { get; }

    /// <summary>The connection string of a connection of its own, for migrations.</summary>
    public string MigrationConnectionString => new NpgsqlConnectionStringBuilder(_connectionString)
    {
        Pooling = false,
        Enlist = false,
        ApplicationName = ApplicationName,
        CommandTimeout = 0,
        TargetSessionAttributes = HasSeveralHosts ? "primary" : null,
    }.ConnectionString;

    /// <summary>Of several hosts only the primary is connected to, which may be another one tomorrow.</summary>
    private bool HasSeveralHosts => new NpgsqlConnectionStringBuilder(_connectionString).Host?.Contains(',', StringComparison.Ordinal) ?? false;

    /// <summary>Says that the schema is there and up to date. Connections from before are not used again.</summary>
    public void SchemaIsThere()
    {
        _check.SchemaIsThere();
        _pools.ForEach(pool => pool.Clear());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pool in _pools)
        {
            await pool.DisposeAsync();
        }
    }

    private NpgsqlDataSource Open(int connections, string settings, bool writes)
    {
        var builder = new NpgsqlConnectionStringBuilder(_connectionString)
        {
            ApplicationName = ApplicationName,
            Enlist = false,
            Multiplexing = false,
            MinPoolSize = 0,
            MaxPoolSize = connections,
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            CommandTimeout = (int)Math.Ceiling(CommandTimeout.TotalSeconds),
            Timeout = Math.Max(1, (int)Math.Ceiling(CommandTimeout.TotalSeconds / 2)),
            WriteBufferSize = 64 * 1024,
            ReadBufferSize = 32 * 1024,
            TcpKeepAlive = true,
        };

        // Startup settings, other than those of SET, hold for as long as the connection does.
        builder.Options = $"{builder.Options} {settings}{_check.Option}".Trim();
        builder.TargetSessionAttributes = null;
        var source = new NpgsqlDataSourceBuilder(builder.ConnectionString).UsePhysicalConnectionInitializer(
            _ => throw new InvalidOperationException("A connection was opened on a thread that would wait for it."),
            connection => _check.CheckAsync(connection, writes));
        if (!HasSeveralHosts)
        {
            _pools.Add(source.Build());
            return _pools[^1];
        }

        var hosts = source.BuildMultiHost();
        _pools.Add(hosts);
        return hosts.WithTargetSession(TargetSessionAttributes.Primary);
    }
}
