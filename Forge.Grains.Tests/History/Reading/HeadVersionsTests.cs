using System.Threading.Channels;
using Forge.Errors;
using Forge.Grains.Tests.Sessions;
using Forge.Grains.Tests.Sqlite;
using Forge.History.Reading;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.History.Reading;

/// <summary>How asks for versions share queries. The clock stands still unless a test moves it.</summary>
public sealed class HeadVersionsTests : IAsyncDisposable
{
    private readonly Channel<Sent> _sent = Channel.CreateUnbounded<Sent>();
    private readonly ScriptedHistoryStore _store = new(TrialStore.New());
    private readonly FakeTimeProvider _time = new();
    private readonly HeadVersions _versions;

    public HeadVersionsTests()
    {
        _store.OnVersions = (keys, _) =>
        {
            var sent = new Sent([.. keys]);
            Assert.True(_sent.Writer.TryWrite(sent));
            return sent.Answer.Task;
        };
        _versions = new HeadVersions(_store, _time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _versions.Dispose();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task Read_NothingUnderWay_IsSentAtOnce()
    {
        var read = _versions.ReadAsync(7, Cancel);

        Assert.True(_sent.Reader.TryRead(out var sent));
        Assert.Equal([7], sent.Keys);
        sent.Answers((7, 3));
        Assert.Equal(3, await read);
    }

    [Fact]
    public async Task Read_NoSuchRow_IsZero()
    {
        var read = _versions.ReadAsync(7, Cancel);
        (await NextAsync()).Answers();

        Assert.Equal(0, await read);
    }

    [Fact]
    public async Task Read_WhileAQueryIsUnderWay_RidesOnTheNext()
    {
        var before = _versions.ReadAsync(1, Cancel);
        var first = await NextAsync();
        var after = new[] { 1L, 2, 1, 3 }.Select(key => _versions.ReadAsync(key, Cancel)).ToArray();
        Assert.False(_sent.Reader.TryRead(out _));

        // The session went on between the two.
        first.Answers((1, 4));
        Assert.Equal(4, await before);
        var second = await NextAsync();
        Assert.Equal([1, 2, 3], second.Keys.Order());
        Assert.All(after, read => Assert.False(read.IsCompleted));
        second.Answers((1, 5), (2, 6), (3, 7));

        var versions = await Task.WhenAll(after);
        Assert.Equal([5, 6, 5, 7], versions);
        Assert.Equal(2, _store.VersionReads);
    }

    [Fact]
    public async Task Read_TheQueryFails_FailsThoseThatRideOnItAlone()
    {
        var failed = _versions.ReadAsync(1, Cancel);
        var first = await NextAsync();
        var next = _versions.ReadAsync(1, Cancel);
        first.Answer.SetException(new UnavailableException("no"));

        await Assert.ThrowsAsync<UnavailableException>(() => failed);
        (await NextAsync()).Answers((1, 2));
        Assert.Equal(2, await next);
        var later = _versions.ReadAsync(1, Cancel);
        (await NextAsync()).Answers((1, 3));
        Assert.Equal(3, await later);
    }

    [Fact]
    public async Task Read_OneGivesUp_TheOthersAreAnswered()
    {
        using var giveUp = new CancellationTokenSource();
        var (gone, other) = (_versions.ReadAsync(1, giveUp.Token), (Task<long>?)null);
        var first = await NextAsync();
        var goneToo = _versions.ReadAsync(2, giveUp.Token);
        other = _versions.ReadAsync(2, Cancel);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => goneToo);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _versions.ReadAsync(3, giveUp.Token));
        first.Answers((1, 1));
        var second = await NextAsync();
        Assert.Equal([2], second.Keys);
        second.Answers((2, 9));
        Assert.Equal(9, await other);
    }

    [Fact]
    public async Task Read_MoreSessionsThanAQueryAsksFor_TheRestGoWithTheNext()
    {
        var first = _versions.ReadAsync(0, Cancel);
        var held = await NextAsync();
        var many = Enumerable.Range(1, HeadVersions.MostKeys + 1).Select(key => _versions.ReadAsync(key, Cancel)).ToArray();
        held.Answers((0, 1));
        await first;

        foreach (var count in new[] { HeadVersions.MostKeys, 1 })
        {
            var sent = await NextAsync();
            Assert.Equal(count, sent.Keys.Length);
            sent.Answers([.. sent.Keys.Select(key => (key, key * 10))]);
        }

        Assert.Equal(Enumerable.Range(1, HeadVersions.MostKeys + 1).Select(key => key * 10L), await Task.WhenAll(many));
    }

    [Fact]
    public async Task Read_TheQueryUnderWayIsSlow_IsSentBesideIt()
    {
        var slow = _versions.ReadAsync(1, Cancel);
        var held = await NextAsync();
        var waiting = _versions.ReadAsync(2, Cancel);
        _time.Advance(TimeSpan.FromMilliseconds(40));
        Assert.False(_sent.Reader.TryRead(out _));
        _time.Advance(TimeSpan.FromMilliseconds(40));

        (await NextAsync()).Answers((2, 2));
        Assert.Equal(2, await waiting);
        var next = _versions.ReadAsync(3, Cancel);
        (await NextAsync()).Answers((3, 3));
        Assert.Equal(3, await next);
        Assert.False(slow.IsCompleted);
        held.Answers((1, 1));
        Assert.Equal(1, await slow);
    }

    [Fact]
    public async Task Read_AllQueriesAreSlow_NoMoreAreUnderWayThanMayBe()
    {
        var (reads, held) = (new List<Task<long>>(), new List<Sent>());
        for (var key = 1; key <= HeadVersions.MostUnderWay; key++)
        {
            reads.Add(_versions.ReadAsync(key, Cancel));
            held.Add(await NextAsync());
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var last = _versions.ReadAsync(99, Cancel);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_sent.Reader.TryRead(out _));
        held[2].Answers((3, 3));
        (await NextAsync()).Answers((99, 99));

        Assert.Equal(99, await last);
        held.ForEach(sent => sent.Answer.TrySetResult(new Dictionary<long, long>()));
        await Task.WhenAll(reads);
    }

    // If the way of the queries were the first caller's, nobody would be answered while that one is busy.
    [Fact(Timeout = 60_000)]
    public async Task Read_TheFirstCallersSchedulerIsBusy_TheOthersAreAnswered()
    {
        var scheduler = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        using var busy = new ManualResetEventSlim();
        Task<long>? first = null;
        var caller = Task.Factory.StartNew(
            () =>
            {
                first = _versions.ReadAsync(1, CancellationToken.None);
                busy.Wait();
            },
            Cancel,
            TaskCreationOptions.LongRunning,
            scheduler);
        var sent = await NextAsync();
        var other = _versions.ReadAsync(2, Cancel);

        // On a thread of its own, as from a database.
        await Task.Run(() => sent.Answers((1, 1)), Cancel);
        var next = await NextAsync();
        await Task.Run(() => next.Answers((2, 2)), Cancel);

        Assert.Equal(2, await other.WaitAsync(TestContext.Current.CancellationToken));
        busy.Set();
        await caller;
        Assert.Equal(1, await first!);
    }

    private async Task<Sent> NextAsync() => await _sent.Reader.ReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Cancel);

    /// <summary>A query that was sent, and is not answered before the test does.</summary>
    private sealed record Sent(long[] Keys)
    {
        public TaskCompletionSource<IReadOnlyDictionary<long, long>> Answer { get; } = new();

        public void Answers(params (long Key, long Version)[] versions) =>
            Answer.SetResult(versions.ToDictionary(v => v.Key, v => v.Version));
    }
}
