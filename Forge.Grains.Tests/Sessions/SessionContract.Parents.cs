using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>Parents that are named, roots, and the checkpoint that the next one follows.</summary>
public abstract partial class SessionContract
{
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
        Assert.Equal((2L, null), (root.Checkpoint!.Sequence, root.Checkpoint.Parent));
        Assert.Equal(2, (await session.CreateAsync()).Parent);
        var batch = await session.CreateBatchAsync(
            [Make.Checkpoint(), Make.Checkpoint() with { Parent = CheckpointReference.None }, Make.Checkpoint()]);
        Assert.Equal([3, null, 5], batch.Select(m => m.Checkpoint!.Parent));
        Assert.Equal([null, null, 2, 3, null, 5], (await session.AllAsync()).Select(c => c.Parent));
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
            Assert.Equal((10L, null), (next.Sequence, next.Parent));
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
    public async Task Read_ParentsThatWereRemoved_TellTheNearestThatIsThere()
    {
        // 1 - 2 - 3 - 4 - 5, and 6 - 7 - 8 on 2.
        var session = Forge.Session(Make.Id());
        for (var i = 1; i <= 8; i++)
        {
            var parent = i == 6 ? CheckpointReference.BySequence(2) : (CheckpointReference?)null;
            var created = (await session.CreateAsync(Make.Checkpoint($"{i}", i is 1 or 7 ? ["keep"] : []) with { Parent = parent })).Checkpoint!;
            Assert.Equal(created.Parent, created.KeptParent);
        }

        Assert.Equal([0L, 1, 2, 3, 4, 2, 6, 7], await KeptAsync());
        await session.DeleteAsync(3);
        await session.DeleteAsync(2);
        Assert.Equal([0L, 1, 4, 1, 6, 7], await KeptAsync());

        await session.CompactAsync(new RetentionPolicy { KeepTags = ["keep"] });
        for (var swept = false; ; swept = true)
        {
            // 5 is a tip, and 8 the head.
            Assert.Equal([(1L, null, null), (5, 4, 1), (7, 6, 1), (8, 7, 7)], (await ListAsync()).Select(c => (c.Sequence, c.Parent, c.KeptParent)));
            Assert.Equal(1, (await session.GetAsync(7))!.Summary.KeptParent);
            Assert.Equal(1, (await session.GetSummaryAsync(5))!.KeptParent);
            var page = await session.RunAsync(new ListAncestors(8, 1));
            Assert.Equal([(7L, 1L)], page.Items.Select(c => (c.Sequence, c.KeptParent)));
            page = await session.RunAsync(new ListAncestors(8, 1, page.Next));
            Assert.Equal([(1L, null)], page.Items.Select(c => (c.Sequence, c.KeptParent)));
            Assert.Null(page.Next);
            var next = (await session.RunAsync(new ListAncestors(8, 1))).Next;
            foreach (var (of, cursor) in new[] { (5, next!), (8, "x"), (8, (await session.ListAsync(new CheckpointQuery { Limit = 1 })).Next!) })
            {
                var refused = await Assert.ThrowsAsync<InvalidRequestException>(() => session.RunAsync(new ListAncestors(of, 1, cursor)));
                Assert.Equal("cursor", refused.Field);
            }

            await Assert.ThrowsAsync<CheckpointNotFoundException>(() => Forge.Session(Make.Id()).RunAsync(new ListAncestors(8, 1, next)));
            Assert.Empty((await session.RunAsync(new ListAncestors(1))).Items);
            await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.RunAsync(new ListAncestors(6)));
            Assert.Equal(7, (await session.RunAsync(new GetCheckpointAt(DateTimeOffset.MaxValue)))!.KeptParent);
            Assert.Null((await session.SetTagsAsync(5, [$"{swept}"])).KeptParent);
            Assert.Equal(1, (await session.RestoreAsync(5)).Checkpoint!.Summary.KeptParent);
            await session.RestoreAsync(8);
            if (swept)
            {
                break;
            }

            await Forge.SweepAsync();
        }

        async Task<IEnumerable<long>> KeptAsync() => (await ListAsync()).Select(c => c.KeptParent ?? 0);

        async Task<IReadOnlyList<CheckpointSummary>> ListAsync() =>
            (await session.ListAsync(new CheckpointQuery { Order = ListOrder.OldestFirst })).Items;
    }
}
