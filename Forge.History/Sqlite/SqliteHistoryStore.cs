using Forge.Errors;
using Forge.History.Access;
using Forge.History.Changes;
using Forge.History.Encryption;
using Forge.History.Feeds;
using Forge.History.Forks;
using Forge.History.Lineage;
using Forge.History.Log;
using Forge.History.Reading;
using Forge.History.Search;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Upkeep;
using Forge.History.Usage;
using Forge.History.Verification;
using Forge.History.Writes;
using Forge.History.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Forge.History.Sqlite;

/// <summary>
/// The history in one SQLite file, <c>forge.db</c>, in a folder that one silo has to itself: one connection writes, each
/// batch in one transaction, and a few read beside it.
/// </summary>
/// <param name="folder">The folder; made if it is missing.</param>
/// <param name="options">How long work may wait.</param>
/// <param name="allowUnsafeDurability">True to run although commits are not durable.</param>
/// <param name="time">The clock that waiting is measured by.</param>
/// <param name="logger">Takes what an operator should see.</param>
internal sealed partial class SqliteHistoryStore(
    string folder, WriterOptions options, bool allowUnsafeDurability, TimeProvider time, ILogger<SqliteHistoryStore> logger)
    : IHistoryStore, IHistoryCommits, ISessionReads, ISessionCatalog
{
    /// <summary>The name of the database's file in its folder.</summary>
    public const string FileName = "forge.db";

    private const int Readers = 4;

    /// <summary>Of the connections that search: what they read over does not keep those waiting that read a session.</summary>
    private const int Searchers = 2;

    private const int KeyBlock = 1000;

    private readonly Lock _keys = new();
    private readonly FeedSignals _signals = new();
    private SqliteFolderLock? _folderLock;
    private SqliteWriter? _writer;
    private SqliteReaders? _readers;
    private SqliteReaders? _searchers;
    private SqliteDisk? _disk;
    private SqliteLog? _walLog;
    private Transactions? _database;
    private Transactions? _searching;
    private HistoryStaging? _staging;
    private HistoryForks? _forks;
    private HistoryWrites? _writes;
    private HistoryEffects? _effects;
    private HistoryFeed? _feed;
    private HistoryUpkeep? _upkeep;
    private HistoryVerification? _verification;
    private HistoryAccess? _access;
    private HistoryUsage? _usage;
    private HistoryTraces? _traces;
    private HistoryDataKeys? _dataKeys;
    private Seals? _seals;
    private IHistoryCommits? _sealedCommits;
    private OpenedReads? _openedReads;
    private OpenedCatalog? _openedCatalog;
    private HistorySnapshots? _snapshots;
    private SessionLog? _log;
    private SessionNames? _names;
    private SurveyRead? _survey;
    private TipRead? _tips;
    private AncestorRead? _ancestors;
    private SessionSearch? _sessions;
    private CheckpointSearch? _checkpoints;
    private StateRows? _states;
    private long _nextKey;
    private long _keysEnd;

    /// <summary>What the writing connection is set to.</summary>
    public string Pragmas { get; init; } = SqliteDurability.Pragmas;

    /// <summary>How much of the file may stay free.</summary>
    public SqliteFreeSpace FreeSpace { get; init; } = SqliteFreeSpace.Default;

    /// <summary>How large the log may become.</summary>
    public SqliteLogBounds LogBounds { get; init; } = SqliteLogBounds.Default;

    /// <summary>How many bytes of the disk are kept aside for what frees space when it is full; 0 for none.</summary>
    public long ReserveBytes { get; init; }

    /// <summary>What the file system has free, in bytes; null to ask it.</summary>
    public Func<long>? Available { get; init; }

    /// <summary>True for a store of <see cref="SqliteTrial"/>, whose folder goes with it.</summary>
    public bool IsTrial { get; init; }

    /// <summary>
    /// True to open the database of a silo that may be running, for a few short transactions beside it: the folder is not held, and the
    /// schema must be there already.
    /// </summary>
    public bool IsBeside { get; init; }

    /// <summary>How what is written is encrypted.</summary>
    public SealSettings Sealing { get; init; } = SealSettings.None;

    /// <summary>The folder of the database.</summary>
    public string Folder => folder;

    /// <summary>Transactions for what is not on the way of a commit.</summary>
    public ISqlDatabase Database => _database ??= NewTransactions(frees: true);

    private SqliteDisk Disk => _disk ??= Available is { } available
        ? new SqliteDisk(folder, ReserveBytes, options.CommandTimeout, time, logger) { Available = available }
        : new SqliteDisk(folder, ReserveBytes, options.CommandTimeout, time, logger);

    private SqliteLog WalLog => _walLog ??= new SqliteLog(
        Path.Combine(folder, FileName), LogBounds, () => Disk.Available(), options.CommandTimeout, logger);

    private SqliteWriter Writer => _writer ?? throw new UnavailableException("The embedded database is not open.");

    private SqliteReaders Reader => _readers ?? throw new UnavailableException("The embedded database is not open.");

    private SqliteReaders Searcher => _searchers ?? throw new UnavailableException("The embedded database is not open.");

    private Transactions Searching => _searching ??= NewTransactions(frees: true, () => Searcher);

    private Seals Seals => _seals ??= Sealing.For(DataKeys, time);

    public IHistoryCommits Commits => _sealedCommits ??= Seals.IsOn ? new SealedCommits(this, Seals) : this;

    public ISessionReads Reads => _openedReads ??= new OpenedReads(this, Seals);

    public ISessionLog Log => _log ??= new SessionLog(Database, Seals);

    public IFeed Feed => _feed ??= new HistoryFeed(Database, Seals, _signals);

    public IStaging Staging => _staging ??= new HistoryStaging(NewTransactions(frees: false), Seals);

    public IForks Forks => _forks ??= new HistoryForks(Database, Seals);

    public IPendingWrites Writes => _writes ??= new HistoryWrites(Database, Seals);
    public IEffects Effects => _effects ??= new HistoryEffects(Database);

    public IUpkeep Upkeep => _upkeep ??= new HistoryUpkeep(Database, Seals);

    public IVerification Verification => _verification ??= new HistoryVerification(Database, Seals);

    public ISessionCatalog Catalog => _openedCatalog ??= new OpenedCatalog(this, Seals);

    public IAccess Access => _access ??= new HistoryAccess(Database);

    public IUsage Usage => _usage ??= new HistoryUsage(Searching);

    public ITraces Traces => _traces ??= new HistoryTraces(Database);

    public IDataKeys DataKeys => _dataKeys ??= new HistoryDataKeys(Database);

    public bool HasOneWriter => true;

    public CommitOutcome? NoRoom => Disk.Refusal();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _folderLock = IsTrial || IsBeside ? null : SqliteFolderLock.Take(folder);
        try
        {
            await Task.Run(IsTrial ? OpenTrial : Open, cancellationToken);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async Task PingAsync(CancellationToken cancellationToken)
    {
        await Reader.ReadAsync(static database => database.Prepare("SELECT level FROM schema_level").Scalar(), cancellationToken);
        Disk.RequireRoom();
    }

    public async ValueTask<long> NextSessionKeyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_keys)
            {
                if (_nextKey < _keysEnd)
                {
                    return _nextKey++;
                }
            }

            // Only what was committed may be handed out, or the next block would be the same one.
            var end = await WriteAsync(
                static database => database.Prepare("UPDATE session_keys SET next = next + ?1 RETURNING next").Bind(KeyBlock).Scalar()!.Value,
                cancellationToken);
            lock (_keys)
            {
                if (_nextKey >= _keysEnd)
                {
                    (_nextKey, _keysEnd) = (end - KeyBlock, end);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The writer closes last: as the last connection it folds the log into the database.
        _readers?.Dispose();
        _searchers?.Dispose();
        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }

        _folderLock?.Dispose();
        if (IsTrial)
        {
            SqliteTrial.End(folder);
        }
    }

    private void OpenTrial()
    {
        SqliteTrial.Begin(folder);
        Open();
    }

    private void Open()
    {
        var path = Path.Combine(folder, FileName);
        SqliteDatabase? database = null;
        try
        {
            database = SqliteDatabase.Open(path, IsBeside ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadWriteCreate, options.CommandTimeout);
            database.Execute(Pragmas);
            if (IsBeside)
            {
                SqliteSchema.RequireKnown(database);
            }
            else if (!IsTrial)
            {
                SqliteDurability.Check(database, allowUnsafeDurability, logger);
                SqliteSpace.Convert(database, logger);
                SqliteSchema.Upgrade(database, path);
                Disk.Prepare(database);
            }

            _readers = new SqliteReaders(path, Readers, options.CommandTimeout, time);
            _searchers = new SqliteReaders(path, Searchers, options.CommandTimeout, time, maps: true);
            _writer = new SqliteWriter(database, options.CommandTimeout, time, IsBeside ? null : WalLog.Look);
            database = null;
        }
        catch (SqliteException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
        finally
        {
            database?.Dispose();
        }
    }

    /// <summary>Does work in a writing transaction, of which only the effect matters: it can be done once more.</summary>
    private async Task<T> WriteAsync<T>(Func<SqliteDatabase, T> work, CancellationToken cancellationToken)
    {
        try
        {
            return await Writer.RunAsync(database => Disk.Write(database, frees: false, work), cancellationToken);
        }
        catch (CommitInDoubtException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
    }

    private Transactions NewTransactions(bool frees, Func<SqliteReaders>? readers = null) => new(
        () => Writer, readers ?? (() => Reader), () => Disk, () => WalLog, frees, () => FreeSpace, options.CommandTimeout, logger);
}
