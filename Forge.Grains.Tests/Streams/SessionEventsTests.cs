using Forge.Errors;
using Forge.Events;
using Forge.Grains.Streams;
using Forge.Grains.Tests.Client;
using Forge.Identity;
using Forge.Sessions;
using Orleans.Runtime;

namespace Forge.Grains.Tests.Streams;

/// <summary>How a silo goes on following a session whose stream ends.</summary>
public sealed class SessionEventsTests
{
    private static readonly SessionAddress Address = new(TenantId.Default, SessionId.Parse("s"));

    private readonly FakeCluster _cluster = new();

    [Fact]
    public async Task FollowAsync_EndsWithoutAnErrorAndWithoutAnEvent_GoesOnHoweverOften()
    {
        Answer([.. Enumerable.Range(0, 30).Select(_ => Ends()), Tells(1)]);

        Assert.Equal(1, await _cluster.Time.DriveAsync(FirstAsync()));

        // It asks no faster than it may, for it might be led to the one that ends.
        Assert.Equal(30, _cluster.Time.Waits.Count);
        Assert.Equal(TimeSpan.FromSeconds(2), _cluster.Time.Waits[^1]);
    }

    [Fact]
    public async Task FollowAsync_EndsAfterAQuietTime_AsksAgainAtOnceHoweverOften()
    {
        Answer([.. Enumerable.Range(0, 30).Select(_ => Ends(TimeSpan.FromHours(1))), Tells(1)]);

        Assert.Equal(1, await _cluster.Time.DriveAsync(FirstAsync()));
        Assert.Equal(30, _cluster.Time.Waits.Count);
        Assert.All(_cluster.Time.Waits, wait => Assert.Equal(TimeSpan.FromMilliseconds(50), wait));
    }

    [Fact]
    public async Task FollowAsync_FailsAfterAQuietTime_GoesOnHoweverOften()
    {
        Answer([.. Enumerable.Range(0, 30).Select(_ => Ends(TimeSpan.FromHours(1), new SiloUnavailableException("gone"))), Tells(1)]);

        Assert.Equal(1, await _cluster.Time.DriveAsync(FirstAsync()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    public async Task FollowAsync_FailsInARow_IsUnavailable(int seconds)
    {
        Answer([.. Enumerable.Range(0, 20).Select(_ => Ends(TimeSpan.FromSeconds(seconds), new TimeoutException("late")))]);

        var error = await Assert.ThrowsAsync<UnavailableException>(() => _cluster.Time.DriveAsync(FirstAsync()));
        Assert.IsType<TimeoutException>(error.InnerException);
        Assert.Equal(19, _cluster.Time.Waits.Count);
    }

    [Fact]
    public async Task FollowAsync_OneOfManyFailuresIsNone_GoesOn()
    {
        var failures = Enumerable.Range(0, 19).Select(_ => Ends(error: new UnavailableException("down"))).ToList();
        Answer([.. failures, Ends(), .. Enumerable.Range(0, 19).Select(_ => Ends(error: new UnavailableException("down"))), Tells(1)]);

        Assert.Equal(1, await _cluster.Time.DriveAsync(FirstAsync()));
    }

    private void Answer(params IAsyncEnumerable<IReadOnlyList<LogEvent>>[] answers)
    {
        var left = new Queue<IAsyncEnumerable<IReadOnlyList<LogEvent>>>(answers);
        _cluster.OnRaw(nameof(ISessionGrain.WatchAsync), _ => left.Dequeue());
    }

    private async Task<long> FirstAsync() => Assert.Single(
        await new SessionEvents(_cluster.Grains, _cluster.Time).FollowAsync(Address, null, TestContext.Current.CancellationToken).TakeAsync(1)).Position;

    private async IAsyncEnumerable<IReadOnlyList<LogEvent>> Ends(TimeSpan after = default, Exception? error = null)
    {
        await Task.Yield();
        _cluster.Time.Advance(after);
        if (error is not null)
        {
            throw error;
        }

        yield break;
    }

    private static async IAsyncEnumerable<IReadOnlyList<LogEvent>> Tells(long position)
    {
        await Task.Yield();
        yield return [new LogEvent { Position = position, Kind = LogEventKind.Claimed, At = DateTimeOffset.UnixEpoch }];
    }
}
