using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Tests.Retention;
using Forge.Operations;
using Forge.Sessions;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What a repeat is answered if it overlaps the first attempt, or if what the first rested on has changed since.</summary>
public abstract partial class SessionFaults
{
    [Theory]
    [InlineData("head")]
    [InlineData("automatic")]
    [InlineData("parent")]
    [InlineData("batch")]
    public async Task Create_LookedUpBeforeItsFirstAttemptEnded_IsARepeat(string condition)
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        if (condition != "automatic")
        {
            await session.CreateAsync("1");
        }

        NewCheckpoint[] request =
        [
            Make.Checkpoint("2") with
            {
                IdempotencyKey = "k",
                ExpectedHead = condition == "head" ? 1 : null,
                Trigger = condition == "automatic" ? CheckpointTrigger.SignificantTimePassed : CheckpointTrigger.Manual,
                Parent = condition is "parent" or "batch" ? 1 : null,
            },
            .. condition == "batch" ? [Make.Checkpoint("3") with { IdempotencyKey = "k3" }] : Array.Empty<NewCheckpoint>(),
        ];
        var (entered, release) = Store.HoldNextLookUp();

        var repeat = session.CreateBatchAsync(request);
        await entered;
        var first = await session.CreateBatchAsync([.. request.Select(c => c with { FirstAttempt = true })]);
        await session.DeleteAsync(1);
        release();

