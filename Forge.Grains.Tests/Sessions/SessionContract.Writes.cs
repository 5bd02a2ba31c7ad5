using Forge.Checkpoints;
using Forge.Claims;
using Forge.Errors;
using Forge.Events;
using Forge.Identity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>Pending writes of steps.</summary>
public abstract partial class SessionContract
{
    [Fact]
    public async Task Write_UnderACheckpoint_IsReadWithIt()
    {
        var (_, session) = New();
        var (one, two) = (await session.CreateAsync("1"), await session.CreateAsync("2"));
        NewWrite[] writes = [WriteCalls.Make("b", 1, "[1]"), WriteCalls.Make("a", 0, "\"x\""), WriteCalls.Make("b", -1, "2")];

        var result = await session.WriteAsync(two.Id, writes);

        Assert.Equal((new CheckpointPointer(2, two.Id), 3L), (result.Checkpoint, result.Position!.Value));
        Assert.Equal([WriteOutcome.Written, WriteOutcome.Written, WriteOutcome.Written], result.Outcomes);
        Assert.Equal(["a/0=\"x\"", "b/-1=2", "b/1=[1]"], await session.WritesOfAsync(CheckpointReference.Latest));
        Assert.Empty(await session.WritesOfAsync(one.Id));
        var page = (await session.ListWritesAsync(2))!;
        Assert.Equal(("of a", "application/json", TimeSpan.Zero), (page.Items[0].Name, page.Items[0].ContentType, page.Items[0].At.Offset));
        Assert.Equal((3L, 5L + 2), await session.CountedAsync());
        Assert.Equal((result.Position, result.Chain), await AnchorAsync(session));
        Assert.Equal((2L, 2L), ((await session.GetInfoAsync())!.Count, (await session.GetInfoAsync())!.LastSequence));
        Assert.Null(await session.ListWritesAsync(3));
        await AssertIntactAsync(session);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_KeyThatIsThere_StaysOrIsReplacedAsTheCallerSays(bool isAnew)
    {
        var (_, session) = New();
        await session.CreateAsync();
        await session.WriteAsync(1, [WriteCalls.Make("a", 0, "1"), WriteCalls.Make("a", 1, "1")]);
        if (isAnew)
        {
            await Forge.EndActivationsAsync();
        }

        var result = await session.WriteAsync(
            1, [WriteCalls.Make("a", 1, "22"), WriteCalls.Make("a", 0, "333", WriteMode.Replace), WriteCalls.Make("a", 2, "4", WriteMode.Replace)]);

        Assert.Equal([WriteOutcome.Kept, WriteOutcome.Replaced, WriteOutcome.Written], result.Outcomes);
        Assert.Equal(["a/0=333", "a/1=1", "a/2=4"], await session.WritesOfAsync(1));
        Assert.Equal((3L, 5L), await session.CountedAsync());
        await AssertIntactAsync(session);
    }

    [Fact]
    public async Task Write_EachIsKept_ChangesNothingAndSaysSo()
    {
        var (_, session) = New();
        await session.CreateAsync();
        await session.WriteAsync(1, "a");
        var before = await session.GetInfoAsync();

        var result = await session.WriteAsync(1, "a");

        Assert.Equal([WriteOutcome.Kept], result.Outcomes);
        Assert.Equal((null, null), (result.Position, result.Chain));
        Assert.Equivalent(before, await session.GetInfoAsync(), strict: true);
    }

    [Fact]
    public async Task Write_RepeatOfARequest_AnswersTheFirstOutcomes()
    {
        var (_, session) = New();
        await session.CreateAsync();
        await session.WriteAsync(1, "b");
        var (request, keptAlone) = (new ChangeRequest(Guid.NewGuid(), false), new ChangeRequest(Guid.NewGuid(), false));
        NewWrite[] writes = [WriteCalls.Make("a"), WriteCalls.Make("b"), WriteCalls.Make("b", 1, "1", WriteMode.Replace)];
        var first = await session.WriteAsync(1, writes, request);
        var kept = await session.WriteAsync(1, [WriteCalls.Make("a")], keptAlone);
        await session.WriteAsync(1, [WriteCalls.Make("a", 0, "7", WriteMode.Replace), WriteCalls.Make("b", 1, "8", WriteMode.Replace)]);

        Assert.Equivalent(first, await session.WriteAsync(1, writes, request), strict: true);
        Assert.Equal(["a/0=7", "b/0=1", "b/1=8"], await session.WritesOfAsync(1));
        await session.DeleteAsync(1);
        Assert.Equivalent(first, await session.WriteAsync(1, writes, request), strict: true);
        Assert.Equivalent(kept, await session.WriteAsync(1, [WriteCalls.Make("a")], keptAlone), strict: true);
        Assert.Equal([WriteOutcome.Kept], kept.Outcomes);
        var error = await Assert.ThrowsAsync<RequestConflictException>(() => session.WriteAsync(1, [WriteCalls.Make("a", 0, "2")], request));
        Assert.Equal("argument", error.Difference);
    }

    [Fact]
    public async Task Write_BadValues_AreRefusedByNameAndChangeNothing()
    {
        var (_, session) = New();
        await session.CreateAsync();
        var good = WriteCalls.Make("a");
        foreach (var (writes, field) in new (NewWrite[], string)[]
        {
            ([], "writes"),
            ([good, good with { Name = "other" }], "writes[1]"),
            ([good, good with { Task = "" }], "writes[1].task"),
            ([good with { Task = "\0" }], "writes[0].task"),
            ([good with { Name = "" }], "writes[0].name"),
            ([good with { Index = -1025 }], "writes[0].index"),
            ([good with { Index = 65_536 }], "writes[0].index"),
            ([good with { Mode = (WriteMode)2 }], "writes[0].mode"),
            ([good with { ContentType = "é" }], "writes[0].contentType"),
            ([good with { Value = default }], "writes[0].value"),
            ([null!], "writes[0]"),
        })
        {
            Assert.Equal(field, (await Assert.ThrowsAsync<InvalidRequestException>(() => session.WriteAsync(1, writes))).Field);
        }

        foreach (var (writes, field, limit, actual, unit) in new (NewWrite[], string, long, long, string)[]
        {
            ([good with { Task = new string('a', 201) }], "writes[0].task", 200, 201, "characters"),
            ([good with { Name = new string('a', 201) }], "writes[0].name", 200, 201, "characters"),
            ([good, good with { Index = 1, Value = new byte[(1024 * 1024) + 1] }], "writes[1].value", 1024 * 1024, (1024 * 1024) + 1, "bytes"),
            ([.. Enumerable.Range(0, 1001).Select(i => good with { Index = i })], "writes", 1000, 1001, "records"),
            ([.. Enumerable.Range(0, 17).Select(i => good with { Index = i, Value = new byte[1024 * 1024] })], "writes", 16 << 20, 17 << 20, "bytes"),
        })
        {
            var error = await Assert.ThrowsAsync<OverLimitException>(() => session.WriteAsync(1, writes));
            Assert.Equal((field, limit, actual, unit), (error.Field, error.Limit, error.Actual, error.Unit));
        }

        await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.WriteAsync(2, [good]));
        Assert.Equal((0L, 0L), await session.CountedAsync());
        Assert.Equal(1, (await session.GetInfoAsync())!.Version);
    }

