using Forge.Errors;
using Forge.Grains.Feeds;
using Forge.Grains.Tests.Streams;
using Forge.History.Stores;
using Forge.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;

namespace Forge.Grains.Tests.Feeds;

/// <summary>How callers wait for news, over a feed that the test is.</summary>
public sealed class FeedWatchTests
{
    private static readonly FeedPlace Begun = new(1, 1, 1, DateTimeOffset.UnixEpoch);

    private readonly FakeTimeProvider _time = new();
    private readonly MadeFeed _feed = new();
    private readonly FeedOptions _options = new() { Poll = TimeSpan.FromSeconds(1) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wait_ManyCallersOfATenant_AskOnceAPollAndAreAllWoken()
    {
        var watches = Watches();
        var waiting = Enumerable.Range(0, 50).Select(_ => WaitAsync(watches, TimeSpan.FromHours(1))).ToList();
        await Watching.UntilAsync(() => _feed.Looks == 1);
        Assert.Equal((50, 1), (watches.Waiters, watches.Tenants));
        for (var look = 2; look <= 5; look++)
        {
            await PassAsync(look);
        }

        Assert.All(waiting, task => Assert.False(task.IsCompleted));
        _feed.Newest = Begun with { Id = 2 };
        await PassAsync(6);

        Assert.All(await Task.WhenAll(waiting), Assert.True);
        Assert.Equal((0, 0), (watches.Waiters, watches.Tenants));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(6, _feed.Looks);
    }

    [Fact]
    public async Task Wait_TimeIsOver_SaysThatNothingCame()
    {
        var watches = Watches();
        var waiting = WaitAsync(watches, TimeSpan.FromMilliseconds(500));
        await Watching.UntilAsync(() => _feed.Looks == 1);
        _time.Advance(TimeSpan.FromMilliseconds(500));

        Assert.False(await waiting);
        Assert.Equal((0, 0), (watches.Waiters, watches.Tenants));
    }

    [Fact]
    public async Task Wait_SomethingIsThereAlready_IsNotWaitedFor()
    {
        _feed.Newest = Begun with { Tx = 2, Id = 0 };
        Assert.True(await WaitAsync(Watches(), TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task Wait_LookingFails_LetsWhoeverWaitsReadAndLearnWhy()
    {
        _feed.Problem = new UnavailableException("down");
        Assert.True(await WaitAsync(Watches(), TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task Wait_CommitsTellOfThemselves_LooksWithEachAndAtNoOtherTime()
    {
        using var signal = new MadeSignal();
        _feed.Signal = signal;
        var watches = Watches();
        var waiting = WaitAsync(watches, TimeSpan.FromHours(1));
        await Watching.UntilAsync(() => _feed.Looks == 1);
        _time.Advance(TimeSpan.FromMinutes(10));
        signal.Tell();
        await Watching.UntilAsync(() => _feed.Looks == 2);
        Assert.False(waiting.IsCompleted);
        _feed.Newest = Begun with { Id = 2 };
        signal.Tell();

        Assert.True(await waiting);
        Assert.Equal(3, _feed.Looks);
        Assert.True(signal.IsDisposed);
    }

    [Fact]
    public async Task Wait_MoreThanMay_IsOverAtOnceUntilOneIsDone()
    {
        _options.Waiters = 1;
        var watches = Watches();
        using var given = new CancellationTokenSource();
        var first = watches.WaitAsync(TenantId.Default, Begun, TimeSpan.FromHours(1), given.Token);
        Assert.False(await WaitAsync(watches, TimeSpan.FromHours(1)).WaitAsync(Watching.Patience, Cancel));
        Assert.Equal(1, watches.Waiters);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _feed.Newest = Begun with { Id = 2 };

        Assert.True(await WaitAsync(watches, TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task Wait_SiloStops_IsOverAtOnceThenAndLater()
    {
        var lifecycle = new MadeLifecycle(NullLogger.Instance);
        var watches = Watches();
        ((ILifecycleParticipant<ISiloLifecycle>)watches).Participate(lifecycle);
        await lifecycle.OnStart(Cancel);
        var waiting = Enumerable.Range(0, 3).Select(_ => WaitAsync(watches, TimeSpan.FromHours(1))).ToList();
        await Watching.UntilAsync(() => _feed.Looks == 1);
        Assert.All(waiting, task => Assert.False(task.IsCompleted));
        await lifecycle.OnStop(Cancel);

        Assert.All(await Task.WhenAll(waiting).WaitAsync(Watching.Patience, Cancel), Assert.False);
        Assert.False(await WaitAsync(watches, TimeSpan.FromHours(1)).WaitAsync(Watching.Patience, Cancel));
        Assert.Equal((0, 0), (watches.Waiters, watches.Tenants));
        Assert.Equal(1, _feed.Looks);
    }

    private FeedWatches Watches() => new(_feed, Options.Create(_options), _time);

    private static Task<bool> WaitAsync(FeedWatches watches, TimeSpan wait) => watches.WaitAsync(TenantId.Default, Begun, wait, Cancel);

    /// <summary>Lets time pass until so many looks were taken.</summary>
    private async Task PassAsync(int looks)
    {
        // The look-out may not have begun to wait yet.
        await Watching.UntilAsync(() =>
        {
            _time.Advance(_feed.Looks < looks ? _options.Poll : TimeSpan.Zero);
            return _feed.Looks >= looks;
        });
        Assert.Equal(looks, _feed.Looks);
    }

    private sealed class MadeLifecycle(ILogger logger) : LifecycleSubject(logger), ISiloLifecycle
    {
        public int HighestCompletedStage => 0;

        public int LowestStoppedStage => 0;
    }

    private sealed class MadeFeed : IFeed
    {
        private int _looks;

        public int Looks => Volatile.Read(ref _looks);

        public FeedPlace Newest { get; set; } = Begun;

        public Exception? Problem { get; set; }

        public IFeedSignal? Signal { get; set; }

        public IFeedSignal? Listen(TenantId tenant) => Signal;

        public Task<FeedPlace> NewestAsync(TenantId tenant, CancellationToken cancellationToken)
        {
            var newest = Newest;
            Interlocked.Increment(ref _looks);
            return Problem is null ? Task.FromResult(newest) : Task.FromException<FeedPlace>(Problem);
        }

        public Task<FeedRead> ReadAsync(TenantId tenant, FeedFilter filter, FeedPlace? after, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("Nobody reads here.");

        public Task<TrimmedFeed?> TrimAsync(string? after, DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("Nobody trims here.");
    }

    private sealed class MadeSignal : IFeedSignal
    {
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsDisposed { get; private set; }

        public Task Next => Volatile.Read(ref _next).Task;

        public void Tell() => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

        public void Dispose() => IsDisposed = true;
    }
}
