using Forge.Errors;
using Forge.History.Changes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace Forge.History.Sqlite;

/// <summary>
/// Keeps some of the disk aside in a file, and gives it up when the disk is full: to what frees space, for that has to write
/// before anything comes free. Until there is room for the reserve again, and some more, nothing else is written.
/// </summary>
/// <remarks>
/// It works on the thread that writes; only whether the disk is full, and when that was tried last, is asked from elsewhere.
/// </remarks>
/// <param name="folder">The folder of the database.</param>
/// <param name="bytes">The size of the reserve; 0 for none.</param>
/// <param name="patience">How long the writing connection waits for others.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Takes what an operator should see.</param>
internal sealed partial class SqliteDisk(string folder, long bytes, TimeSpan patience, TimeProvider time, ILogger logger)
{
    /// <summary>The name of the reserve's file.</summary>
    public const string FileName = "forge.reserve";

    /// <summary>It takes no more than one part in so many of its file system.</summary>
    private const int MostOfTheDisk = 8;

    /// <summary>How many steps of giving back are taken at once, so that commits wait for a moment only.</summary>
    private const int MostSteps = 50;

    /// <summary>While the disk is full, creates have it tried again no sooner than this after the last time.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly string _path = Path.Combine(folder, FileName);
    private long _triedAt;
    private long _bytes = bytes;
    private volatile bool _isFull;

    /// <summary>What the file system has free, in bytes.</summary>
    public Func<long> Available { get; init; } = () => new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;

    /// <summary>True while nothing but what frees space is written.</summary>
    public bool IsFull => _isFull;

    /// <summary>Takes the reserve, as the store is opened. A disk that has no room for it is full.</summary>
    public void Prepare(SqliteDatabase database)
    {
        if (_bytes == 0)
        {
            return;
        }

        _bytes = Math.Min(_bytes, new DriveInfo(Path.GetFullPath(folder)).TotalSize / MostOfTheDisk);

        // On a full disk the log is folded in with nothing but the reserve to grow into, so it must not be the larger one.
        var pages = _bytes / 2 / 4096;
        if (pages < database.Prepare("PRAGMA wal_autocheckpoint").Scalar())
        {
            database.Execute($"PRAGMA wal_autocheckpoint = {Math.Max(1, pages)}");
        }

        if (!TryTake())
        {
            BeFull();
        }
    }

    /// <exception cref="UnavailableException">The disk is full.</exception>
    public void RequireRoom()
    {
        if (_isFull)
        {
            throw Full(null);
        }
    }

    /// <summary>The commits of a batch that may be written now; the others are answered that the disk is full.</summary>
    public bool MayWrite(SessionCommit commit) => !_isFull || !commit.NeedsRoom;

    /// <summary>The outcome of a commit that may not.</summary>
    public static CommitOutcome Refused() => new(CommitStatus.NoRoom, Full(null));

    /// <summary>
    /// The outcome of any commit that needs room, if it is known beforehand; null if it has to be tried, as also now and then while the
    /// disk is full.
    /// </summary>
    public CommitOutcome? Refusal() => _isFull && !IsTime() ? Refused() : null;

    /// <summary>Does work in a writing transaction. If the disk is found full, it is done once more on what is given up for it.</summary>
    /// <param name="database">The writing connection.</param>
    /// <param name="frees">True for work that frees space, or sorts out by itself what does not.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="UnavailableException">The disk is full; nothing was written.</exception>
    public T Write<T>(SqliteDatabase database, bool frees, Func<SqliteDatabase, T> work)
    {
        if (_isFull && IsTime())
        {
            TryResume(database);
        }

        if (_isFull && !frees)
        {
            throw Full(null);
        }

        try
        {
            return SqliteTransactions.Write(database, work);
        }
        catch (UnavailableException exception) when (_bytes > 0 && IsDiskFull(exception))
        {
            GiveUp(database);
            return frees ? SqliteTransactions.Write(database, work) : throw Full(exception);
        }
    }

    /// <summary>Goes on as ever if there is room for it now.</summary>
    public void TryResume(SqliteDatabase database)
    {
        if (!_isFull)
        {
            return;
        }

        Volatile.Write(ref _triedAt, time.GetTimestamp());

        // What came free in the file is of use to nobody else before it is given back and the log is folded in and cut. The log
        // first, for giving back goes through it.
        Try(() => SqliteSpace.CutLog(database, patience));
        Try(() => Enumerable.Range(0, MostSteps).Any(_ => SqliteSpace.Shrink(database, SqliteFreeSpace.None)));
        Try(() => SqliteSpace.CutLog(database, patience));

        if (Available() >= _bytes + (_bytes / 4) && TryTake())
        {
            _isFull = false;
            LogResumed();
        }
    }

    /// <summary>As far as it goes: the next change tries again.</summary>
    private static void Try(Func<bool> step)
    {
        try
        {
            step();
        }
        catch (SqliteException)
        {
            // The disk is full, which is known.
        }
    }

    private static bool IsDiskFull(Exception exception) =>
        exception is SqliteException { SqliteErrorCode: raw.SQLITE_FULL } || (exception.InnerException is { } inner && IsDiskFull(inner));

    private static UnavailableException Full(Exception? cause) => new(
        "The disk of the embedded database is full: nothing can be created until something is deleted or compacted, or the disk has room.",
        cause);

    private bool IsTime() => time.GetElapsedTime(Volatile.Read(ref _triedAt)) >= Pause;

    private void GiveUp(SqliteDatabase database)
    {
        BeFull();
        File.Delete(_path);

        // Not taken back at once: what it was given up for comes first.
        Volatile.Write(ref _triedAt, time.GetTimestamp());
        Try(() => SqliteSpace.CutLog(database, patience));
    }

    private void BeFull()
    {
        if (!_isFull)
        {
            _isFull = true;
            LogFull(_path, _bytes);
        }
    }

    private bool TryTake()
    {
        try
        {
            if (File.Exists(_path) && new FileInfo(_path).Length == _bytes)
            {
                return true;
            }

            using var file = File.OpenHandle(_path, FileMode.Create, FileAccess.Write, preallocationSize: _bytes);
            RandomAccess.SetLength(file, _bytes);
            return true;
        }
        catch (IOException)
        {
            File.Delete(_path);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Error,
        "The disk of the embedded database is full. {Path} with {Bytes} bytes is given up for what frees space; nothing is created meanwhile")]
    private partial void LogFull(string path, long bytes);

    [LoggerMessage(LogLevel.Information, "The disk of the embedded database has room again")]
    private partial void LogResumed();
}