    [Fact]
    public async Task Write_MoreThanTheSessionMayHave_IsRefusedUntilSomeGo()
    {
        var (_, session) = New();
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        for (var i = 0; i < 10; i++)
        {
            await session.WriteAsync((i % 2) + 1, [.. Enumerable.Range(0, 1000).Select(index => WriteCalls.Make($"t{i}", index))]);
        }

        var error = await Assert.ThrowsAsync<OverLimitException>(() => session.WriteAsync(1, "one more"));
        Assert.Equal(("writes", 10_000, 10_001), (error.Field, error.Limit, error.Actual));
        Assert.Equal([WriteOutcome.Replaced], (await session.WriteAsync(1, [WriteCalls.Make("t0", 5, "22", WriteMode.Replace)])).Outcomes);
        Assert.Equal((10_000L, 10_001L), await session.CountedAsync());

        await Forge.EndActivationsAsync();
        await Assert.ThrowsAsync<OverLimitException>(() => session.WriteAsync(2, "one more"));
        await session.DeleteAsync(1);

        Assert.Equal((5000L, 5000L), await session.CountedAsync());
        await session.WriteAsync(2, "one more");
        Assert.Equal(5001, (await session.WritesOfAsync(2, 1000)).Count);
        await AssertIntactAsync(session);
    }

