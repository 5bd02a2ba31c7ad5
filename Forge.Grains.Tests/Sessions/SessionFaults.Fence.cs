using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>Reads that are answered from memory behind the one fence, and when they must not be.</summary>
public abstract partial class SessionFaults
{
    private static readonly CheckpointReference[] Newest =
        [CheckpointReference.Latest, CheckpointReference.Current, CheckpointReference.LatestOf("main")];

    [Fact]
    public async Task Get_NothingElseGoesOn_AsksForOneVersionAndReadsNoRow()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync(Large("1", "a"));
        var created = (await session.CreateAsync(Large("2", "b"))).Checkpoint!;
        var truth = await TruthAsync(2);

        foreach (var reference in Newest.Append(2).Append(created.Id).Append(1))
        {
            var before = (Store.VersionReads, Store.CheckpointReads, Store.HeadReads);
            var read = (await session.GetAsync(reference))!;
            var summary = (await session.GetSummaryAsync(reference))!;

            Assert.Equal((before.VersionReads + 2, before.CheckpointReads, before.HeadReads), (Store.VersionReads, Store.CheckpointReads, Store.HeadReads));
            Assert.Equivalent(summary, read.Summary, strict: true);
            Assert.Equal(Large(read.Summary.Message).State.ToArray(), read.State.ToArray());
            if (summary.Sequence == 2)
            {
                Assert.Equivalent(truth.Row.ToSummary(), summary, strict: true);
            }
        }
    }

    [Fact]
    public async Task Get_AfterAnActivation_IsReadOnceAndThenHeld()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("small");
        await session.CreateAsync(Large("2"));
        await session.CreateAsync(Large("3"));
        await session.AnnotateAsync(3, AnnotationSeverity.Critical, "noted");
        await session.RestoreAsync(2);
        await session.DeleteAsync(1);
        await forge.EndActivationsAsync();

        foreach (var reference in new[] { CheckpointReference.Latest, CheckpointReference.Current })
        {
            var before = Store.CheckpointReads;
            var reads = new List<Checkpoint>();
            for (var i = 0; i < 3; i++)
            {
                reads.Add((await session.GetAsync(reference))!);
            }

            Assert.Equal(before + 1, Store.CheckpointReads);
            Assert.All(reads, read => Assert.Equivalent(reads[0].Summary, read.Summary, strict: true));
            Assert.All(reads, read => Assert.Equal(reads[0].State.ToArray(), read.State.ToArray()));
            Assert.All(reads, read => Assert.Equal(reads[0].Annotations, read.Annotations));
        }

        Assert.Equal("noted", Assert.Single((await session.GetAsync(CheckpointReference.Latest))!.Annotations).Text);
        Assert.Null((await session.GetSummaryAsync(CheckpointReference.Current))!.KeptParent);
    }

    [Fact]
    public async Task Get_OfAnOvertakenActivation_SeesWhatTheOtherWrote()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync(Large("1"));
        Assert.Equal("1", (await session.GetAsync(CheckpointReference.Latest))!.Summary.Message);

        for (var i = 0; i < 5; i++)
        {
            await WriteElsewhereAsync($"elsewhere {i}");

            Assert.Equal($"elsewhere {i}", (await session.GetAsync(CheckpointReference.Latest))!.Summary.Message);
            Assert.Equal($"elsewhere {i}", (await session.GetSummaryAsync(CheckpointReference.Latest))!.Message);
        }
    }

    [Fact]
    public async Task Get_OfAnActivationThatAnotherDeletedTheSessionUnder_IsRefused()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync(Large("1"));
        await ChangeElsewhereAsync(engine => engine.DeleteSession(TimeProvider.System.GetUtcNow()));

        await Assert.ThrowsAsync<SessionDeletedException>(() => session.GetAsync(CheckpointReference.Latest));
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.GetSummaryAsync(1));
    }

    // Each read is on a query that was sent after it came. Had the second joined the first, it would answer what was before the write.
    [Fact(Timeout = 120_000)]
    public async Task Get_BegunAfterAWriteWhileAnEarlierReadWaits_SeesTheWrite()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync(Large("1"));
        var (entered, release) = Store.HoldNextVersions();
        var early = session.GetSummaryAsync(CheckpointReference.Latest);
        await entered.WaitAsync(TestContext.Current.CancellationToken);

        await WriteElsewhereAsync("elsewhere");

        // What is under way is slow by then, and is not waited for.
        Assert.Equal("elsewhere", (await session.GetSummaryAsync(CheckpointReference.Latest))!.Message);
        Assert.False(early.IsCompleted);
        release();

        Assert.Equal("1", (await early)!.Message);
        Assert.Equal("elsewhere", (await session.GetAsync(CheckpointReference.Latest))!.Summary.Message);
    }

    [Fact(Timeout = 120_000)]
    public async Task Get_BesideACommitThatHasNotLanded_ShowsNothingOfIt()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync(Large("1", "old"));
        var (entered, release) = Store.HoldNext(new UnavailableException("no"));
        var tagged = Try(() => session.SetTagsAsync(1, ["new"]));
        await entered.WaitAsync(TestContext.Current.CancellationToken);
        var created = Try(() => session.CreateAsync(Large("2")));
        var noted = Try(() => session.AnnotateAsync(1, AnnotationSeverity.Info, "never"));
        await session.GetInfoAsync();
        var rows = Store.CheckpointReads;

        foreach (var reference in Newest)
        {
            var read = (await session.GetAsync(reference))!;
            Assert.Equal((1, "old"), (read.Summary.Sequence, Assert.Single(read.Summary.Tags)));
            Assert.Empty(read.Annotations);
            Assert.Equal("old", Assert.Single((await session.GetSummaryAsync(reference))!.Tags));
        }

        Assert.Null(await session.GetSummaryAsync(2));
        Assert.Equal(rows + 1, Store.CheckpointReads);
        release();

        // The others may have come to be decided after it failed.
        Assert.IsType<UnavailableException>(await tagged);
        await Task.WhenAll(created, noted);
        Assert.Equal("old", Assert.Single((await session.GetSummaryAsync(1))!.Tags));
    }

    [Fact(Timeout = 120_000)]
    public async Task Get_BesideACommitThatHasLanded_ShowsIt()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync(Large("1"));
        var (created, release) = await CreateLandedAsync(session, "2", TestContext.Current.CancellationToken);

        foreach (var reference in Newest)
        {
            Assert.Equal(Large("2").State.ToArray(), (await session.GetAsync(reference))!.State.ToArray());
            Assert.Equal("2", (await session.GetSummaryAsync(reference))!.Message);
        }

        release();
        await created;
        var rows = Store.CheckpointReads;
        Assert.Equal(Large("2").State.ToArray(), (await session.GetAsync(CheckpointReference.Latest))!.State.ToArray());
        Assert.Equal(rows, Store.CheckpointReads);
    }

    // The commit's own outcome comes while the read waits: what the read is answered is of the version that the database said.
    [Fact(Timeout = 120_000)]
    public async Task Get_ACommitOfThisActivationEndsWhileItWaits_IsAnsweredWithoutAnotherRead()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync(Large("1"));
        var (created, release) = await CreateLandedAsync(session, "2", TestContext.Current.CancellationToken);
        var (entered, answer) = Store.HoldNextVersions();
        var (read, rows) = (session.GetAsync(CheckpointReference.Latest), Store.CheckpointReads);
        await entered.WaitAsync(TestContext.Current.CancellationToken);
        release();
        await created;
        answer();

        Assert.Equal(Large("2").State.ToArray(), (await read)!.State.ToArray());
        Assert.Equal(rows, Store.CheckpointReads);
    }

    // What became true after the database had said its version became true while the read waited.
    [Fact]
    public async Task Get_CommitsOfThisActivationEndBeforeAndAfterTheVersion_IsAnsweredWithoutAnotherRead()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync(Large("1"));
        var (last, rows) = (1, Store.CheckpointReads);

        BetweenCommits();
        Assert.Equal("3", (await session.GetSummaryAsync(CheckpointReference.Latest))!.Message);
        BetweenCommits();
        Assert.Equal(Large("5").State.ToArray(), (await session.GetAsync(CheckpointReference.Latest))!.State.ToArray());
        BetweenCommits();
        Assert.Equal([7, 6, 5, 4, 3, 2, 1], (await session.ListAsync(new CheckpointQuery())).Items.Select(c => c.Sequence));
        Assert.Equal(rows, Store.CheckpointReads);

        void BetweenCommits() => Store.OnVersions = async (keys, read) =>
        {
            Store.OnVersions = null;
            await session.CreateAsync(Large($"{++last}"));
            var versions = await read(keys);
            await session.CreateAsync(Large($"{++last}"));
            return versions;
        };
    }

    [Fact]
    public async Task Get_DatabaseThatWasPutBack_IsReadThere()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync(Large("1"));
        var rows = Store.CheckpointReads;
        Store.OnVersions = async (keys, read) => (await read(keys)).ToDictionary(found => found.Key, found => found.Value - 1);

        await session.GetSummaryAsync(CheckpointReference.Latest);
        await session.GetAsync(CheckpointReference.Latest);

        Assert.Equal(rows + 2, Store.CheckpointReads);
    }

    [Fact]
    public async Task Get_AfterEachSortOfChange_IsWhatTheDatabaseHas()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        Func<Task>[] changes =
        [
            () => session.CreateBatchAsync([.. Enumerable.Range(1, 5).Select(i => Large($"{i}"))]),
            () => session.SetTagsAsync(5, ["a", "b"]),
            () => session.AnnotateAsync(5, AnnotationSeverity.Warning, "one"),
            () => session.SetTagsAsync(5, []),
            () => session.RestoreAsync(3),
            () => session.CreateAsync(Large("6") with { Branch = "side" }),
            () => session.CreateAsync(Large("7")),
            () => session.DeleteAsync(3),
            () => session.DeleteAsync(7),
            () => session.CreateBatchAsync([Large("8"), Large("9")]),
            () => session.AnnotateAsync(9, AnnotationSeverity.Info, "two"),
            () => session.CompactAsync(new RetentionPolicy { KeepRecent = 1 }),
            () => session.CreateAsync(Large("10")),
            () => session.SetSettingsAsync(new SessionSettings { AutomaticInterval = TimeSpan.FromDays(1) }),
            () => session.RunAsync(new ClearSession()),
            () => session.CreateAsync(Large("11")),
        ];
        foreach (var change in changes)
        {
            await change();
            for (var again = 0; again < 2; again++)
            {
                foreach (var reference in new[] { CheckpointReference.Latest, CheckpointReference.Current, CheckpointReference.LatestOf("side"), CheckpointReference.BySequence(5), CheckpointReference.BySequence(9) })
                {
                    await AssertTruthAsync(session, reference);
                }

                await AssertListsAsync(session, Lists);
            }
        }

        await session.RunAsync(new DeleteSession());
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.GetAsync(CheckpointReference.Latest));
        await session.RunAsync(new ReviveSession());
        Assert.Null(await session.GetAsync(CheckpointReference.Latest));
        await session.CreateAsync(Large("another life"));
        await AssertTruthAsync(session, CheckpointReference.Latest);
    }

    [Fact]
    public async Task Get_TheVersionCannotBeHad_IsUnavailableAndTheNextIsAnswered()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync(Large("1"));
        Store.OnVersions = (_, _) => throw new UnavailableException("no");

        await Assert.ThrowsAsync<UnavailableException>(() => session.GetAsync(CheckpointReference.Latest));
        await Assert.ThrowsAsync<UnavailableException>(() => session.GetSummaryAsync(CheckpointReference.Latest));
        Store.OnVersions = null;

        Assert.Equal("1", (await session.GetAsync(CheckpointReference.Latest))!.Summary.Message);
    }

    [Fact]
    public async Task Get_ReadersBesideTwoWriters_NeverSeeLessThanWasAcknowledgedBefore()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync(Large("1"));
        var acknowledged = 1L;
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 6).Select(reader => Task.Run(async () =>
        {
            var (reads, last) = (0, 0L);
            while (!done.IsCancellationRequested)
            {
                var (floor, withState) = (Interlocked.Read(ref acknowledged), (reads + reader) % 2 == 0);
                var seen = withState
                    ? (await session.GetAsync(CheckpointReference.Latest))!.Summary.Sequence
                    : (await session.GetSummaryAsync(CheckpointReference.Latest))!.Sequence;
                Assert.True(seen >= floor && seen >= last, $"read {seen} after {floor} was acknowledged and {last} was read");
                (reads, last) = (reads + 1, seen);
            }

            return reads;
        })).ToArray();
        for (var i = 0; i < 60; i++)
        {
            // What was written past this activation overtakes it, and it learns of that from one of the reads or from its next write.
            if (i % 3 == 2)
            {
                await WriteElsewhereAsync($"{i}");
                Interlocked.Increment(ref acknowledged);
            }
            else if (await Try(() => session.CreateAsync(Large($"{i}"))) is null)
            {
                Interlocked.Increment(ref acknowledged);
            }
        }

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(readers), reads => Assert.True(reads > 0));
    }

    /// <summary>A checkpoint whose state is long enough to be held.</summary>
    private static NewCheckpoint Large(string text, params string[] tags) =>
        Make.Checkpoint(text, tags) with { State = Make.State($"{text} {new string('x', 2000)}") };

    private async Task<CheckpointRead> TruthAsync(CheckpointReference checkpoint) => (await Store.Inner.Reads.ReadCheckpointAsync(
        new SessionAddress(TenantId.Default, SessionId.Parse("s")), checkpoint, CheckpointParts.All, CancellationToken.None)).Value!;

    /// <summary>Holds what is answered of a checkpoint against its row.</summary>
    private async Task AssertTruthAsync(ISessionGrain session, CheckpointReference checkpoint)
    {
        var (truth, read, summary) = (await TruthAsync(checkpoint), await session.GetAsync(checkpoint), await session.GetSummaryAsync(checkpoint));
        if (truth is null)
        {
            Assert.Null(read);
            Assert.Null(summary);
            return;
        }

        var nearest = await Store.Inner.Reads.ReadNearestAsync(
            new SessionAddress(TenantId.Default, SessionId.Parse("s")), truth.Row.Parent, CancellationToken.None);
        Assert.Equivalent(truth.Row.ToSummary() with { KeptParent = nearest.Value?.Sequence ?? 0 }, summary, strict: true);
        Assert.Equivalent(summary, read!.Summary, strict: true);
        Assert.Equal(truth.Annotations, read.Annotations);
        Assert.Equal(Large(truth.Row.Message).State.ToArray(), read.State.ToArray());
    }

    /// <summary>A create that the database has, and of which its activation is not told until it is let go.</summary>
    private async Task<(Task Created, Action Release)> CreateLandedAsync(
        ISessionGrain session, string message, CancellationToken cancellationToken)
    {
        var (landed, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        Store.OnCommit = async (batch, commit) =>
        {
            Store.OnCommit = null;
            var outcomes = await commit(batch);
            landed.SetResult();
            await release.Task;
            return outcomes;
        };
        var created = session.CreateAsync(Large(message), cancellationToken);
        await landed.Task.WaitAsync(cancellationToken);
        return (created, release.SetResult);
    }
}
