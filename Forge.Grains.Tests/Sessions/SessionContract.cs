using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What each operation of a session promises, one caller at a time.</summary>
public abstract partial class SessionContract(ClusterFixture fixture)
{
    private ForgeCluster Forge => fixture.Cluster;

    [Fact]
    public async Task Create_First_AnswersWhatGetReads()
    {
        var session = Forge.Session(Make.Id());
        var result = await session.CreateAsync(new NewCheckpoint
        {
            Message = "naïve ☃ first",
            Tags = ["b", "a", "b"],
            Trigger = CheckpointTrigger.ToolCall,
            State = new byte[] { 0, 1, 2, 255 },
            ContentType = "application/octet-stream",
        });

        Assert.Equal(CreateOutcome.Created, result.Outcome);
        var created = result.Checkpoint!;
        Assert.Equal((1L, null, 4), (created.Sequence, created.Parent, created.Size));
        Assert.Equal(["b", "a"], created.Tags);
        var read = await session.GetAsync(created.Id);
        Assert.Equivalent(created, read!.Summary, strict: true);
        Assert.Equal(new byte[] { 0, 1, 2, 255 }, read.State.ToArray());
        Assert.Equivalent(created, await session.GetSummaryAsync(1), strict: true);
        Assert.Equivalent(created, await session.GetSummaryAsync(CheckpointReference.Latest), strict: true);
    }

    [Fact]
    public async Task Get_Unknown_IsNull()
    {
        var session = Forge.Session(Make.Id());
        Assert.Null(await session.GetAsync(CheckpointReference.Latest));
        Assert.Null(await session.GetInfoAsync());
        Assert.Empty(await session.AllAsync());
        await session.CreateAsync();
        Assert.Null(await session.GetAsync(2));
        Assert.Null(await session.GetSummaryAsync(new CheckpointId(Guid.NewGuid())));
    }

