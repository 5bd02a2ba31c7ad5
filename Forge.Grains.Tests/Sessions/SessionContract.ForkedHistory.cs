using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Tests.History.Deltas;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What becomes of a fork, its history and its origin.</summary>
public abstract partial class SessionContract
{
    [Fact]
    public async Task Fork_WithHistory_HasTheAncestorsOnItsPathAsTheyAre()
    {
        // 1 - 2 - 3 - 6, 2 - 4 - 5 and a root 7.
        var (origin, name) = (Make.Id(), Make.Id("fork"));
        var script = new StateScript(new Random(3));
        var (session, state) = (Forge.Session(origin), script.Text(5000));
        long[] parents = [0, 1, 2, 2, 4, 3, 0];
        foreach (var parent in parents)
        {
            state = [.. state, .. script.Text(300)];
            await session.CreateAsync(Make.Checkpoint($"m{parent}", "t") with
            {
                State = state,
                Parent = parent == 0 ? CheckpointReference.None : CheckpointReference.BySequence(parent),
            });
        }

        await session.SetTagsAsync(3, ["b", "c"]);
        await session.AnnotateAsync(1, AnnotationSeverity.Warning, "look");
        await session.AnnotateAsync(4, AnnotationSeverity.Info, "elsewhere");
        await session.AnnotateAsync(6, AnnotationSeverity.Critical, "here");

        var result = await ForkAsync(origin, 6, name, withHistory: true);

        var fork = Forge.Session(name);
        await AssertSameAsync(session, fork, [1, 2, 3, 6]);
        Assert.Equal([null, 1, 2, 3], (await fork.AllAsync()).Select(c => c.Parent));
        Assert.Equal((4L, 6L), (result.Count, result.Head!.Value.Sequence));
        Assert.Equal(["look"], (await fork.GetAsync(1))!.Annotations.Select(a => a.Text));
        Assert.Equal([3], (await fork.AllAsync(new CheckpointQuery { Tag = "c" })).Select(c => c.Sequence));
        Assert.Equal(6, (await fork.GetSummaryAsync(CheckpointReference.Current))!.Sequence);
        var next = await fork.CreateAsync("next");
        Assert.Equal((7L, 6L), (next.Sequence, next.Parent));
        await fork.AnnotateAsync(6, AnnotationSeverity.Info, "later");
        Assert.Equal(["here", "later"], (await fork.GetAsync(6))!.Annotations.Select(a => a.Text));
        Assert.True((await fork.VerifyOnceAsync(result.Anchor!.Value)).IsIntact);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fork_WithHistory_OfWhatStandsOnRemovedRows_IsWholeWithoutThem(bool reclaimed)
    {
        var (origin, name) = (Make.Id(), Make.Id("fork"));
        await MakeGrowingAsync(origin, 90, sequence => sequence % 7 == 0 || sequence is 30 or 31 or 32 or 64 or 65 ? ["keep"] : []);
        var session = Forge.Session(origin);
        await session.CompactAsync(new RetentionPolicy { KeepTags = ["keep"] });
        await session.DeleteAsync(64);
        await session.DeleteAsync(35);
        if (reclaimed)
        {
            await Forge.SweepUntilGoneAsync(origin);
        }

        var kept = (await session.AllAsync()).Select(c => c.Sequence).ToList();
        Assert.InRange(kept.Count, 14, 20);
        await ForkAsync(origin, CheckpointReference.Latest, name, withHistory: true);

        var fork = Forge.Session(name);
        await AssertSameAsync(session, fork, kept);
        Assert.Equal([0, .. kept[..^1]], (await fork.AllAsync()).Select(c => c.Parent ?? 0));
        var verified = await fork.VerifyOnceAsync();
        Assert.True(verified.IsIntact, string.Join("; ", verified.Damages));
        Assert.Equal(kept.Count, verified.Valid);
        var before = (await session.GetInfoAsync())!;
        await session.EraseSessionAsync(TestContext.Current.CancellationToken);
        foreach (var sequence in kept)
        {
            Assert.NotNull(await fork.GetAsync(sequence));
        }

        // Its own rows are as good as those of any session: they can be removed, and what is left is whole.
        await fork.DeleteAsync(kept[3]);
        await fork.CompactAsync(new RetentionPolicy { KeepRecent = 3 });
        await Forge.SweepUntilGoneAsync(name);
        Assert.Equal(before.Head, (await fork.GetInfoAsync())!.Head);
        Assert.NotNull(await fork.RestoreAsync(kept[^2]));
        Assert.True((await fork.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Fork_OfForks_HasTheLinkToEach()
    {
        var names = Enumerable.Range(0, 4).Select(_ => Make.Id("line")).ToList();
        var states = (await MakeGrowingAsync(names[0], 3)).Count;
        for (var i = 1; i < names.Count; i++)
        {
            await ForkAsync(names[i - 1], CheckpointReference.Latest, names[i], withHistory: i % 2 == 0);
            await Forge.Session(names[i]).CreateAsync($"{i}");
        }

        for (var i = 1; i < names.Count; i++)
        {
            var info = (await Forge.Session(names[i]).GetInfoAsync())!;
            Assert.Equal((names[i - 1], false, i == names.Count - 1 ? 0 : 1), (info.Origin!.Session.Value, info.Origin.Gone, info.ForkCount!.Value));
            Assert.True((await Forge.Session(names[i]).VerifyOnceAsync()).IsIntact);
        }

        Assert.Equal(3, states);
        Assert.Equal([1, 2], (await Forge.Session(names[1]).AllAsync()).Select(c => c.Sequence));
        Assert.Equal([1, 2, 3], (await Forge.Session(names[2]).AllAsync()).Select(c => c.Sequence));
        Assert.Equal([1, 2], (await Forge.Session(names[3]).AllAsync()).Select(c => c.Sequence));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fork_ThenTheOriginIsErased_IsWholeAndSaysThatItIsGone(bool withHistory)
    {
        var (origin, name) = (Make.Id(), Make.Id("fork"));
        var made = await MakeGrowingAsync(origin, 20);
        var states = new List<byte[]>();
        foreach (var summary in made)
        {
            states.Add((await Forge.Session(origin).GetAsync(summary.Id))!.State.ToArray());
        }

        await ForkAsync(origin, 15, name, withHistory);
        await Forge.Session(origin).CompactAsync(new RetentionPolicy { KeepRecent = 1 });
        await Forge.SweepUntilGoneAsync(origin);
        var fork = Forge.Session(name);
        Assert.False((await fork.GetInfoAsync())!.Origin!.Gone);
        await AssertWholeAsync();

        await Forge.Session(origin).EraseSessionAsync(TestContext.Current.CancellationToken);

        await AssertWholeAsync();
        Assert.Equal(
            new SessionOrigin(SessionId.Parse(origin), 15, made[14].Id, made[14].Chain, Gone: true), (await fork.GetInfoAsync())!.Origin);
        await Assert.ThrowsAsync<SessionDeletedException>(() => Forge.Session(origin).RunAsync(new ListForks()));

        async Task AssertWholeAsync()
        {
            Assert.Equal(states[14], (await fork.GetAsync(CheckpointReference.Latest))!.State.ToArray());
            for (var sequence = 1; withHistory && sequence <= 15; sequence++)
            {
                Assert.Equal(states[sequence - 1], (await fork.GetAsync(sequence))!.State.ToArray());
            }

            Assert.True((await fork.VerifyOnceAsync()).IsIntact);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fork_BesideRunningCreates_IsOfOneInstant(bool withHistory)
    {
        var origin = Make.Id();
        await MakeGrowingAsync(origin, 40);
        var session = Forge.Session(origin);
        using var stop = new CancellationTokenSource();
        var script = new StateScript(new Random(5));
        var acknowledged = 40L;
        var creating = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var state = script.Text(2000);
                acknowledged = (await session.CreateAsync(Make.Checkpoint("beside") with { State = state })).Checkpoint!.Sequence;
            }
        });
        var forks = new List<(string Name, ForkResult Result)>();
        for (var i = 0; i < 8; i++)
        {
            var (name, before) = (Make.Id("fork"), Interlocked.Read(ref acknowledged));
            var result = await ForkAsync(origin, CheckpointReference.Latest, name, withHistory);
            forks.Add((name, result));
            Assert.True(result.Origin.Sequence >= before, $"{result.Origin.Sequence} was forked where {before} was acknowledged");
        }

        await stop.CancelAsync();
        await creating;
        foreach (var (name, result) in forks)
        {
            var fork = Forge.Session(name);
            if (withHistory)
            {
                await AssertSameAsync(session, fork, [.. Enumerable.Range(1, (int)result.Origin.Sequence).Select(s => (long)s)]);
            }
            else
            {
                Assert.Equal(
                    (await session.GetAsync(result.Origin.Sequence))!.State.ToArray(), (await fork.GetAsync(CheckpointReference.Latest))!.State.ToArray());
            }

            Assert.True((await fork.VerifyOnceAsync()).IsIntact);
        }

        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Fork_WithHistoryAcrossBranches_KeepsThemAndStandsAtTheirNewest()
    {
        // main: 1 - 2 - 5; b: 3 - 4 on 2; c: 6 - 7 on 4, and 8 on 3.
        var (origin, name) = (Make.Id(), Make.Id("fork"));
        var session = Forge.Session(origin);
        (long Parent, string? Branch)[] made = [(0, null), (1, null), (2, "b"), (3, "b"), (2, null), (4, "c"), (6, "c"), (3, "c")];
        foreach (var (parent, branch) in made)
        {
            await session.CreateAsync(Make.Checkpoint($"{parent}{branch}") with
            {
                Branch = branch,
                Parent = parent == 0 ? CheckpointReference.None : CheckpointReference.BySequence(parent),
            });
        }

        var result = await ForkAsync(origin, 7, name, withHistory: true);

        var fork = Forge.Session(name);
        await AssertSameAsync(session, fork, [1, 2, 3, 4, 6, 7]);
        Assert.Equal((6L, 7L), (result.Count, result.Head!.Value.Sequence));
        Assert.Equal(
            [("b", 4L, 4L, 2L), ("c", 7L, 7L, 2L), ("main", 2L, 2L, 2L)],
            (await fork.BranchesAsync()).OrderBy(b => b.Key).Select(b => (b.Key, b.Value.Head!.Value, b.Value.Current!.Value, b.Value.Count)));
        var next = (await fork.CreateAsync(Make.Checkpoint("next") with { Branch = "c" })).Checkpoint!;
        Assert.Equal((8L, 7L), (next.Sequence, next.Parent));
        Assert.Equal(2, (await fork.CreateAsync("on main")).Parent);
        Assert.True((await fork.VerifyOnceAsync(result.Anchor!.Value)).IsIntact);

        // The latest of a branch by itself is the first of main; one that is not there is none.
        var single = Make.Id("fork");
        Assert.Equal(8, (await ForkAsync(origin, CheckpointReference.LatestOf("c"), single)).Origin.Sequence);
        Assert.Equal(["main"], (await Forge.Session(single).BranchesAsync()).Keys);
        Assert.Equal(4, (await ForkAsync(origin, CheckpointReference.CurrentOf("b"), Make.Id("fork"), withHistory: true)).Origin.Sequence);
        await Assert.ThrowsAsync<CheckpointNotFoundException>(() => ForkAsync(origin, CheckpointReference.LatestOf("d"), Make.Id("fork")));
    }

    /// <summary>Holds a fork with history against some checkpoints of its origin: all of what it has.</summary>
    private static async Task AssertSameAsync(ISessionGrain origin, ISessionGrain fork, IReadOnlyList<long> sequences)
    {
        var all = await fork.AllAsync();
        Assert.Equal(sequences, all.Select(c => c.Sequence));
        foreach (var summary in all)
        {
            var (left, right) = (await origin.GetAsync(summary.Sequence), await fork.GetAsync(summary.Id));
            Assert.Equivalent(
                Unchained(left!.Summary) with { Parent = 0 }, Unchained(right!.Summary) with { Parent = 0 }, strict: true);
            Assert.Equal(left.State.ToArray(), right.State.ToArray());
            Assert.Equal(left.Annotations.Select(a => (a.Position, a.Text)), right.Annotations.Select(a => (a.Position, a.Text)));
        }
    }
}