    [Fact]
    public async Task Write_CheckpointGoes_TheyGoWithIt()
    {
        var (name, session) = New();
        for (var i = 1; i <= 6; i++)
        {
            await session.CreateAsync($"{i}");
            await session.WriteAsync(i, [WriteCalls.Make("a", 0, new string('1', i)), WriteCalls.Make("b")]);
        }

        await session.DeleteAsync(5);
        Assert.Equal((10L, 21L), await session.CountedAsync());
        Assert.Null(await session.ListWritesAsync(5));
        await session.CompactAsync(new RetentionPolicy { KeepRecent = 2 });
        Assert.Equal((4L, 12L), await session.CountedAsync());
        await AssertIntactAsync(session);
        await Forge.SweepUntilGoneAsync(name);
        Assert.Equal((4L, 12L), await session.CountedAsync());
        Assert.Equal(["a/0=1111", "b/0=1"], await session.WritesOfAsync(4));
        await AssertIntactAsync(session);
        await Forge.EndActivationsAsync();
        await session.WriteAsync(6, "c");
        Assert.Equal((5L, 13L), await session.CountedAsync());

        await session.RunAsync(new ClearSession());

        Assert.Equal((0L, 0L), await session.CountedAsync());
        await session.CreateAsync("7");
        Assert.Empty(await session.WritesOfAsync(7));
        await session.WriteAsync(7, "a");
        await Forge.SweepUntilGoneAsync(name);
        Assert.Equal((1L, 1L), await session.CountedAsync());
        await AssertIntactAsync(session);
    }

    [Fact]
    public async Task Write_SessionIsErasedAndLivesAgain_HasNone()
    {
        var (_, session) = New();
        await session.CreateAsync();
        await session.WriteAsync(1, "a", "b");
        while (await session.EraseSessionAsync(TestContext.Current.CancellationToken) == ErasureStatus.UnderWay)
        {
            await Forge.SweepAsync();
        }

        await Assert.ThrowsAsync<SessionDeletedException>(() => session.WriteAsync(1, "a"));
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.ListWritesAsync(1));
        await session.RunAsync(new ReviveSession());

