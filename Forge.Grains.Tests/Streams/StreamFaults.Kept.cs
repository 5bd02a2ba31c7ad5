using Forge.Checkpoints;
using Forge.Errors;
using Forge.Events;
using Forge.Grains.Streams;
using Forge.Grains.Tests.Sessions;
using Forge.History.Stores;
using Forge.Sessions;

namespace Forge.Grains.Tests.Streams;

/// <summary>What is kept for those who watch, and for how long.</summary>
public abstract partial class StreamFaults
{
    /// <summary>An interval that nothing else has.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(4321);

    [Fact]
    public async Task Watch_OvertakenActivationThatNobodyAsks_EndsWithTheNextCheck()
    {
        var time = new HeldTicks(CheckInterval);
        await using var forge = await StartAsync(options => options.Streams.CheckInterval = CheckInterval, time);
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await using var stream = session.WatchAsync(0, Cancel).WithBatchSize(1).GetAsyncEnumerator(Cancel);
        Assert.True(await stream.MoveNextAsync());
        var ends = stream.MoveNextAsync().AsTask();
        await session.GetSummaryAsync(1);
        await TickAsync(time);
        await WriteElsewhereAsync("s");
        await TickAsync(time);

        Assert.False(await ends.WaitAsync(Watching.Patience, Cancel));
        var events = await forge.Follow(session, 1).TakeAsync(1);
        Assert.Equal((2, LogEventKind.Claimed), (events[0].Position, events[0].Kind));
    }

    [Fact]
    public async Task Watch_DatabaseDownAtACheck_GoesOnWaiting()
    {
        var time = new HeldTicks(CheckInterval);
        await using var forge = await StartAsync(options => options.Streams.CheckInterval = CheckInterval, time);
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await using var stream = session.WatchAsync(1, Cancel).WithBatchSize(1).GetAsyncEnumerator(Cancel);
        var next = stream.TakeAsync(1);
        var (failed, heads) = (new TaskCompletionSource(), 0);
        await TickAsync(time);
        Store.OnHeadRead = () =>
        {
            heads++;
            failed.TrySetResult();
            throw new UnavailableException("down");
        };
        await TickAsync(time);
        await failed.Task.WaitAsync(Watching.Patience, Cancel);
        Store.OnHeadRead = null;
        await session.CreateAsync("2");

        (await next).MustFollow(2);
        Assert.Equal(1, heads);
    }

    [Fact]
    public async Task Watch_CheckpointsThatWereRemovedMeanwhile_AreToldWithoutTheirText()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await using var stream = session.WatchAsync(0, Cancel).WithBatchSize(1).GetAsyncEnumerator(Cancel);
        Assert.True(await stream.MoveNextAsync());
        await session.CreateAsync("secret", "tag");
        await session.AnnotateAsync(2, AnnotationSeverity.Info, "note");
        await session.CreateAsync("stays");
        await session.DeleteAsync(2);
        var reads = Store.LogReads;

        // None of it was told before it was removed.
        var events = await stream.TakeAsync(4);
        events.MustFollow(2);
        Assert.Equal(reads, Store.LogReads);
        Assert.Equal((null, null, null), (events[0].Message, events[0].Tags, events[0].ContentType));
        Assert.Null(events[1].Text);
        Assert.Equal("stays", events[2].Message);
        Assert.Equivalent(await session.EventsAsync(1), events, strict: true);

        await session.CreateAsync("secret too");
        await session.RunAsync(new ClearSession());
        await session.CreateAsync("stays too");
        events = await stream.TakeAsync(3);
        Assert.Equal([null, null, "stays too"], events.Select(e => e.Message));
    }

    [Fact]
    public async Task Watch_SessionThatWasDeletedMeanwhile_IsToldWithoutItsText()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await using var stream = session.WatchAsync(0, Cancel).WithBatchSize(1).GetAsyncEnumerator(Cancel);
        Assert.True(await stream.MoveNextAsync());
        await session.CreateAsync("secret", "tag");
        await session.DeleteSessionAsync();

        var told = Assert.Single(await stream.TakeAsync(1));
        Assert.Equal((2, null, null), (told.Position, told.Message, told.Tags));
        await Assert.ThrowsAsync<SessionDeletedException>(() => stream.MoveNextAsync().AsTask());
    }

    [Fact]
    public async Task Watch_NotesBehindWhatIsKept_ComeInBatchesOfSoManyBytes()
    {
        const int bytes = 4096;
        await using var forge = await StartAsync(options => options.Streams.BatchBytes = bytes);
        var session = forge.Session("s");
        await session.CreateAsync("1");
        for (var i = 0; i < 20; i++)
        {
            await session.AnnotateAsync(1, AnnotationSeverity.Info, new string('x', 1000));
        }

        var told = new List<LogEvent>();
        await using var stream = session.WatchAsync(0, Cancel).WithBatchSize(1).GetAsyncEnumerator(Cancel);
        while (told.Count < 21)
        {
            Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Watching.Patience, Cancel));
            Assert.InRange(stream.Current.SkipLast(1).Sum(e => e.Text?.Length ?? 0), 0, bytes);
            told.AddRange(stream.Current);
        }

        told.MustFollow(1);
    }

    [Fact]
    public async Task Watch_MoreIsKeptInASiloThanMayBe_ComesFromTheLogWithNoHole()
    {
        const int sessions = 6;
        await using var forge = await StartAsync(options => options.Streams.SiloBytes = 8 * 1024);
        var watched = new List<Task<List<LogEvent>>>();
        for (var s = 0; s < sessions; s++)
        {
            await forge.Session($"s{s}").CreateAsync("1");
            watched.Add(forge.Follow(forge.Session($"s{s}")).TakeAsync(20));
        }

        for (var i = 2; i <= 20; i++)
        {
            for (var s = 0; s < sessions; s++)
            {
                await forge.Session($"s{s}").CreateAsync(new string('x', 500));
            }

            // One that is at it may be beyond for a moment.
            Assert.InRange(forge.Service<OpenFeeds>().Budget.Bytes, 0, 8 * 1024);
        }

        Assert.All(await Task.WhenAll(watched), events => events.MustFollow(1));
    }

    [Fact]
    public async Task Watch_WaitingForMore_KeepsNothingOfThePageThatWasTold()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        var texts = new List<WeakReference>();
        Store.AfterLogRead = page => texts.AddRange(page.Entries.OfType<CreatedEntry>().Select(entry => new WeakReference(entry.Text!.Message)));
        await using var stream = session.WatchAsync(0, Cancel).WithBatchSize(1).GetAsyncEnumerator(Cancel);
        Assert.True(await stream.MoveNextAsync());
        var next = stream.TakeAsync(1);

        // Whoever is asked now was waiting before.
        await session.GetSummaryAsync(1);
        await Watching.UntilAsync(() =>
        {
            GC.Collect();
            return !texts.Exists(text => text.IsAlive);
        });
        Assert.Single(texts);
        await session.CreateAsync("2");
        (await next).MustFollow(2);
    }

    private static async Task TickAsync(HeldTicks time)
    {
        await Watching.UntilAsync(() => time.Held > 0);
        time.Tick();
    }
}
