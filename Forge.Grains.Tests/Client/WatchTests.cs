using Forge.Errors;
using Forge.Events;
using Forge.Identity;
using Forge.Sessions;
using Orleans.Runtime;

namespace Forge.Grains.Tests.Client;

public sealed class WatchTests
{
    private static readonly SessionAddress Address = new(TenantId.Default, SessionId.Parse("s"));

    private readonly FakeCluster _cluster = new();
    private readonly List<long?> _asked = [];

    [Fact]
    public async Task WatchAsync_BreaksOffInAnyWay_GoesOnBehindTheLastEvent()
    {
        Answer(
            Batches(null, Events(1, 2), Events(3)),
            Batches(new EnumerationAbortedException("gone"), Events(4)),
            Batches(new SiloUnavailableException("gone")),
            Batches(new TimeoutException(), Events(5, 6)),
            Batches(new BusyException("session", "is locked"), Events(7)),
            Batches(null),
            Batches(null, Events(8)));

        var events = await _cluster.Time.DriveAsync(TakeAsync(8));

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], events);
        Assert.Equal([null, 3, 4, 4, 6, 7, 7], _asked);
    }

    [Fact]
    public async Task WatchAsync_FailsMoreOftenThanACallMay_GoesOnAllTheSame()
    {
        Answer([.. Enumerable.Range(0, 50).Select(_ => Batches(new UnavailableException("down"))), Batches(null, Events(1))]);

        Assert.Equal([1], await _cluster.Time.DriveAsync(TakeAsync(1)));
        Assert.Equal(51, _asked.Count);
        Assert.Equal(_cluster.Options.Retry.MaxDelay, _cluster.Time.Waits.Max());
    }

    [Fact]
    public async Task WatchAsync_QuietStreamsThatEnd_IsBackAtOnceHoweverManyThereWere()
    {
        Answer([.. Enumerable.Range(0, 30).Select(_ => Quiet()), Batches(null, Events(1))]);

        Assert.Equal([1], await _cluster.Time.DriveAsync(TakeAsync(1)));
        Assert.Equal(30, _cluster.Time.Waits.Count);
        Assert.All(_cluster.Time.Waits, wait => Assert.Equal(_cluster.Options.Retry.FirstDelay, wait));
    }

    [Fact]
    public async Task WatchAsync_DefiniteErrors_EndIt()
    {
        Answer(Batches(new LogPositionExpiredException(Address, 1, 5), Events(1)));
        var expired = await Assert.ThrowsAsync<LogPositionExpiredException>(() => _cluster.Time.DriveAsync(TakeAsync(2)));
        Assert.Equal(5, expired.Oldest);

        Answer(Batches(new SessionDeletedException(Address)));
        await Assert.ThrowsAsync<SessionDeletedException>(() => _cluster.Time.DriveAsync(TakeAsync(1)));
    }

    [Fact]
    public async Task WatchAsync_ASiloIsLost_LeavesTheCallThatIsNeverAnswered()
    {
        var waits = new TaskCompletionSource();
        Answer(Never(waits), Batches(null, Events(1)));
        var taken = TakeAsync(1);
        await waits.Task;
        _cluster.Losses.Report();

        Assert.Equal([1], await _cluster.Time.DriveAsync(taken));
    }

    [Fact]
    public async Task WatchAsync_Cancelled_EndsAtOnce()
    {
        var waits = new TaskCompletionSource();
        Answer(Never(waits));
        using var cancel = new CancellationTokenSource();
        var taken = Task.Run(async () =>
        {
            await foreach (var _ in _cluster.Session().WatchAsync(null, cancel.Token))
            {
            }
        });
        await waits.Task;
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => taken);
    }

    private void Answer(params IAsyncEnumerable<IReadOnlyList<LogEvent>>[] answers)
    {
        var left = new Queue<IAsyncEnumerable<IReadOnlyList<LogEvent>>>(answers);
        _cluster.OnRaw(nameof(ISessionGrain.WatchAsync), arguments =>
        {
            _asked.Add((long?)arguments[0]);
            return left.Dequeue();
        });
    }

    private async Task<List<long>> TakeAsync(int count)
    {
        var positions = new List<long>();
        await foreach (var happened in _cluster.Session().WatchAsync(null, TestContext.Current.CancellationToken))
        {
            positions.Add(happened.Position);
            if (positions.Count == count)
            {
                break;
            }
        }

        return positions;
    }

    private static async IAsyncEnumerable<IReadOnlyList<LogEvent>> Batches(Exception? end, params LogEvent[][] batches)
    {
        foreach (var batch in batches)
        {
            yield return batch;
        }

        await Task.Yield();
        if (end is not null)
        {
            throw end;
        }
    }

    /// <summary>Nothing happens for a while, and then the activation ends.</summary>
    private async IAsyncEnumerable<IReadOnlyList<LogEvent>> Quiet()
    {
        await Task.Yield();
        _cluster.Time.Advance(_cluster.Options.Retry.MaxDelay + TimeSpan.FromMilliseconds(1));
        yield break;
    }

    private static async IAsyncEnumerable<IReadOnlyList<LogEvent>> Never(TaskCompletionSource waits)
    {
        waits.SetResult();
        await new TaskCompletionSource().Task;
        yield break;
    }

    private static LogEvent[] Events(params long[] positions) =>
        [.. positions.Select(p => new LogEvent { Position = p, Kind = LogEventKind.Created, At = DateTimeOffset.UnixEpoch })];
}
