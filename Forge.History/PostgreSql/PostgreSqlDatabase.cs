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

    /// <summary>
    /// For as long as a migration may hold up others by waiting for a lock: longer than the server's <c>deadlock_timeout</c>, a second,
    /// after which a waiter ends an automatic vacuum that is in its way.
    /// </summary>
    private const string MigrationLockLimit = " -c lock_timeout=1500";

    private const string Planning = " -c jit=off -c enable_seqscan=off";

    /// <summary>
    /// A prepared statement has one plan, whatever its values are: each form of a read has a text of its own, and planning one for its values
    /// costs the server several times what it takes to run. A plan is made again after its tables were analysed.
    /// </summary>
    private const string OnePlan = " -c plan_cache_mode=force_generic_plan";

    private readonly string _connectionString;
    private readonly string _durable;
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
        _durable = allowUnsafeDurability ? "" : " -c synchronous_commit=on";

        // Every statement of a commit goes by a primary key. Plans made while the tables were small or not analysed must
        // not turn into scans when they grow, so the planner is left no other way; then one plan serves for good.
        const string byKey = OnePlan + " -c enable_hashjoin=off -c enable_mergejoin=off";

        // Every read goes along an index too, in its order, and ends where its page is full. A plan for no page in particular must not
        // gather what is left of a session and sort it.
        const string inOrder = byKey + " -c enable_bitmapscan=off -c enable_sort=off";
        Commits = Open(options.Lanes + SpareCommitConnections, limits + CommitLockLimit + _durable + Planning + byKey, writes: true);
        Reads = Open(ReadConnections, limits + lockLimit + Planning + inOrder + " -c default_transaction_read_only=on", writes: false);
        Work = Open(WorkConnections, limits + lockLimit + _durable + Planning, writes: true);
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

    /// <summary>
    /// The connection string of a connection of its own, outside the pools, that runs for as long as it takes.
    /// </summary>
    public string ConnectionStringOfItsOwn => OfItsOwn(ApplicationName, "");

    /// <summary>
    /// The same for a store that starts, to wait in until it is its turn to migrate. By its name a newer Forge that raises the level
    /// knows it from those that write (<c>raise_level</c>).
    /// </summary>
    public string StartingConnectionString => OfItsOwn(StartingName, "");

    /// <summary>
    /// The same for the scripts of a migration. A lock that they do not get soon they give up: what comes behind one that waits for a
    /// table waits too, though what it waits for might let it through.
    /// </summary>
    public string MigrationConnectionString => OfItsOwn(StartingName, MigrationLockLimit);

    /// <summary>Not as the others are named, so that it is not ended with them.</summary>
    private string StartingName => ApplicationName.Replace(' ', '-');

    /// <summary>
    /// Opens a connection that is as durable as those that commits use, and that a silo which raises the level meanwhile does not end: its
    /// store only starts, and has yet to wait for its turn.
    /// </summary>
    public async Task<NpgsqlConnection> OpenToStartAsync(CancellationToken cancellationToken)
    {
        var address = new NpgsqlConnectionStringBuilder(OfItsOwn(StartingName, $"{_durable}{_check.Option}"))
        {
            CommandTimeout = (int)Math.Ceiling(CommandTimeout.TotalSeconds),
        };
        var connection = new NpgsqlConnection(address.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await _check.CheckAsync(connection, writes: true);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

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
        var builder = ServerAddress.Of(_connectionString);
        builder.ApplicationName = ApplicationName;
        builder.Enlist = false;
        builder.Multiplexing = false;
        builder.MinPoolSize = 0;
        builder.MaxPoolSize = connections;
        builder.MaxAutoPrepare = 100;
        builder.AutoPrepareMinUsages = 2;
        builder.NoResetOnClose = true;
        builder.CommandTimeout = (int)Math.Ceiling(CommandTimeout.TotalSeconds);
        builder.Timeout = Math.Max(1, (int)Math.Ceiling(CommandTimeout.TotalSeconds / 2));
        builder.WriteBufferSize = 64 * 1024;
        builder.ReadBufferSize = 32 * 1024;
        builder.TcpKeepAlive = true;

        // Startup settings, other than those of SET, hold for as long as the connection does.
        builder.Options = $"{builder.Options} {settings}{_check.Option}".Trim();
        var (source, owner) = ServerAddress.Open(builder, pool => pool.UsePhysicalConnectionInitializer(
            _ => throw new InvalidOperationException("A connection was opened on a thread that would wait for it."),
            connection => _check.CheckAsync(connection, writes)));
        _pools.Add(owner);
        return source;
    }

    private string OfItsOwn(string name, string settings)
    {
        var builder = ServerAddress.Of(_connectionString);
        builder.Pooling = false;
        builder.Enlist = false;
        builder.ApplicationName = name;
        builder.CommandTimeout = 0;
        builder.Options = $"{builder.Options}{settings}".Trim();
        return builder.ConnectionString;
    }
}
