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
        Assert.Equal((1, 0, 4), (created.Sequence, created.Parent, created.Size));
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
    public async Task CreateBatch_ParentsBeforeThemInTheBatch_AreTakenByTheirIds()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        var batch = Tree();

        var made = await session.CreateBatchAsync(batch);

        // A line, two that follow its first, one that follows the line before it as any does, and a child of what was there.
        Assert.Equal([(2, 1), (3, 2), (4, 2), (5, 4), (6, 3), (7, 1)], made.Select(m => (m.Checkpoint!.Sequence, m.Checkpoint.Parent)));
        foreach (var summary in made.Select(m => m.Checkpoint!))
        {
            Assert.Equal(Make.State(summary.Message), (await session.GetAsync(summary.Id))!.State.ToArray());
        }

        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CreateBatch_ParentsInItRepeated_AnswersAsTheFirst(bool afterTheyWent)
    {
        var (name, batch) = (Make.Id(), Tree());
        var session = Forge.Session(name);
        await session.CreateAsync();
        var made = await session.CreateBatchAsync(batch);
        await session.CreateAsync(Make.Checkpoint() with { Parent = CheckpointReference.None });
        if (afterTheyWent)
        {
            await session.DeleteAsync(2);
            await session.DeleteAsync(6);
            await Forge.SweepUntilGoneAsync(name);
        }

        var repeat = await session.CreateBatchAsync(batch);

        Assert.All(repeat, r => Assert.Equal(CreateOutcome.Repeated, r.Outcome));
        Assert.Equivalent(made.Select(m => m.Checkpoint), repeat.Select(r => r.Checkpoint), strict: true);
        var error = await Assert.ThrowsAsync<RequestConflictException>(
            () => session.CreateBatchAsync([.. batch[..4], batch[4] with { Parent = batch[0].Id }, batch[5]]));
        Assert.Equal(("parent", batch[4].Id.Value), (error.Difference, error.RequestId));
    }

    [Fact]
    public async Task CreateBatch_ParentThatIsNotBeforeIt_IsNamedByItsLineAndNoneIsMade()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        var batch = Tree();
        foreach (var (parent, line) in new[] { (batch[4].Id, 2), (batch[2].Id, 2), (new CheckpointId(Guid.NewGuid()), 0) })
        {
            var bad = batch.ToArray();
            bad[line] = bad[line] with { Parent = parent };
            var error = await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.CreateBatchAsync(bad));
            Assert.Equal(($"checkpoints[{line}].parent", parent.ToString()), (error.Field, error.Checkpoint));
        }

        var alone = await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.CreateAsync(Make.Checkpoint() with { Parent = 17 }));
        Assert.Equal("parent", alone.Field);
        Assert.Equal(1, (await session.GetInfoAsync())!.LastSequence);
    }

    [Fact]
    public async Task Create_NoneAsParent_MakesARoot()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        var root = await session.CreateAsync(Make.Checkpoint("root") with { Parent = CheckpointReference.None });
        Assert.Equal((2, 0), (root.Checkpoint!.Sequence, root.Checkpoint.Parent));
        Assert.Equal(2, (await session.CreateAsync()).Parent);
        var batch = await session.CreateBatchAsync(
            [Make.Checkpoint(), Make.Checkpoint() with { Parent = CheckpointReference.None }, Make.Checkpoint()]);
        Assert.Equal([3, 0, 5], batch.Select(m => m.Checkpoint!.Parent));
        Assert.Equal([0, 0, 2, 3, 0, 5], (await session.AllAsync()).Select(c => c.Parent));
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Create_NoneAsParentRepeated_IsTheSameAsARootAlone()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        var child = Make.Checkpoint() with { Id = new CheckpointId(Guid.NewGuid()) };
        var root = Make.Checkpoint() with { Id = new CheckpointId(Guid.NewGuid()), Parent = CheckpointReference.None };
        await session.CreateAsync(child);
        var made = await session.CreateAsync(root);

        Assert.Equivalent(made.Checkpoint, (await session.CreateAsync(root)).Checkpoint, strict: true);
        foreach (var other in new[]
        {
            child with { Parent = CheckpointReference.None },
            root with { Parent = 1 },
            root with { Parent = child.Id },
        })
        {
            Assert.Equal("parent", (await Assert.ThrowsAsync<RequestConflictException>(() => session.CreateAsync(other))).Difference);
        }
    }

    [Fact]
    public async Task None_AnywhereButAsAParent_NamesNothing()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        Assert.Null(await session.GetAsync(CheckpointReference.None));
        Assert.Null(await session.GetSummaryAsync(CheckpointReference.None));
        Assert.False(await session.DeleteAsync(CheckpointReference.None));
        var error = await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.RestoreAsync(CheckpointReference.None));
        Assert.Equal(("none", null), (error.Checkpoint, error.Field));
        Assert.Equal(1, (await session.GetInfoAsync())!.Version);
    }

    /// <summary>A batch in which checkpoints follow others of it, with states that are stored as differences.</summary>
    private static NewCheckpoint[] Tree()
    {
        CheckpointId[] ids = [.. Enumerable.Range(0, 6).Select(_ => new CheckpointId(Guid.NewGuid()))];
        CheckpointReference?[] parents = [null, ids[0], ids[0], null, ids[1], 1];
        return [.. ids.Select((id, i) => Make.Checkpoint($"{new string('x', 2_000)}{i}") with { Id = id, Parent = parents[i] })];
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
    public async Task Current_AsAReference_IsTheOneThatTheNextFollows()
    {
        var session = Forge.Session(Make.Id());
        Assert.Null(await session.GetAsync(CheckpointReference.Current));
        for (var i = 1; i <= 5; i++)
        {
            await session.CreateAsync($"{i}");
        }

        Assert.Equal(5, (await session.GetSummaryAsync(CheckpointReference.Current))!.Sequence);
        await session.RestoreAsync(2);

        var current = await session.GetAsync(CheckpointReference.Current);
        Assert.Equal(2, current!.Summary.Sequence);
        Assert.Equal(Make.State("2"), current.State.ToArray());
        await session.AnnotateAsync(CheckpointReference.Current, AnnotationSeverity.Info, "note");
        Assert.Equal(["t"], (await session.SetTagsAsync(CheckpointReference.Current, ["t"])).Tags);
        Assert.Equal("note", (await session.GetAsync(2))!.Annotations.Single().Text);
        Assert.Equal(2, (await session.RestoreAsync(CheckpointReference.Current)).Checkpoint!.Summary.Sequence);
        var made = await session.CreateBatchAsync(
            [Make.Checkpoint() with { Parent = CheckpointReference.Current }, Make.Checkpoint() with { Parent = CheckpointReference.Current }]);
        Assert.Equal([2, 6], made.Select(m => m.Checkpoint!.Parent));
        Assert.True(await session.DeleteAsync(CheckpointReference.Current));
        Assert.Null(await session.GetSummaryAsync(7));
        Assert.Equal(6, (await session.GetSummaryAsync(CheckpointReference.Current))!.Sequence);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Delete_Current_ItsNearestAncestorThatIsThereTakesItsPlace(bool isReclaimed)
    {
        var name = Make.Id();
        var session = Forge.Session(name);

        // 1 - 2 - 3 - 4 - 5, and 6 - 7 - 8 on 2.
        for (var i = 1; i <= 8; i++)
        {
            await session.CreateAsync(Make.Checkpoint($"{i}") with { Parent = i == 6 ? 2 : null });
        }

        await DeleteAsync(8, current: 7, head: 7);
        await DeleteAsync(6, current: 7, head: 7);
        await DeleteAsync(CheckpointReference.Current, current: 2, head: 5);
        Assert.Equal((9, 2), ((await session.CreateAsync("9")).Sequence, (await session.GetSummaryAsync(9))!.Parent));
        await session.RestoreAsync(4);
        await DeleteAsync(3, current: 4, head: 9);
        await DeleteAsync(4, current: 2, head: 9);
        await DeleteAsync(2, current: 1, head: 9);
        await DeleteAsync(1, current: 0, head: 9);

        Assert.Null(await session.GetAsync(CheckpointReference.Current));
        Assert.False(await session.DeleteAsync(CheckpointReference.Current));
        var error = await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.RestoreAsync(CheckpointReference.Current));
        Assert.Equal("current", error.Checkpoint);
        var copy = Forge.Session(Make.Id());
        await copy.ImportAllAsync(await session.ExportAllAsync());
        Assert.Equal((null, 9), ((await copy.GetInfoAsync())!.Current, (await copy.GetInfoAsync())!.Head!.Value.Sequence));
        foreach (var one in new[] { session, copy })
        {
            var next = await one.CreateAsync();
            Assert.Equal((10, 0), (next.Sequence, next.Parent));
            Assert.True((await one.VerifyOnceAsync()).IsIntact);
        }

        async Task DeleteAsync(CheckpointReference checkpoint, long current, long head)
        {
            Assert.True(await session.DeleteAsync(checkpoint));
            if (isReclaimed)
            {
                await Forge.SweepUntilGoneAsync(name);
                await Forge.EndActivationsAsync();
            }

            var info = (await session.GetInfoAsync())!;
            Assert.Equal((current, head), (info.Current?.Sequence ?? 0, info.Head!.Value.Sequence));
            Assert.Equal(info.Current?.Id, (await session.GetSummaryAsync(CheckpointReference.Current))?.Id);
        }
    }

    [Fact]
    public async Task Delete_AllAtOnce_TheCurrentOneFollowsTheAncestorsThatStay()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateBatchAsync([.. Enumerable.Range(1, 40).Select(i => Make.Checkpoint($"{i}"))]);
        await session.CreateAsync(Make.Checkpoint("root") with { Parent = CheckpointReference.None });
        await session.RestoreAsync(40);

        // In the order of their arrival, so that commits hold any of them beside each other.
        long[] going = [40, 39, 38, 20, 21, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 5, 19];
        Assert.All(await Task.WhenAll(going.Select(s => session.DeleteAsync(s))), Assert.True);

        Assert.Equal(18, (await session.GetInfoAsync())!.Current!.Value.Sequence);
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
        Assert.Equal((3, 0), (next.Sequence, next.Parent));
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

        Assert.Null(await session.GetInfoAsync());
        Assert.Null(await session.GetAsync(1));
        Assert.Empty(await session.AllAsync());
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
        Assert.Equivalent(info, await session.GetInfoAsync(), strict: true);
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