        Assert.Equal((0L, 0L), await session.CountedAsync());
        await session.CreateAsync();
        Assert.Equal([WriteOutcome.Written], (await session.WriteAsync(2, "a")).Outcomes);
        await AssertIntactAsync(session);
    }

    [Fact]
    public async Task Write_AfterABranchOrAForkBegan_IsSeenByNeither()
    {
        var (name, session) = New();
        await session.CreateAsync("1");
        await session.CreateAsync(Make.Checkpoint("b") with { Branch = "b", Parent = 1 });
        var (fork, whole) = (Make.Id(), Make.Id());
        await Forge.Session(fork).RunAsync(new ForkSession(SessionId.Parse(name), 1, false, false));
        await session.WriteAsync(1, "a");

        Assert.Empty(await session.WritesOfAsync(CheckpointReference.LatestOf("b")));
        Assert.Empty(await Forge.Session(fork).WritesOfAsync(1));
        Assert.Equal((0L, 0L), await Forge.Session(fork).CountedAsync());

        // A fork that is made later begins without them too: they are of a step that is under way in the origin.
        await Forge.Session(whole).RunAsync(new ForkSession(SessionId.Parse(name), 1, true, false));
        Assert.Empty(await Forge.Session(whole).WritesOfAsync(1));
        Assert.Equal((0L, 0L), await Forge.Session(whole).CountedAsync());
        await AssertIntactAsync(Forge.Session(whole));
        await session.RestoreAsync(1);
        Assert.Equal(["a/0=1"], await session.WritesOfAsync(CheckpointReference.Current));
    }

    [Fact]
    public async Task Write_InAClaimedSession_IsHeldAgainstTheClaim()
    {
        var (_, session) = New();
        await session.CreateAsync();
        var claim = await session.RunAsync(new ClaimSession("w"));

        await Assert.ThrowsAsync<SessionClaimedException>(() => session.WriteAsync(1, "a"));
        await Assert.ThrowsAsync<ClaimSupersededException>(() => session.WriteAsync(1, [WriteCalls.Make("a")], epoch: claim.Epoch + 1));
        await session.WriteAsync(1, [WriteCalls.Make("a")], epoch: claim.Epoch);

        Assert.Equal(["a/0=1"], await session.WritesOfAsync(1));
    }

    [Fact]
    public async Task Write_IsToldByTheLog_WithoutItsValue()
    {
        var (_, session) = New();
        await session.CreateAsync();
        await session.WriteAsync(1, "b");
        await session.WriteAsync(1, [WriteCalls.Make("b"), WriteCalls.Make("a", 3, "secret"), WriteCalls.Make("a", 2, "22")]);

        var events = (await session.RunAsync(new ListEvents(1, 10))).Items;

        Assert.Equal([(LogEventKind.Written, 1L), (LogEventKind.Written, 1L)], events.Select(e => (e.Kind, e.Sequence!.Value)));
        Assert.Equal([new EventWrite("a", 3, "of a", 6), new EventWrite("a", 2, "of a", 2)], events[1].Writes!);

        // What they are called goes with the checkpoint: from what is kept of the log, from the log, and once the row is gone.
        await session.CreateAsync("2");
        await session.WriteAsync(2, "c");
        await session.DeleteAsync(1);
        await AssertToldAsync();
        await Forge.EndActivationsAsync();
        await AssertToldAsync();
        await Forge.SweepUntilGoneAsync(session.GetPrimaryKeyString().Split('/')[2]);
        await AssertToldAsync();

        async Task AssertToldAsync() => Assert.Equal(
            [(1, 0), (1, 0), (2, 1)],
            (await session.RunAsync(new ListEvents(0, 100))).Items.Where(e => e.Kind == LogEventKind.Written)
                .Select(e => ((int)e.Sequence!.Value, e.Writes?.Count ?? 0)));
    }

    [Fact]
    public async Task List_OfWrites_TakesNoCursorOfAnotherCheckpoint()
    {
        var (_, session) = New();
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        await session.WriteAsync(1, "a", "b");
        await session.WriteAsync(2, "a", "b");
        var next = (await session.ListWritesAsync(1, 1))!.Next!;

        Assert.Equal("b", Assert.Single((await session.ListWritesAsync(1, 1, next))!.Items).Task);
        foreach (var (checkpoint, cursor) in new[] { (2L, next), (1L, "x"), (1L, next[..^1]) })
        {
            Assert.Equal("cursor", (await Assert.ThrowsAsync<InvalidRequestException>(() => session.ListWritesAsync(checkpoint, 1, cursor))).Field);
        }

        Assert.Equal("limit", (await Assert.ThrowsAsync<OverLimitException>(() => session.ListWritesAsync(1, 1001))).Field);
    }

    [Fact]
    public async Task Write_ByManyTasksAtOnce_EachFirstOneWinsOnce()
    {
        var (_, session) = New();
        await session.CreateAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 60).Select(
            i => session.WriteAsync(1, [WriteCalls.Make($"t{i % 20}", 0, $"{i}")])));

        Assert.Equal(20, results.Count(result => result.Outcomes[0] == WriteOutcome.Written));
        Assert.Equal(40, results.Count(result => result.Outcomes[0] == WriteOutcome.Kept));
        var won = results.Select((result, i) => (result, i)).Where(one => one.result.Outcomes[0] == WriteOutcome.Written)
            .Select(one => $"t{one.i % 20}/0={one.i}").Order(StringComparer.Ordinal);
        Assert.Equal(won, (await session.WritesOfAsync(1)).Order(StringComparer.Ordinal));
        Assert.Equal(20, (await session.CountedAsync()).Item1);
        await AssertIntactAsync(session);
    }

    private static async Task<(long?, string?)> AnchorAsync(ISessionGrain session)
    {
        var info = (await session.GetInfoAsync())!;
        return (info.LastPosition, info.Chain);
    }
}