        Assert.All(await repeat, result => Assert.Equal(CreateOutcome.Repeated, result.Outcome));
        Assert.Equal(first.Select(r => r.Checkpoint!.Sequence), (await repeat).Select(r => r.Checkpoint!.Sequence));
    }

    [Fact]
    public async Task Create_ItsFirstAttemptsCheckpointCameAndWentSinceTheLookUp_IsARepeat()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        var parent = await session.CreateAsync("1");
        var request = Make.Checkpoint("2") with { IdempotencyKey = "k" };
        var (entered, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        Store.OnCheckpointRead = () =>
        {
            Store.OnCheckpointRead = null;
            entered.SetResult();
            return release.Task;
        };

        // The engine does not know this parent of itself, so it is read between the look-up and the decision.
        await forge.EndActivationsAsync();
        var repeat = session.CreateAsync(request with { Parent = CheckpointReference.ById(parent.Id) });
        await entered.Task;
        var first = await session.CreateAsync(request with { FirstAttempt = true });
        await session.DeleteAsync(2);
        await forge.SweepUntilGoneAsync("s");
        release.SetResult();

        Assert.Equal((CreateOutcome.Repeated, first.Checkpoint!.Sequence), ((await repeat).Outcome, (await repeat).Checkpoint!.Sequence));
        Assert.Equal(1, (await session.GetInfoAsync())!.Count);
    }

    [Fact]
    public async Task Create_FirstAttemptThatWaitedForLong_IsLookedUpAfterAll()
    {
        var time = new ShiftedTime();
        await using var forge = await StartAsync(time: time);
        var session = forge.Session("s");
        var parent = await session.CreateAsync("1");
        var request = Make.Checkpoint("2") with { IdempotencyKey = "k" };
        var (entered, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        Store.OnCheckpointRead = () =>
        {
            Store.OnCheckpointRead = null;
            entered.SetResult();
            return release.Task;
        };

        await forge.EndActivationsAsync();
        var first = session.CreateAsync(request with { Parent = CheckpointReference.ById(parent.Id), FirstAttempt = true });
        await entered.Task;
        var second = await session.CreateAsync(request with { FirstAttempt = false });
        await session.DeleteAsync(2);
        await forge.SweepUntilGoneAsync("s");
        time.Advance(TimeSpan.FromSeconds(6));
        release.SetResult();

        Assert.Equal((CreateOutcome.Created, CreateOutcome.Repeated), (second.Outcome, (await first).Outcome));
        Assert.Equal(1, (await session.GetInfoAsync())!.Count);
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("delete latest")]
    [InlineData("restore")]
    [InlineData("annotate")]
    [InlineData("annotate the last time")]
    [InlineData("tags")]
    public async Task Change_LookedUpBeforeItsFirstAttemptEnded_IsARepeat(string change)
    {
        await using var forge = await StartAsync(options => options.Limits.Annotations = 1);
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        var request = new ChangeRequest(Guid.NewGuid(), FirstAttempt: false);
        var (entered, release) = Store.HoldNextLookUp();

        var repeat = RunAsync(request);
        await entered;
        var first = await RunAsync(request with { FirstAttempt = true });
        if (change != "annotate the last time")
        {
            await session.DeleteAsync(1);
            await session.DeleteAsync(2);
        }

        release();

        Assert.Equal(first, await repeat);

        async Task<object> RunAsync(ChangeRequest request) => change switch
        {
            "delete" => await session.DeleteAsync(1, request),
            "delete latest" => await session.DeleteAsync(CheckpointReference.Latest, request),
            "restore" => (await session.RestoreAsync(1, request)).Anchor!,
            "tags" => (await session.SetTagsAsync(1, ["t"], request)).Id,
            _ => await session.AnnotateAsync(1, AnnotationSeverity.Info, "note", request),
        };
    }

    // A refusal that does not come while a commit is held never comes: the limit makes that a failure and not a hang.
    [Fact(Timeout = 120_000)]
    public async Task Create_ExpectsAHeadThatNothingPendingMakes_IsRefusedAtOnce()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        var (entered, release) = Store.HoldNext();
        var others = new List<Task> { session.CreateAsync("2") };
        await entered.WaitAsync(TestContext.Current.CancellationToken);
        others.Add(session.CreateAsync("3"));
        await session.GetInfoAsync();

        foreach (var (expected, before) in new[] { (9, 0), (0, 0), (9, 1) })
        {
            var error = await Assert.ThrowsAsync<HeadMismatchException>(() => session.CreateBatchAsync(
                [.. Enumerable.Range(0, before).Select(_ => Make.Checkpoint()), Make.Checkpoint() with { ExpectedHead = expected }]));
            Assert.Equal((expected, 1 + before), (error.Expected, error.Actual));
        }

        release();
        await Task.WhenAll(others);
        Assert.Equal(3, (await session.GetInfoAsync())!.Count);
    }

    [Theory]
    [InlineData(1, true, null)]
    [InlineData(2, true, null)]
    [InlineData(3, true, 4)]
    [InlineData(1, false, 2)]
    [InlineData(2, false, null)]
    public async Task Create_ExpectsAHeadThatSomethingPendingMakesOrLeaves_IsDecidedOnWhatBecomesOfIt(
        long expected, bool committed, int? sequence)
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        var (entered, release) = Store.HoldNext(committed ? null : new UnavailableException("no"));
        var others = new List<Task> { Try(() => session.CreateAsync("2")) };
        await entered;
        others.Add(Try(() => session.CreateAsync("3")));

        // A call that is answered after others shows that they are in.
        await session.GetInfoAsync();
        var expecting = session.CreateAsync(Make.Checkpoint("mine") with { ExpectedHead = expected });
        await session.GetInfoAsync();
        Assert.False(expecting.IsCompleted);
        release();
        await Task.WhenAll(others);

        if (sequence is { } made)
        {
            Assert.Equal(made, (await expecting).Checkpoint!.Sequence);
        }
        else
        {
            Assert.Equal(committed ? 3 : 1, (await Assert.ThrowsAsync<HeadMismatchException>(() => expecting)).Actual);
        }
    }

    [Fact]
    public async Task Changes_RepeatedAfterALimitWasLowered_AreRecognised()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        var create = Make.Checkpoint("a long message", "one", "two") with { IdempotencyKey = "k" };
        var (annotate, tags, settings, compact) = (NewRequest(), NewRequest(), NewRequest(), NewRequest());
        var labels = new SessionSettings { Labels = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" } };
        var policy = new RetentionPolicy { KeepTags = ["one", "two"] };
        NewCheckpoint[] batch = [create with { IdempotencyKey = "b1" }, create with { IdempotencyKey = "b2" }];
        var created = await session.CreateAsync(create);
        var made = await session.CreateBatchAsync(batch);
        var note = await session.AnnotateAsync(1, AnnotationSeverity.Info, "a long note", annotate);
        await session.SetTagsAsync(1, ["one", "two"], tags);
        await session.SetSettingsAsync(labels, settings);
        var compacted = await session.CompactAsync(policy, request: compact);
        var info = await session.GetInfoAsync();

        var limits = forge.Service<IOptions<LimitsOptions>>().Value;
        (limits.MessageBytes, limits.StateBytes, limits.Tags, limits.AnnotationBytes, limits.Labels, limits.BatchRecords) = (2, 2, 1, 2, 1, 1);
        limits.TagCharacters = 1;

        Assert.Equal(created.Checkpoint!.Id, (await session.CreateAsync(create)).Checkpoint!.Id);
        Assert.Equal(made.Select(r => r.Checkpoint!.Id), (await session.CreateBatchAsync(batch)).Select(r => r.Checkpoint!.Id));
        Assert.Equal(note, await session.AnnotateAsync(1, AnnotationSeverity.Info, "a long note", annotate));
        Assert.Equal(["one", "two"], (await session.SetTagsAsync(1, ["one", "two"], tags)).Tags);
        Assert.Equal(2, (await session.SetSettingsAsync(labels, settings)).Settings.Labels.Count);
        Assert.Equal(compacted, await session.CompactAsync(policy, request: compact));

        // What is no repeat is held to the limits of now.
        await Assert.ThrowsAsync<OverLimitException>(() => session.CreateAsync(create with { IdempotencyKey = "other" }));
        await Assert.ThrowsAsync<OverLimitException>(
            () => session.CreateBatchAsync([.. batch.Select(c => c with { IdempotencyKey = c.IdempotencyKey + "other" })]));
        await Assert.ThrowsAsync<OverLimitException>(() => session.AnnotateAsync(1, AnnotationSeverity.Info, "a long note", NewRequest()));
        await Assert.ThrowsAsync<OverLimitException>(() => session.SetTagsAsync(1, ["one", "two"], NewRequest()));
        await Assert.ThrowsAsync<OverLimitException>(() => session.SetSettingsAsync(labels, NewRequest()));
        await Assert.ThrowsAsync<OverLimitException>(() => session.CompactAsync(policy, request: NewRequest()));
        Assert.Equivalent(info, await session.GetInfoAsync(), strict: true);
    }

    [Fact]
    public async Task CreateBatch_ManyNamedParents_AreReadAtOnceWithTheirOwnAnswers()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        var made = await session.CreateBatchAsync([.. Enumerable.Range(0, 100).Select(i => Make.Checkpoint($"{i}"))]);
        await session.DeleteAsync(50);
        await forge.EndActivationsAsync();
        var (reads, lookUps) = (Store.CheckpointReads, Store.LookUps);

        var children = await session.CreateBatchAsync(
        [
            .. Enumerable.Range(1, 20).Select(i => Make.Checkpoint() with { Parent = i }),
            .. Enumerable.Range(1, 20).Select(i => Make.Checkpoint() with { Parent = CheckpointReference.ById(made[i].Checkpoint!.Id) }),
            Make.Checkpoint() with { Parent = CheckpointReference.Latest },
            Make.Checkpoint(),
        ]);

        Assert.Equal((1, 0), (Store.CheckpointReads - reads, Store.LookUps - lookUps));
        Assert.Equal(
            Enumerable.Range(1, 20).Concat(Enumerable.Range(2, 20)).Append(140).Append(141).Select(i => (long?)i),
            children.Select(c => c.Checkpoint!.Parent));
        var error = await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.CreateBatchAsync(
            [Make.Checkpoint() with { Parent = 2 }, Make.Checkpoint() with { Parent = 50 }, Make.Checkpoint() with { Parent = 999 }]));
        Assert.Equal("50", error.Checkpoint);
    }

    private static ChangeRequest NewRequest() => new(Guid.NewGuid(), FirstAttempt: false);
}
