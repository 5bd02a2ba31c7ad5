using Forge.Errors;
using Forge.History.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Sqlite;

public sealed class SqliteWriterTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ManualResetEventSlim _gate = new();
    private readonly SqliteWriter _writer;

    public SqliteWriterTests() => _writer = new SqliteWriter(
        SqliteDatabase.Open(Path.Combine(_folder.Path, "some.db"), SqliteOpenMode.ReadWriteCreate, Patience), Patience, _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _gate.Set();
        await _writer.DisposeAsync();
        _gate.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Run_TurnDoesNotComeInTime_IsUnavailableAndNeverDone()
    {
        var first = await HoldAsync();
        var done = false;
        var second = _writer.RunAsync(_ => done = true, Cancel);

        _time.Advance(Patience);

        await Assert.ThrowsAsync<UnavailableException>(() => second);
        _gate.Set();
        // What has begun is finished, however long it took.
        Assert.Equal(1, await first);
        Assert.Equal(2, await _writer.RunAsync(_ => 2, Cancel));
        Assert.False(done);
    }

    [Fact]
    public async Task Run_CancelledBeforeItsTurn_IsNeverDone()
    {
        var first = await HoldAsync();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var done = false;
        var second = _writer.RunAsync(_ => done = true, source.Token);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        _gate.Set();
        Assert.Equal(1, await first);
        Assert.Equal(2, await _writer.RunAsync(_ => 2, Cancel));
        Assert.False(done);
    }

    [Fact]
    public async Task Run_WorkThatThrows_FailsAloneAndLeavesNoTransaction()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _writer.RunAsync<int>(
            database =>
            {
                database.Prepare("BEGIN IMMEDIATE").Execute();
                throw new InvalidOperationException();
            },
            Cancel));

        Assert.Equal(3, await _writer.RunAsync(database => SqliteTransactions.Write(database, _ => 3), Cancel));
        Assert.False(await _writer.RunAsync(database => database.InTransaction, Cancel));
    }

    [Fact]
    public async Task Dispose_WorkIsWaiting_IsDoneFirst()
    {
        var first = await HoldAsync();
        var second = _writer.RunAsync(_ => 2, Cancel);
        var closing = _writer.DisposeAsync();

        _gate.Set();

        Assert.Equal((1, 2), (await first, await second));
        await closing;
        await Assert.ThrowsAsync<UnavailableException>(() => _writer.RunAsync(_ => 3, Cancel));
    }

    [Fact]
    public async Task RunInTurn_CallerHasMoreToDo_GoesOnOnTheThreadThatWrites()
    {
        var going = await BeginAsync(work => _writer.RunInTurnAsync(work, Cancel));

        _gate.Set();

        var (wrote, wentOn) = await going;
        Assert.Equal(wrote, wentOn);
    }

    [Fact]
    public async Task Run_CallerHasMoreToDo_GoesOnElsewhere()
    {
        var going = await BeginAsync(work => _writer.RunAsync(work, Cancel));

        _gate.Set();

        var (wrote, wentOn) = await going;
        Assert.NotEqual(wrote, wentOn);
    }

    /// <summary>Waits for work in a place without a scheduler; the answer has the threads that worked and that went on.</summary>
    private async Task<Task<(int Wrote, int WentOn)>> BeginAsync(Func<Func<SqliteDatabase, int>, Task<int>> run)
    {
        async Task<(int Wrote, int WentOn)> GoAsync()
        {
            var wrote = await run(_ =>
            {
                _gate.Wait(CancellationToken.None);
                return Environment.CurrentManagedThreadId;
            });
            return (wrote, Environment.CurrentManagedThreadId);
        }

        // It is waiting already when this is over, so that whoever completes it decides where it goes on.
        var begun = await Task.Run(() => new[] { GoAsync() }, Cancel);
        return begun[0];
    }

    /// <summary>Begins work that lasts until the gate opens.</summary>
    private async Task<Task<int>> HoldAsync()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var work = _writer.RunAsync(
            _ =>
            {
                begun.SetResult();
                _gate.Wait(CancellationToken.None);
                return 1;
            },
            Cancel);
        await begun.Task;
        return work;
    }
}
