using Forge.Errors;
using Forge.History.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Sqlite;

public sealed class SqliteReadersTests : IDisposable
{
    private const string Endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly SqliteReaders _readers;

    public SqliteReadersTests()
    {
        var path = Path.Combine(_folder.Path, "some.db");
        SqliteDatabase.Open(path, SqliteOpenMode.ReadWriteCreate, Timeout).Dispose();
        _readers = new SqliteReaders(path, 1, Timeout, _time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _readers.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Read_LongerThanTheTimeout_IsUnavailableAndTheNextIsServed()
    {
        var (read, begun) = Begin(Cancel);
        await begun;

        _time.Advance(Timeout);

        var error = await Assert.ThrowsAsync<UnavailableException>(() => read);
        Assert.IsType<SqliteException>(error.InnerException);
        Assert.Equal(1, await OneAsync());
    }

    [Fact]
    public async Task Read_CancelledHalfWay_StopsAndTheNextIsServed()
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var (read, begun) = Begin(source.Token);
        await begun;

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Equal(1, await OneAsync());
    }

    [Fact]
    public async Task Read_AllConnectionsTaken_WaitsForItsTurn()
    {
        var (read, begun) = Begin(Cancel);
        await begun;
        _time.Advance(Timeout / 2);
        var waiting = OneAsync();
        Assert.False(waiting.IsCompleted);

        _time.Advance(Timeout / 2);

        await Assert.ThrowsAsync<UnavailableException>(() => read);
        Assert.Equal(1, await waiting);
    }

    private (Task Read, Task Begun) Begin(CancellationToken cancellationToken)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = _readers.ReadAsync(
            database =>
            {
                begun.SetResult();
                return database.Prepare(Endless).Scalar();
            },
            cancellationToken);
        return (read, begun.Task);
    }

    private Task<long?> OneAsync() => _readers.ReadAsync(database => database.Prepare("SELECT 1").Scalar(), Cancel);
}
