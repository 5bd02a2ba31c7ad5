using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Forge.History.Sqlite;

/// <summary>
/// Keeps the log of the embedded database within bounds. SQLite begins it anew when all of it is folded in and nobody reads from
/// it; a read that stays open, or short ones that always overlap, keep it from that, and it grows with all that is written.
/// </summary>
/// <remarks>It looks on the thread that writes, behind each piece of work; reads come and go on any.</remarks>
/// <param name="path">The file of the database.</param>
/// <param name="bounds">How large the log may become.</param>
/// <param name="available">What the file system has free, in bytes.</param>
/// <param name="patience">How long the writing connection waits for others.</param>
/// <param name="logger">Takes what an operator should see.</param>
internal sealed partial class SqliteLog(string path, SqliteLogBounds bounds, Func<long> available, TimeSpan patience, ILogger logger)
{
    /// <summary>How long folding in waits for short reads, and commits behind it.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    private readonly FileInfo _file = new(path + "-wal");
    private readonly HashSet<SqlSnapshot> _reads = [];
    private long _actAt = bounds.Fold;
    private long _warnAt = bounds.Warn;

    /// <summary>Takes note of a read that stays open.</summary>
    public void Add(SqlSnapshot read)
    {
        lock (_reads)
        {
            _reads.Add(read);
        }
    }

    /// <summary>Takes note that it is over.</summary>
    public void Remove(SqlSnapshot read)
    {
        lock (_reads)
        {
            _reads.Remove(read);
        }
    }

    /// <summary>Looks at the log, and does what its size asks for. Outside transactions, on the writing connection.</summary>
    public void Look(SqliteDatabase writer)
    {
        _file.Refresh();
        if (!_file.Exists || _file.Length < _actAt)
        {
            return;
        }

        var size = _file.Length;

        // Not with each commit, if there is something in the way.
        _actAt = size + (bounds.Fold / 4);
        try
        {
            Act(writer, size);
        }
        catch (Exception exception)
        {
            // What was written is written; only the log stays as it is until the next time. Nothing of this may end the thread that writes.
            LogNotCut(exception);
        }
    }

    private void Act(SqliteDatabase writer, long size)
    {
        var reads = Reads();
        if (reads.Length > 0 && size >= Most(size))
        {
            LogEnded(size, reads.Length);
            Array.ForEach(reads, read => read.End(size));
            reads = [];
        }

        if (reads.Length > 0 && size >= _warnAt)
        {
            LogGrows(size, reads.Length, Most(size));
            _warnAt = 2 * size;
        }

        if (reads.Length == 0 && SqliteSpace.CutLog(writer, Wait, patience))
        {
            (_actAt, _warnAt) = (bounds.Fold, bounds.Warn);
        }
    }

    private SqlSnapshot[] Reads()
    {
        lock (_reads)
        {
            return [.. _reads];
        }
    }

    /// <summary>What it may become at the most: no more than half of what it and the disk's free space come to.</summary>
    private long Most(long size) => bounds.Most == 0 ? long.MaxValue : Math.Min(bounds.Most, (size + available()) / 2);

    [LoggerMessage(LogLevel.Warning,
        "The log of the embedded database has {Bytes} bytes, since {Reads} long reads (exports, verifications) are open; at {Most} they are ended")]
    private partial void LogGrows(long bytes, int reads, long most);

    [LoggerMessage(LogLevel.Warning, "The log of the embedded database could not be folded in; it is tried again when it has grown")]
    private partial void LogNotCut(Exception exception);

    [LoggerMessage(LogLevel.Error,
        "The log of the embedded database has {Bytes} bytes: {Reads} long reads (exports, verifications) that it is kept for are ended")]
    private partial void LogEnded(long bytes, int reads);
}

/// <summary>How large the log of the embedded database may become, in bytes.</summary>
/// <param name="Fold">From here on it is seen to that it is folded in and begun anew.</param>
/// <param name="Warn">From here on it is told of if reads are in the way.</param>
/// <param name="Most">From here on these are ended; 0 for never.</param>
internal readonly record struct SqliteLogBounds(long Fold, long Warn, long Most)
{
    /// <summary>128 MiB, 256 MiB and 1 GiB.</summary>
    public static SqliteLogBounds Default { get; } = new(128 * 1024 * 1024, 256 * 1024 * 1024, 1024 * 1024 * 1024);
}
