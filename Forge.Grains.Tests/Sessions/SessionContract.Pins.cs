using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>Checkpoints that require others, which stay for as long as they do.</summary>
public abstract partial class SessionContract
{
    [Fact]
    public async Task Create_RequiresOthers_TellsTheirSequencesRisingAndEachOnce()
    {
        var (name, session) = New();
        var first = await session.CreateAsync("1");
        await session.CreateAsync(On("b"));
        await session.CreateAsync("3");

        var made = await session.CreateAsync(Requiring(3, first.Id, 1, 2, 3));

        Assert.Equal([1, 2, 3], made.Checkpoint!.Requires);
        Assert.Equal([1, 2, 3], (await session.GetAsync(4))!.Summary.Requires);
        Assert.Equivalent(made.Checkpoint, (await session.AllAsync())[3], strict: true);
        Assert.Empty((await session.GetSummaryAsync(3))!.Requires);
        Assert.Empty((await session.CreateAsync(Make.Checkpoint() with { Requires = [] })).Checkpoint!.Requires);
        await Forge.EndActivationsAsync();
        Assert.Equal([1, 3], (await session.CreateAsync(Requiring(first.Id, 3))).Checkpoint!.Requires);
        Assert.Equal([1, 2, 3], (await session.SetTagsAsync(4, ["t"])).Requires);
        Assert.Equal([[1L, 2L, 3L]], await RequiredAsync(name, "t"));
        await AssertIntactAsync(session);
    }

    [Fact]
    public async Task Create_RequiresWhatIsNotThere_IsRefusedAsForAParent()
    {
        var (_, session) = New();
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        await session.DeleteAsync(1);
        var elsewhere = await Forge.Session(Make.Id()).CreateAsync();
        var own = new CheckpointId(Guid.NewGuid());

        foreach (var (required, id) in new (CheckpointReference, CheckpointId)[] { (1, default), (3, default), (99, default), (elsewhere.Id, default), (own, own) })
        {
            var error = await Assert.ThrowsAsync<CheckpointNotFoundException>(
                () => session.CreateAsync(Requiring(2, required) with { Id = id }));
            Assert.Equal((required.ToString(), "requires"), (error.Checkpoint, error.Field));
        }

        Assert.Equal(2, (await session.GetInfoAsync())!.LastSequence);
    }

    [Fact]
    public async Task Create_RequiresWhatMovesOn_IsRefused()
    {
        var (_, session) = New();
        await session.CreateAsync();

        foreach (var named in new[]
        {
            CheckpointReference.Latest, CheckpointReference.Current, CheckpointReference.None, CheckpointReference.LatestOf("main"), default,
        })
        {
            var error = await Assert.ThrowsAsync<InvalidRequestException>(() => session.CreateAsync(Requiring(1, named)));
            Assert.Equal("requires", error.Field);
        }
    }

    [Fact]
    public async Task Create_RequiresMoreThanTheLimit_IsRefused()
    {
        var (_, session) = New();
        await session.CreateBatchAsync([.. Enumerable.Range(1, 65).Select(i => Make.Checkpoint($"{i}"))]);
        CheckpointReference[] all = [.. Enumerable.Range(1, 65).Select(i => CheckpointReference.BySequence(i))];

        var error = await Assert.ThrowsAsync<OverLimitException>(() => session.CreateAsync(Requiring(all)));

        Assert.Equal(("requires", 64, 65), (error.Field, error.Limit, error.Actual));
        Assert.Equal(64, (await session.CreateAsync(Requiring([.. all[1..], 2]))).Checkpoint!.Requires.Count);
        var batch = await Assert.ThrowsAsync<OverLimitException>(() => session.CreateBatchAsync([Make.Checkpoint(), Requiring(all)]));
        Assert.Equal("checkpoints[1].requires", batch.Field);
    }

