using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Forge.Client;
using Forge.Errors;
using Forge.Events;
using Forge.Grains.Tests.Streams;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Client;

/// <summary>Several handles of one client that watch a session. The session is a log in memory, whose readings can be held back.</summary>
public sealed class SharedWatchTests
{
    private static readonly SessionAddress Address = new(TenantId.Default, SessionId.Parse("s"));

    private readonly SessionHandle _session;
    private readonly Lock _lock = new();
    private readonly List<Channel<IReadOnlyList<LogEvent>>> _open = [];
    private readonly List<long?> _asked = [];
    private readonly List<LogEvent> _log = [];
    private Exception? _ends;

    public SharedWatchTests() => _session = new FakeCluster()
        .OnRaw(nameof(ISessionGrain.WatchAsync), arguments => ReadAsync((long?)arguments[0], (CancellationToken)arguments[1]!))
        .Session();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WatchAsync_SeveralThatCaughtUp_AreToldByOneReading()
    {
        await using var watchers = await WatchTwoAsync(100);
        await UntilOpenAsync(1);
        Happen(3, 4);
        Happen(5);
        await watchers.UntilAsync(5);

        Assert.Equal(1, Open);
        watchers.MustHaveSeen(5);
    }

    [Fact]
    public async Task WatchAsync_OneAlone_ReadsForItself()
    {
        await using var watchers = await WatchTwoAsync(1);

        Assert.Equal([null], _asked);
    }

    [Fact]
    public async Task WatchAsync_OneTakesNothingForLong_ReadsForItselfAndMissesNothing()
    {
        Happen(1);
        await using var slow = Watch().GetAsyncEnumerator(Cancel);
        Assert.True(await slow.MoveNextAsync());
        await using var watchers = new Watchers(_session, 2);
        await watchers.UntilAsync(1);
        Happen(2);
        Assert.True(await slow.MoveNextAsync());
        await watchers.UntilAsync(2);
        for (var position = 3; position <= 50; position++)
        {
            Happen(position);
            await watchers.UntilAsync(position);
        }

        for (var position = 3; position <= 50; position++)
        {
            Assert.True(await slow.MoveNextAsync());
            Assert.Equal(position, slow.Current.Position);
        }

        watchers.MustHaveSeen(50);
    }

    [Fact]
    public async Task WatchAsync_SharedReadingFailsForGood_EachMeetsTheErrorItself()
    {
        await using var watchers = await WatchTwoAsync(5);
        End(new SessionDeletedException(Address));

        Assert.All(await watchers.ErrorsAsync(), error => Assert.IsType<SessionDeletedException>(error));
    }

    [Fact]
    public async Task WatchAsync_AfterAPositionThatNobodyHasReached_IsLeftToTheSilo()
    {
        await using var watchers = await WatchTwoAsync(5);
        await UntilOpenAsync(1);
        await using var ahead = _session.WatchAsync(1000, Cancel).GetAsyncEnumerator(Cancel);
        var next = ahead.MoveNextAsync();
        await UntilOpenAsync(2);

        lock (_lock)
        {
            Assert.Equal(1000, _asked[^1]);
        }

        End(new SessionDeletedException(Address));
        await Assert.ThrowsAsync<SessionDeletedException>(async () => await next);
    }

    [Fact]
    public async Task WatchAsync_AllAreGone_EndsTheReading()
    {
        await using (await WatchTwoAsync(5))
        {
        }

        await UntilOpenAsync(0);
        Happen(3);
        await using var later = new Watchers(_session, 1);
        await later.UntilAsync(3);
    }

    /// <summary>Some who watch, and have been told of one event that was there before them and one that came while they watched.</summary>
    private async Task<Watchers> WatchTwoAsync(int count)
    {
        Happen(1);
        var watchers = new Watchers(_session, count);
        await watchers.UntilAsync(1);
        Happen(2);
        await watchers.UntilAsync(2);
        return watchers;
    }

    private IAsyncEnumerable<LogEvent> Watch() => _session.WatchAsync(cancellationToken: Cancel);

    private int Open
    {
        get
        {
            lock (_lock)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>Readings that nobody needs any more are ended behind those who left them.</summary>
    private async Task UntilOpenAsync(int count)
    {
        using var bound = new CancellationTokenSource(Watching.Patience);
        while (Open != count)
        {
            bound.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private void Happen(params int[] positions)
    {
        lock (_lock)
        {
            LogEvent[] events = [.. positions.Select(Event)];
            _log.AddRange(events);
            _open.ForEach(reading => reading.Writer.TryWrite(events));
        }
    }

    private void End(Exception error)
    {
        lock (_lock)
        {
            _ends = error;
            _open.ForEach(reading => reading.Writer.TryComplete(error));
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<LogEvent>> ReadAsync(long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var mine = Channel.CreateUnbounded<IReadOnlyList<LogEvent>>();
        lock (_lock)
        {
            _asked.Add(after);
            var rest = _log.FindAll(e => e.Position > (after ?? 0));
            if (rest.Count > 0)
            {
                mine.Writer.TryWrite(rest);
            }

            if (_ends is not null)
            {
                mine.Writer.TryComplete(_ends);
            }

            _open.Add(mine);
        }

        try
        {
            await foreach (var batch in mine.Reader.ReadAllAsync(cancellationToken))
            {
                yield return batch;
            }
        }
        finally
        {
            lock (_lock)
            {
                _open.Remove(mine);
            }
        }
    }

    private static LogEvent Event(int position) => new() { Position = position, Kind = LogEventKind.Created, At = DateTimeOffset.UnixEpoch };

    /// <summary>Those who watch by way of one client, each of whom must see every position once and in order.</summary>
    private sealed class Watchers : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        private readonly List<Task<Exception?>> _watching;
        private readonly long[] _seen;
        private readonly SemaphoreSlim _moved = new(0);

        public Watchers(SessionHandle session, int count)
        {
            _seen = new long[count];
            _watching = [.. Enumerable.Range(0, count).Select(i => Task.Run(() => WatchAsync(session, i)))];
        }

        public async Task UntilAsync(long position)
        {
            while (Enumerable.Range(0, _seen.Length).Any(i => Interlocked.Read(ref _seen[i]) < position))
            {
                Assert.True(await _moved.WaitAsync(Watching.Patience, Cancel), $"not all were told of {position}");
            }
        }

        public void MustHaveSeen(long position) => Assert.All(_seen, seen => Assert.Equal(position, seen));

        public async Task<Exception?[]> ErrorsAsync() => await Task.WhenAll(_watching).WaitAsync(Watching.Patience, Cancel);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            Assert.All(await ErrorsAsync(), error => Assert.True(error is OperationCanceledException or SessionDeletedException, $"{error}"));
            _stop.Dispose();
        }

        private async Task<Exception?> WatchAsync(SessionHandle session, int i)
        {
            try
            {
                await foreach (var happened in session.WatchAsync(null, _stop.Token))
                {
                    Assert.Equal(_seen[i] + 1, happened.Position);
                    Interlocked.Exchange(ref _seen[i], happened.Position);
                    _moved.Release();
                }

                return null;
            }
            catch (Exception error)
            {
                return error;
            }
        }
    }
}
