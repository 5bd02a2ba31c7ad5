using Forge.Checkpoints;
using Forge.Claims;
using Forge.Errors;
using Forge.Events;
using Forge.Grains.Streams;
using Forge.Grains.Tests.Retention;
using Forge.Grains.Tests.Sessions;
using Forge.History.Changes;
using Forge.History.Log;
using Forge.Identity;
using Forge.Integrity;
using Forge.Operations;
using Forge.Sessions;
using Orleans.Core.Internal;

namespace Forge.Grains.Tests.Streams;

/// <summary>What the stream of a session's events promises, on each database, of which the cluster's has two silos.</summary>
public abstract class StreamContract(RetentionFixture fixture)
{
    private ForgeCluster Forge => fixture.Cluster;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Kinds_EveryStoredOne_HasANameOfItsOwn()
    {
        var told = Enum.GetValues<SessionEventKind>().Where(k => k != SessionEventKind.Created).Select(LogEvents.KindOf).ToList();

        Assert.DoesNotContain(LogEventKind.Unknown, told);
        Assert.Equal(Enum.GetNames<SessionEventKind>().Order(), told.Append(LogEventKind.Created).Select(k => k.ToString()).Order());
        Assert.All(Enum.GetValues<LogEventKind>(), kind => Assert.Equal(kind, LogEventKindNames.Parse(kind.ToName())));
        Assert.Equal(
            "annotated checkpointMissed claimed compacted created deleted effectBegun effectCompleted effectFailed effectRefused effectResolved effectsImported "
            + "forked imported released restored revived tagged unknown written",
            string.Join(' ', Enum.GetValues<LogEventKind>().Select(k => k.ToName()).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Watch_EachKindOfEvent_TellsTheSameAsTheLog()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync("first", "a", "b");
        var live = Forge.Follow(session).TakeAsync(15);

        await session.CreateAsync(Make.Checkpoint("second") with { Branch = "side", Trigger = CheckpointTrigger.ToolCall, ContentType = "text/plain" });
        await session.CreateBatchAsync([Make.Checkpoint("third"), Make.Checkpoint("fourth")]);
        await session.RestoreAsync(1);
        await session.RunAsync(new RestoreCheckpoint(2, "side"));
        await session.AnnotateAsync(1, AnnotationSeverity.Critical, "look");
        await session.SetTagsAsync(1, ["c"]);
        await session.RunAsync(new ClaimSession("worker", TimeSpan.FromMinutes(5)));
        await session.RunAsync(new ReleaseClaim { Epoch = 1 });
        await session.DeleteAsync(3);
        await session.RunAsync(new RestoreCheckpoint(1) { Save = new PresentState { Message = "saved", State = Make.State("s") } });
        await session.CreateBatchAsync([Make.Checkpoint("sixth"), Make.Checkpoint("seventh")]);

        // What is removed tells no text any more to whoever comes late.
        var events = await live;
        var rest = Forge.Follow(session, events[^1].Position).TakeAsync(3);
        await session.CompactAsync(new RetentionPolicy { KeepRecent = 1 });
        await session.RunAsync(new ClearSession());
        await session.CreateAsync("last");

        events.AddRange(await rest);
        events.MustFollow(1);
        Assert.Equal(
            "created created created created restored restored annotated tagged claimed released deleted created restored created created compacted compacted created",
            string.Join(' ', events.Select(e => e.Kind.ToName())));
        var stored = await session.EventsAsync();
        Assert.Equal(events.Count, stored.Count);
        Assert.All(events.Zip(stored), pair => Assert.Equivalent(Kept(pair.First, pair.Second), pair.Second, strict: true));

        Assert.Equal(("first", "main", 0L), (events[0].Message, events[0].Branch, events[0].Parent));
        Assert.Equal(["a", "b"], events[0].Tags!);
        Assert.Equal(("side", CheckpointTrigger.ToolCall, "text/plain"), (events[1].Branch, events[1].Trigger, events[1].ContentType));
        Assert.Equal((1L, "main", 4L), (events[4].Sequence, events[4].Branch, events[4].Undo));
        Assert.Equal((2L, "side"), (events[5].Sequence, events[5].Branch));
        Assert.Equal((1L, AnnotationSeverity.Critical, "look"), (events[6].Sequence, events[6].Severity, events[6].Text));
        Assert.Equal(["c"], events[7].Tags!);
        Assert.Equal(["a", "b"], events[7].TagsBefore!);
        Assert.Equal((1L, "worker"), (events[8].Epoch, events[8].Owner));
        Assert.NotNull(events[8].Until);
        Assert.Equal((1L, "worker"), (events[9].Epoch, events[9].Owner));
        Assert.Equal(3, events[10].Sequence);
        Assert.Equal("saved", events[11].Message);
        Assert.Equal(0, events[16].Remaining);
        Assert.All(events, e => Assert.Equal(64, e.Chain!.Length));
        Assert.True((await session.VerifyOnceAsync(new Anchor(events[^1].Position, events[^1].Chain!))).IsIntact);
    }

    [Fact]
    public async Task ListEvents_RemovedCheckpoints_KeepTheirCreatedEventsWithoutTheirText()
    {
        var name = Make.Id();
        var session = Forge.Session(name);
        await session.CreateAsync("1", "a");
        await session.CreateAsync(Make.Checkpoint("2") with { Branch = "side", Trigger = CheckpointTrigger.CodeModified });
        await session.CreateAsync("3");
        await session.AnnotateAsync(1, AnnotationSeverity.Info, "note");
        var before = await session.EventsAsync();
        await session.DeleteAsync(1);
        await session.DeleteAsync(2);

        // Right behind the deletes, when the rows are still there, and when they are gone.
        var hidden = await session.EventsAsync();
        await Forge.SweepUntilGoneAsync(name);
        var gone = await session.EventsAsync();

        foreach (var after in new[] { hidden, gone })
        {
            after.MustFollow(1);
            Assert.All(after.Take(2).Zip(before), pair => Assert.Equal(
                (pair.Second.At, pair.Second.Sequence, pair.Second.Id, pair.Second.Trigger, pair.Second.Chain, (string?)null, (IReadOnlyList<string>?)null),
                (pair.First.At, pair.First.Sequence, pair.First.Id, pair.First.Trigger, pair.First.Chain, pair.First.Message, pair.First.Tags)));
            Assert.Equal("3", after[2].Message);
            Assert.Equal((AnnotationSeverity.Info, null), (after[3].Severity, after[3].Text));
        }
    }

    [Fact]
    public async Task ListEvents_InPagesOfAnySize_HasEachOnce()
    {
        var session = Forge.Session(Make.Id());
        for (var i = 1; i <= 12; i++)
        {
            await session.CreateAsync($"{i}");
            await session.SetTagsAsync(i, [$"{i}"]);
        }

        foreach (var limit in new[] { 1, 2, 5, 24, 1000 })
        {
            var events = await session.EventsAsync(null, limit);
            Assert.Equal(24, events.Count);
            events.MustFollow(1);
        }

        (await session.EventsAsync(7)).MustFollow(8);
        Assert.Empty(await session.EventsAsync(24));
        Assert.Equal(24, (await session.RunAsync(new ListEvents(24))).Last);
    }

    [Fact]
    public async Task ListEvents_BadBounds_AreRefused()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();

        Assert.Equal("limit", (await Assert.ThrowsAsync<InvalidRequestException>(() => session.RunAsync(new ListEvents(0, 0)))).Field);
        Assert.Equal("limit", (await Assert.ThrowsAsync<OverLimitException>(() => session.RunAsync(new ListEvents(0, 1001)))).Field);
        Assert.Equal("after", (await Assert.ThrowsAsync<InvalidRequestException>(() => session.RunAsync(new ListEvents(-1)))).Field);
        Assert.Equal("after", (await Assert.ThrowsAsync<InvalidRequestException>(() => session.RunAsync(new ListEvents(2)))).Field);
        Assert.Equal("after", (await Assert.ThrowsAsync<InvalidRequestException>(() => Forge.Follow(session, 2).TakeAsync(1))).Field);
        Assert.Equal("after", (await Assert.ThrowsAsync<InvalidRequestException>(() => Forge.Follow(session, -1).TakeAsync(1))).Field);
        Assert.Equal("after", (await Assert.ThrowsAsync<InvalidRequestException>(() => Forge.Follow(Forge.Session(Make.Id()), 1).TakeAsync(1))).Field);
    }

    [Fact]
    public async Task Watch_SessionThatDoesNotExist_WaitsForItsFirstEvent()
    {
        var session = Forge.Session(Make.Id());
        var page = await session.RunAsync(new ListEvents());
        Assert.Equal((0, null, 0L), (page.Items.Count, page.Next, page.Last));
        var watched = Forge.Follow(session).TakeAsync(2);
        await session.CreateAsync("1");
        await session.CreateAsync("2");

        (await watched).MustFollow(1);
    }

    [Fact]
    public async Task Watch_SessionThatIsDeleted_EndsWithAnErrorBehindItsLastEvent()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync("1");
        var (told, begun) = (new List<LogEvent>(), new TaskCompletionSource());
        var watched = Task.Run(
            async () =>
            {
                await foreach (var happened in Forge.Follow(session))
                {
                    told.Add(happened);
                    begun.TrySetResult();
                }
            },
            Cancel);
        await begun.Task.WaitAsync(Cancel);
        await session.CreateAsync("2");
        await session.DeleteSessionAsync();

        await Assert.ThrowsAsync<SessionDeletedException>(() => watched);
        Assert.Equal([1, 2], told.Select(e => e.Position));
        await Assert.ThrowsAsync<SessionDeletedException>(() => Forge.Follow(session).TakeAsync(1));
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.RunAsync(new ListEvents()));
    }

    [Fact]
    public async Task Watch_SessionThatWasRevived_GoesOnBehindTheLastEventOfTheLifeBefore()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        await session.EraseSessionAsync();
        await session.RunAsync(new ReviveSession());
        var watched = Forge.Follow(session, 2).TakeAsync(2);
        await session.CreateAsync("3");

        var events = await watched;
        events.MustFollow(3);
        Assert.Equal([LogEventKind.Revived, LogEventKind.Created], events.Select(e => e.Kind));
        (await Forge.Follow(session).TakeAsync(2)).MustFollow(3);
        var expired = await Assert.ThrowsAsync<LogPositionExpiredException>(() => Forge.Follow(session, 1).TakeAsync(1));
        Assert.Equal((1, 2), (expired.Position, expired.Oldest));
    }

    [Fact]
    public async Task Watch_PositionBeforeWhatWasTrimmed_IsToldTheOldestThatItMayGoOnAfter()
    {
        var session = Forge.Session(Make.Id());
        for (var i = 1; i <= 10; i++)
        {
            await session.RunAsync(new ClaimSession($"w{i}"));
            await session.CreateAsync(Make.Checkpoint($"{i}") with { Epoch = i });
        }

        // The claims go, and the creates stay with their checkpoints: the last claim that went is what counts.
        await fixture.SweepAfterAsync(TimeSpan.FromDays(30));
        await fixture.Store.Upkeep.TrimEventsAsync(
            await fixture.KeyAsync(session), 0, 3, fixture.Time.GetUtcNow(), fixture.Time.GetUtcNow(), 1000, Cancel);

        var expired = await Assert.ThrowsAsync<LogPositionExpiredException>(() => session.RunAsync(new ListEvents(0)));
        Assert.Equal((0, 17), (expired.Position, expired.Oldest));
        await Assert.ThrowsAsync<LogPositionExpiredException>(() => Forge.Follow(session, 16).TakeAsync(1));
        (await Forge.Follow(session, expired.Oldest).TakeAsync(3)).MustFollow(18);

        // Who says nothing begins there.
        (await session.EventsAsync()).MustFollow(18);
        (await Forge.Follow(session).TakeAsync(3)).MustFollow(18);
    }

    [Fact]
    public async Task Watch_ImportBesideASubscriber_TellsItsCreatesFromTheLogAndPassesWhatItLeftEmpty()
    {
        var origin = Forge.Session(Make.Id());
        await origin.CreateAsync("1");
        await origin.CreateAsync("2");
        await origin.AnnotateAsync(1, AnnotationSeverity.Info, "early");
        await origin.SetTagsAsync(2, ["x"]);
        await origin.AnnotateAsync(2, AnnotationSeverity.Info, "late");
        var session = Forge.Session(Make.Id());
        var watched = Forge.Follow(session).TakeAsync(4);
        await session.ImportAllAsync(await origin.ExportAllAsync());
        await session.CreateAsync("3");

        var events = await watched;
        Assert.Equal("created created imported created", string.Join(' ', events.Select(e => e.Kind.ToName())));
        Assert.Equal((1L, 2L, 2L), (events[2].First, events[2].Last, events[2].Count));
        Assert.Equal([1, 2], events.Take(2).Select(e => e.Position));
        Assert.True(events[2].Position > 3, "the annotations have positions of their own behind the creates");
        Assert.Equal(events[2].Position + 1, events[3].Position);
        Assert.Equivalent(events, await session.EventsAsync(), strict: true);
    }

    [Fact]
    public async Task Watch_Fork_TellsWhereItComesFrom()
    {
        var (origin, name) = (Forge.Session(Make.Id()), Make.Id());
        var created = await origin.CreateAsync("1");
        await Forge.Session(name).RunAsync(new ForkSession(Watching.AddressOf(origin).Session, 1));

        var events = await Forge.Follow(Forge.Session(name)).TakeAsync(2);

        Assert.Equal([LogEventKind.Created, LogEventKind.Forked], events.Select(e => e.Kind));
        Assert.Equal(
            new EventOrigin(Watching.AddressOf(origin).Session, 1, created.Id, created.Chain), events[1].Origin);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public async Task Watch_ManySubscribersAndWritersThroughDeactivations_HasNoHoleAndNoRepeat(int seed)
    {
        const int subscribers = 100;
        const int writers = 4;
        const int each = 60;
        var (session, random) = (Forge.Session(Make.Id()), new Random(seed));
        await session.CreateAsync("0");
        var starts = Enumerable.Range(0, subscribers).Select(_ => random.Next(3) switch { 0 => (long?)null, 1 => 0L, _ => 1L }).ToList();
        var watching = starts.ConvertAll(after => Forge.Follow(session, after).TakeAsync((writers * each) + (after == 1 ? 0 : 1)));
        using var written = new CancellationTokenSource();
        var writing = Enumerable.Range(0, writers).Select(writer => WriteAsync(session, $"{writer}", each)).ToList();
        var ending = Task.Run(
            async () =>
            {
                while (!written.IsCancellationRequested)
                {
                    await DeactivateAsync(session);
                    await session.GetInfoAsync();
                }
            },
            Cancel);

        await Task.WhenAll(writing);
        await written.CancelAsync();
        await ending;
        var told = await Task.WhenAll(watching);

        Assert.All(told.Zip(starts), pair => pair.First.MustFollow((pair.Second ?? 0) + 1));
        var stored = await session.EventsAsync();
        stored.MustFollow(1);
        Assert.All(told, events => Assert.Equal(stored[^1], events[^1] with { Tags = stored[^1].Tags }));
    }

    [Fact]
    public async Task Watch_Ended_LeavesNothingBehind()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        await Forge.Follow(session).TakeAsync(1);

        // The next call is answered behind the end of the enumeration.
        await session.GetInfoAsync();
        for (var silo = 0; silo < Forge.Cluster.Silos.Count; silo++)
        {
            Assert.Equal(0, Forge.Service<OpenFeeds>(silo).Count);
        }
    }

    /// <summary>Has the activation end while it is watched, as the cluster does when it moves.</summary>
    private async Task DeactivateAsync(ISessionGrain session)
    {
        await session.AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        for (var silo = 0; silo < Forge.Cluster.Silos.Count; silo++)
        {
            Forge.Service<OpenFeeds>(silo).EndAll();
        }
    }

    private static async Task WriteAsync(ISessionGrain session, string writer, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var id = CheckpointIdOf();
            bool isTaken;
            do
            {
                isTaken = await TryAsync(id);
            }
            while (!isTaken);
        }

        async Task<bool> TryAsync(CheckpointId id)
        {
            try
            {
                await session.CreateAsync(Make.Checkpoint(writer) with { Id = id, FirstAttempt = false });
                return true;
            }
            catch (Exception exception) when (exception is ForgeException { IsTransient: true } or Orleans.Runtime.OrleansException)
            {
                return false;
            }
        }
    }

    private static CheckpointId CheckpointIdOf() => CheckpointId.Create(TimeProvider.System.GetUtcNow());

    /// <summary>What the log keeps of an event that was told live.</summary>
    private static LogEvent Kept(LogEvent live, LogEvent stored) => stored switch
    {
        { Kind: LogEventKind.Created, Message: null } => live with { Message = null, Tags = null, ContentType = null, Branch = stored.Branch },
        { Kind: LogEventKind.Annotated, Text: null } => live with { Text = null },
        _ => live,
    };
}

public sealed class SqliteStreamContract(SqliteRetentionFixture fixture)
    : StreamContract(fixture), IClassFixture<SqliteRetentionFixture>;

public sealed class PostgreSqlStreamContract(PostgreSqlRetentionFixture fixture)
    : StreamContract(fixture), IClassFixture<PostgreSqlRetentionFixture>;