    [Fact]
    public async Task CreateBatch_RequiresOnesBeforeThemInTheBatch_ByTheirIds()
    {
        var (_, session) = New();
        await session.CreateAsync("1");
        CheckpointId[] ids = [.. Enumerable.Range(0, 3).Select(_ => new CheckpointId(Guid.NewGuid()))];
        NewCheckpoint[] batch = [Make.Checkpoint() with { Id = ids[0] }, Requiring(ids[0], 1) with { Id = ids[1] }, Requiring(ids[1], ids[0]) with { Id = ids[2] }];

        var made = await session.CreateBatchAsync(batch);

        Assert.Equal(["", "1,2", "2,3"], made.Select(m => string.Join(',', m.Checkpoint!.Requires)));
        var repeat = await session.CreateBatchAsync(batch);
        Assert.Equivalent(made.Select(m => m.Checkpoint), repeat.Select(m => m.Checkpoint), strict: true);
        var error = await Assert.ThrowsAsync<RequestConflictException>(
            () => session.CreateBatchAsync([batch[0], batch[1], batch[2] with { Requires = [ids[1], 1] }]));
        Assert.Equal(("requires", ids[2].Value), (error.Difference, error.RequestId));
        var late = new CheckpointId(Guid.NewGuid());
        var notThere = await Assert.ThrowsAsync<CheckpointNotFoundException>(
            () => session.CreateBatchAsync([Make.Checkpoint(), Requiring(late), Make.Checkpoint() with { Id = late }]));
        Assert.Equal(("checkpoints[1].requires", late.ToString()), (notThere.Field, notThere.Checkpoint));
        await AssertIntactAsync(session);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Create_RepeatThatRequires_IsAnsweredAsTheFirstAlsoWhenItWent(bool isGone)
    {
        var (name, session) = New();
        var first = await session.CreateAsync("1");
        await session.CreateAsync("2");
        var create = Requiring(first.Id, 2) with { Id = new CheckpointId(Guid.NewGuid()), Branch = "b" };
        var made = await session.CreateAsync(create);
        if (isGone)
        {
            await session.DeleteAsync(3);
            await session.DeleteAsync(1);
            await Forge.SweepUntilGoneAsync(name);
        }

        Assert.Equivalent(made.Checkpoint, (await session.CreateAsync(create)).Checkpoint, strict: true);
        Assert.Equivalent(made.Checkpoint, (await session.CreateAsync(create with { Requires = [2, 1, 1] })).Checkpoint, strict: true);
        foreach (var other in new[]
        {
            create with { Requires = null }, create with { Requires = [1] }, create with { Requires = [first.Id] },
            create with { Requires = [1, 2, 3] }, create with { Requires = [1, 4] },
        })
        {
            Assert.Equal("requires", (await Assert.ThrowsAsync<RequestConflictException>(() => session.CreateAsync(other))).Difference);
        }

        var branch = await Assert.ThrowsAsync<RequestConflictException>(() => session.CreateAsync(create with { Branch = "c" }));
        Assert.Equal("branch", branch.Difference);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Delete_OfWhatOthersRequire_IsRefusedAndSaysWho(bool isAnew)
    {
        var (_, session) = New();
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        for (var i = 0; i < 12; i++)
        {
            await session.CreateAsync(Requiring(1) with { Branch = i % 2 == 0 ? "b" : null });
        }

        if (isAnew)
        {
            await Forge.EndActivationsAsync();
        }

        var error = await Assert.ThrowsAsync<CheckpointRequiredException>(() => session.DeleteAsync(1));

        Assert.Equal((1, 12), (error.Sequence, error.Count));
        Assert.Equal(Enumerable.Range(3, 10).Select(i => (long)i), error.RequiredBy);
        Assert.Contains("and 2 more", error.Message, StringComparison.Ordinal);
        Assert.NotNull(await session.GetAsync(1));
        Assert.True(await session.DeleteAsync(2));
        await AssertIntactAsync(session);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Delete_OfTheOneThatRequires_FreesWhatItRequired(bool isReclaimed)
    {
        var (name, session) = New();
        await session.CreateAsync("1");
        await session.CreateAsync(Requiring(1));
        await session.CreateAsync(Requiring(2, 1));
        await session.CreateAsync("4");
        await Assert.ThrowsAsync<CheckpointRequiredException>(() => session.DeleteAsync(2));
        var request = new ChangeRequest(Guid.NewGuid(), FirstAttempt: false);
        await session.DeleteAsync(3);
        if (isReclaimed)
        {
            await Forge.SweepUntilGoneAsync(name);
            await Forge.EndActivationsAsync();
        }

        Assert.Equal([2], (await Assert.ThrowsAsync<CheckpointRequiredException>(() => session.DeleteAsync(1))).RequiredBy);
        Assert.True(await session.DeleteAsync(2, request));
        Assert.True(await session.DeleteAsync(1));

        // What was done is a repeat, whoever might require it by now.
        Assert.True(await session.DeleteAsync(2, request));
        await Forge.SweepUntilGoneAsync(name);
        Assert.Equal([4], (await session.AllAsync()).Select(c => c.Sequence));
        await AssertIntactAsync(session);
    }

    [Fact]
    public async Task Compact_KeepsWhatIsRequiredByWhatStays_AndWhatThatRequires()
    {
        var (name, session) = New();
        await session.CreateBatchAsync([.. Enumerable.Range(1, 6).Select(i => Make.Checkpoint($"{i}"))]);
        await session.CreateAsync(Requiring(2) with { Message = "7" });
        await session.CreateAsync(Requiring(4) with { Message = "8, which nobody requires" });
        await session.CreateAsync("9");
        await session.CreateAsync(Requiring(7, 5) with { Message = "10", Branch = "b", Parent = 9 });
        await session.CreateAsync(Make.Checkpoint("11") with { Parent = 9 });
        await session.CreateAsync("12");

        // 12 is the head, 10 that of a branch: it requires 5 and 7, and that requires 2.
        var policy = new RetentionPolicy { KeepRecent = 1 };
        var dry = await session.CompactAsync(policy, dryRun: true);
        var result = await session.CompactAsync(policy);

        Assert.Equal(dry, result with { Anchor = null });
        Assert.Equal([2, 5, 7, 10, 12], (await session.AllAsync()).Select(c => c.Sequence));
        Assert.Equal((7, 5), (result.Deleted, result.Remaining));
        await Forge.SweepUntilGoneAsync(name);
        foreach (var kept in new long[] { 2, 5, 7 })
        {
            Assert.NotNull(await session.RestoreAsync(kept));
        }

        await AssertIntactAsync(session);

        // With what required them they go, the next time, but for what was made current.
        await session.RestoreAsync(12);
        Assert.True(await session.DeleteAsync(10));
        Assert.Equal(3, (await session.CompactAsync(policy)).Deleted);
        Assert.Equal([12], (await session.AllAsync()).Select(c => c.Sequence));
        await Forge.SweepUntilGoneAsync(name);
        await AssertIntactAsync(session);
    }

    [Fact]
    public async Task Compact_EachRequiresTheOneBefore_TakesNothingOfTheLine()
    {
        var (_, session) = New();
        await session.CreateAsync("1");
        for (var i = 1; i < 100; i++)
        {
            await session.CreateAsync(Requiring(i));
        }

        Assert.Equal((0, 100), await session.CompactAsync(new RetentionPolicy { KeepRecent = 1 }) is var r ? (r.Deleted, r.Remaining) : default);
        await AssertIntactAsync(session);
    }

    [Fact]
    public async Task Create_ManyThatRequireBesideCompactionsAndDeletes_NeverRequireWhatIsGone()
    {
        var (name, session) = New();
        await session.CreateBatchAsync([.. Enumerable.Range(1, 20).Select(i => Make.Checkpoint($"{i}"))]);
        using var done = new CancellationTokenSource();
        var others = Task.Run(
            async () =>
            {
                while (!done.IsCancellationRequested)
                {
                    await session.CompactAsync(new RetentionPolicy { KeepRecent = 5 });
                    await TryAsync(async () => await session.DeleteAsync((await session.GetInfoAsync())!.LastSequence - 2));
                }
            },
            TestContext.Current.CancellationToken);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async agent =>
        {
            for (var i = 0; i < 25; i++)
            {
                var last = (await session.GetInfoAsync())!.LastSequence;
                await TryAsync(() => session.CreateAsync(Requiring(last, Math.Max(1, last - agent - 1))));
                await session.CreateAsync($"{agent}");
            }
        }));
        await done.CancelAsync();
        await others;
        await Forge.SweepUntilGoneAsync(name);
        await AssertIntactAsync(session);

        static async Task TryAsync(Func<Task> call)
        {
            try
            {
                await call();
            }
            catch (ForgeException error) when (error is CheckpointNotFoundException or CheckpointRequiredException)
            {
                // It went before, or is required.
            }
        }
    }

    [Fact]
    public async Task Clear_OfASessionInWhichSomeRequireOthers_TakesAll()
    {
        var (name, session) = New();
        await session.CreateAsync("1");
        await session.CreateAsync(Requiring(1));
        Assert.Equal(2, (await session.RunAsync(new ClearSession())).Deleted);
        await session.CreateAsync("3");
        await session.CreateAsync(Requiring(3));
        await Forge.SweepUntilGoneAsync(name);
        await AssertIntactAsync(session);
        await session.EraseSessionAsync(TestContext.Current.CancellationToken);
        await session.RunAsync(new ReviveSession());

        Assert.Equal(5, (await session.CreateAsync()).Sequence);
        await session.CreateAsync(Requiring(5));
        await session.DeleteAsync(6);
        Assert.True(await session.DeleteAsync(5));
        await AssertIntactAsync(session);
    }

    private (string Name, ISessionGrain Session) New() => Make.Id() is var name ? (name, Forge.Session(name)) : default;

    private static NewCheckpoint Requiring(params CheckpointReference[] requires) => Make.Checkpoint("pinned") with { Requires = requires };

    private async Task<List<IReadOnlyList<long>>> RequiredAsync(string session, string tag)
    {
        var page = await Catalog.SearchCheckpointsAsync(new() { Tag = tag, SessionPrefix = session });
        return [.. page.Items.Select(item => item.Checkpoint.Requires)];
    }

    private static async Task AssertIntactAsync(ISessionGrain session)
    {
        var verified = await session.VerifyOnceAsync();
        Assert.True(verified.IsIntact, string.Join("; ", verified.Damages));
    }
}