    [Fact]
    public async Task CreateBatch_OneIsBad_NoneIsMade()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        await Assert.ThrowsAsync<HeadMismatchException>(() => session.CreateBatchAsync(
            [Make.Checkpoint("a"), Make.Checkpoint("b") with { ExpectedHead = 1 }]));
        await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.CreateBatchAsync(
            [Make.Checkpoint("a"), Make.Checkpoint("b") with { Parent = 17 }]));
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.CreateBatchAsync([]));

        var made = await session.CreateBatchAsync([Make.Checkpoint("a") with { ExpectedHead = 1 }, Make.Checkpoint("b") with { ExpectedHead = 2 }]);

        Assert.Equal([2, 3], made.Select(m => m.Checkpoint!.Sequence));
        Assert.Equal(3, (await session.GetInfoAsync())!.Count);
    }

    [Fact]
    public async Task Create_ExpectedHead_IsCompared()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync(Make.Checkpoint() with { ExpectedHead = 0 });
        var error = await Assert.ThrowsAsync<HeadMismatchException>(
            () => session.CreateAsync(Make.Checkpoint() with { ExpectedHead = 0 }));
        Assert.Equal((0, 1), (error.Expected, error.Actual));
        Assert.Equal(2, (await session.CreateAsync(Make.Checkpoint() with { ExpectedHead = 1 })).Checkpoint!.Sequence);
    }

    [Fact]
    public async Task Restore_Older_MakesItCurrentAndTheNextItsChild()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        var restored = await session.RestoreAsync(1);

        Assert.Equal(2, restored.Undo!.Value.Sequence);
        Assert.Equal(Make.State("1"), restored.Checkpoint!.State.ToArray());
        var info = await session.GetInfoAsync();
        Assert.Equal((1, 2), (info!.Current!.Value.Sequence, info.Head!.Value.Sequence));
        Assert.Equal(1, (await session.CreateAsync("branch")).Parent);
        Assert.Equal(2, (await session.CreateAsync(Make.Checkpoint("named") with { Parent = 2 })).Checkpoint!.Parent);
        Assert.Equal(4, (await session.CreateAsync("next")).Parent);
        await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.RestoreAsync(99));
    }

    [Fact]
    public async Task Delete_Newest_HeadFallsBackAndItsNumberIsNotUsedAgain()
    {
        var session = Forge.Session(Make.Id());
        for (var i = 1; i <= 4; i++)
        {
            await session.CreateAsync($"{i}");
        }

        Assert.True(await session.DeleteAsync(3));
        Assert.True(await session.DeleteAsync(CheckpointReference.Latest));
        Assert.False(await session.DeleteAsync(4));
        var info = await session.GetInfoAsync();
        Assert.Equal((2, 2, 2, 4), (info!.Head!.Value.Sequence, info.Current!.Value.Sequence, info.Count, info.LastSequence));
        var next = await session.CreateAsync("5");
        Assert.Equal((5, 2), (next.Sequence, next.Parent));
    }

    [Fact]
    public async Task Delete_All_LeavesAnEmptySessionThatGoesOn()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        await session.CreateAsync();
        await session.DeleteAsync(2);
        await session.DeleteAsync(1);

        var info = await session.GetInfoAsync();
        Assert.Equal((0, 0), (info!.Count, info.Bytes));
        Assert.Null(info.Head);
        Assert.Null(await session.GetAsync(CheckpointReference.Latest));
        var next = await session.CreateAsync();
        Assert.Equal((3L, null), (next.Sequence, next.Parent));
    }

    [Fact]
    public async Task SetTags_ReplacesThem_AndListsFollow()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync("1", "old", "keep");
        await session.CreateAsync("2", "keep");
        var changed = await session.SetTagsAsync(1, ["new", "keep"]);

        Assert.Equal(["new", "keep"], changed.Tags);
        Assert.Empty(await session.AllAsync(new CheckpointQuery { Tag = "old" }));
        Assert.Equal([1], (await session.AllAsync(new CheckpointQuery { Tag = "new" })).Select(c => c.Sequence));
        Assert.Equal([2, 1], (await session.AllAsync(new CheckpointQuery { Tag = "keep" })).Select(c => c.Sequence));
        await session.SetTagsAsync(1, []);
        Assert.Empty((await session.GetSummaryAsync(1))!.Tags);
    }

    [Fact]
    public async Task List_Pages_CoverAllOnceInEitherOrder()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateBatchAsync([.. Enumerable.Range(1, 25).Select(i => Make.Checkpoint($"{i}"))]);

        foreach (var order in new[] { ListOrder.NewestFirst, ListOrder.OldestFirst })
        {
            var all = await session.AllAsync(new CheckpointQuery { Order = order, Limit = 7, After = 2, Before = 24 });
            var expected = Enumerable.Range(3, 21).Select(i => (long)i);
            Assert.Equal(order == ListOrder.OldestFirst ? expected : expected.Reverse(), all.Select(c => c.Sequence));
        }

        var page = await session.ListAsync(new CheckpointQuery { Limit = 25 });
        Assert.Null(page.Next);
        var first = await session.ListAsync(new CheckpointQuery { Limit = 5 });
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.ListAsync(
            new CheckpointQuery { Cursor = first.Next, Order = ListOrder.OldestFirst }));
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.ListAsync(new CheckpointQuery { Cursor = "%" }));
    }

    [Fact]
    public async Task Compact_KeepsWhatThePolicySaysAndWhatIsNeeded()
    {
        var session = Forge.Session(Make.Id());
        for (var i = 1; i <= 10; i++)
        {
            await session.CreateAsync($"{i}", i % 4 == 0 ? ["keep"] : []);
        }

        await session.RestoreAsync(3);
        await session.CreateAsync("11");
        await session.RestoreAsync(5);
        var dry = await session.CompactAsync(new RetentionPolicy { KeepRecent = 1, KeepTags = ["keep"] }, dryRun: true);
        Assert.Equal(11, (await session.GetInfoAsync())!.Count);

        var result = await session.CompactAsync(new RetentionPolicy { KeepRecent = 1, KeepTags = ["keep"] });

        Assert.Equal(dry, result with { Anchor = null });
        Assert.True((await session.VerifyOnceAsync(result.Anchor!.Value)).IsIntact);
        // 4 and 8 by tag, 5 is current, 10 is the tip of the first line, 11 the head.
        Assert.Equal([4, 5, 8, 10, 11], (await session.AllAsync()).Select(c => c.Sequence));
        Assert.Equal((6, 5), (result.Deleted, result.Remaining));
        Assert.Equal(Make.State("8"), (await session.GetAsync(8))!.State.ToArray());
        Assert.Null(await session.GetAsync(9));

        // What lost its tag goes: that its children went before makes it no tip.
        await session.SetTagsAsync(8, []);
        await session.CompactAsync(new RetentionPolicy { KeepTags = ["keep"] });
        Assert.Equal([4, 5, 10, 11], (await session.AllAsync()).Select(c => c.Sequence));
    }

    [Fact]
    public async Task Compact_WithoutAPolicy_TakesTheSessionsThenTheTenants()
    {
        var tenant = Make.Id("tenant");
        var session = Forge.Session("s", tenant);
        await session.CreateBatchAsync([.. Enumerable.Range(1, 9).Select(i => Make.Checkpoint($"{i}"))]);
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.CompactAsync(null));
        await session.SetSettingsAsync(new SessionSettings { Retention = new RetentionPolicy { KeepRecent = 4 } });
        Assert.Equal(4, (await session.CompactAsync(null)).Remaining);
    }

    [Fact]
    public async Task DeleteSession_LeavesATombstone()
    {
        var session = Forge.Session(Make.Id());
        Assert.False(await session.DeleteSessionAsync());
        await session.CreateAsync();
        Assert.True(await session.DeleteSessionAsync());

        await Assert.ThrowsAsync<SessionDeletedException>(() => session.GetInfoAsync());
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.GetAsync(1));
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.GetSummaryAsync(CheckpointReference.Latest));
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.AllAsync());
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.ExportAllAsync());
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.CreateAsync());
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.SetSettingsAsync(new SessionSettings()));
        Assert.False(await session.DeleteSessionAsync());
    }

    [Fact]
    public async Task SetSettings_OnAnUnusedSession_MakesIt()
    {
        var session = Forge.Session(Make.Id());
        var info = await session.SetSettingsAsync(new SessionSettings
        {
            Labels = new Dictionary<string, string> { ["agent"] = "x" },
            AutomaticInterval = TimeSpan.FromSeconds(7),
        });

        Assert.Equal((0, 1), (info.Count, info.Version));
        Assert.Equivalent(info with { ForkCount = 0 }, await session.GetInfoAsync(), strict: true);
        Assert.Equal(1, (await session.CreateAsync()).Sequence);
        Assert.Equal("x", (await session.GetInfoAsync())!.Settings.Labels["agent"]);
    }

    [Fact]
    public async Task Annotate_KeepsOrderSeverityAndTime()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        await session.AnnotateAsync(1, AnnotationSeverity.Info, "first");
        await session.AnnotateAsync(CheckpointReference.Latest, AnnotationSeverity.Critical, "second");

        var notes = (await session.GetAsync(1))!.Annotations;
        Assert.Equal([("first", AnnotationSeverity.Info), ("second", AnnotationSeverity.Critical)], notes.Select(n => (n.Text, n.Severity)));
        Assert.Equal([2, 3], notes.Select(n => n.Position));
        await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.AnnotateAsync(2, AnnotationSeverity.Info, "x"));
    }
}
