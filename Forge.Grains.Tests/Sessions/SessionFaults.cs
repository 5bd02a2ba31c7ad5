using System.Collections.Concurrent;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.Grains.Tests.History;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What sessions promise while the database misbehaves. Each test has a cluster of its own.</summary>
public abstract partial class SessionFaults
{
    private readonly ConcurrentBag<ScriptedHistoryStore> _stores = [];

    /// <summary>An empty database for a cluster of one silo.</summary>
    internal abstract Task<Action<ForgeOptions>> NewDatabaseAsync();

    [Fact]
    public async Task Create_TheBatchFails_NoGapAndNoNumberTwice()
    {
        await using var forge = await StartAsync();
        var session = forge.Session(Make.Id());
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        await session.DeleteAsync(2);
        Store.OnCommit = (_, _) => throw new UnavailableException("no");
        var failed = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Try(() => session.CreateAsync($"lost {i}"))));
        Store.OnCommit = null;

        Assert.All(failed, error => Assert.IsType<UnavailableException>(error));
        Assert.Equal(3, (await session.CreateAsync("3")).Sequence);
        Assert.Equal([1, 3], (await session.AllAsync()).Select(c => c.Sequence));
        Assert.Equal(3, (await session.GetInfoAsync())!.LastSequence);
    }

    [Fact]
    public async Task Create_QueuedBehindAFailure_NothingOfItIsWritten()
    {
        await using var forge = await StartAsync();
        var session = forge.Session(Make.Id());
        await session.CreateAsync("1");
        var (entered, release) = Store.HoldNext(new UnavailableException("no"));

        var first = Try(() => session.CreateAsync("2"));
        await entered;
        var queued = Enumerable.Range(0, 10).Select(i => Try(() => session.CreateAsync($"queued {i}"))).ToArray();
        // A call that is answered after them shows that they are in.
        await session.GetInfoAsync();
        release();

        Assert.IsType<UnavailableException>(await first);
        var outcomes = await Task.WhenAll(queued);
        var left = await session.AllAsync();
        Assert.Equal(1 + outcomes.Count(o => o is null), left.Count);
        Assert.Equal(Enumerable.Range(1, left.Count).Select(i => (long)i), left.Select(c => c.Sequence));
    }

    [Fact]
    public async Task Delete_CurrentWhoseAncestorsThisActivationRemoved_ReadsNothing()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        for (var i = 1; i <= 6; i++)
        {
            await session.CreateAsync($"{i}");
        }

        var before = Store.CheckpointReads;
        foreach (var sequence in new[] { 3, 5, 4, 6 })
        {
            Assert.True(await session.DeleteAsync(sequence));
        }

        Assert.Equal(before, Store.CheckpointReads);
        var next = await session.CreateAsync("next");
        Assert.Equal((7, 2), (next.Sequence, next.Parent));
    }

    [Fact]
    public async Task Delete_ItsWriteFailsWithCreatesBehindIt_IsNotDone()
    {
        await using var forge = await StartAsync();
        var session = forge.Session(Make.Id());
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        var (entered, release) = Store.HoldNext(new UnavailableException("no"));

        var delete = Try(() => session.DeleteAsync(2));
        await entered;
        var behind = Enumerable.Range(0, 10).Select(i => Try(() => session.CreateAsync($"behind {i}"))).ToArray();
        await session.GetInfoAsync();
        release();

        Assert.IsType<UnavailableException>(await delete);
        var made = (await Task.WhenAll(behind)).Count(e => e is null);
        Assert.Equal(Enumerable.Range(1, 2 + made).Select(i => (long)i), (await session.AllAsync()).Select(c => c.Sequence));
        Assert.Equal(Make.State("2"), (await session.GetAsync(2))!.State.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Create_TheConnectionDiesDuringACommit_IsFoundOutAndAnsweredTruly(bool written)
    {
        await using var forge = await StartAsync();
        var session = forge.Session(Make.Id());
        await session.CreateAsync("1");
        Store.OnCommit = async (batch, commit) =>
        {
            Store.OnCommit = null;
            if (written)
            {
                await commit(batch);
            }

            throw new CommitInDoubtException(new IOException("the connection died"));
        };

        var error = await Try(() => session.CreateAsync("2"));

        Assert.Equal(written, error is null);
        Assert.Equal(written ? 2 : 1, (await session.GetInfoAsync())!.LastSequence);
        Assert.Equal(written ? 3 : 2, (await session.CreateAsync("next")).Sequence);
    }

    [Fact]
    public async Task Create_TheOutcomeStaysUnknown_SaysSoAndARepeatIsSafe()
    {
        await using var forge = await StartAsync(options => options.Writer.CommandTimeout = TimeSpan.FromSeconds(1));
        var session = forge.Session(Make.Id());
        var request = Make.Checkpoint("1") with { IdempotencyKey = "k" };
        Store.OnCommit = async (batch, commit) =>
        {
            Store.OnCommit = null;
            await commit(batch);
            throw new CommitInDoubtException(new IOException("the connection died"));
        };
        Store.OnFindOut = () => throw new UnavailableException("no");

        await Assert.ThrowsAsync<OutcomeUnknownException>(() => session.CreateAsync(request));
        Store.OnFindOut = null;

        var repeat = await session.CreateAsync(request);
        Assert.Equal((CreateOutcome.Repeated, 1), (repeat.Outcome, repeat.Checkpoint!.Sequence));
        Assert.Equal(2, (await session.CreateAsync("2")).Sequence);
    }

    [Fact]
    public async Task Latest_OfALongSession_ReadsNeitherItsListNorItsStates()
    {
        await using var forge = await StartAsync();
        for (var i = 0; i < 10; i++)
        {
            await forge.Session("long").CreateBatchAsync([.. Enumerable.Range(0, 1000).Select(n => Make.Checkpoint($"{n}"))]);
        }

        await forge.EndActivationsAsync();
        var (lists, heads, checkpoints) = (Store.Lists, Store.HeadReads, Store.CheckpointReads);

        Assert.Equal(10_000, (await forge.Session("long").GetAsync(CheckpointReference.Latest))!.Summary.Sequence);

        Assert.Equal((0, 1, 1), (Store.Lists - lists, Store.HeadReads - heads, Store.CheckpointReads - checkpoints));
    }

    // A bound that is not kept shows as calls that are never refused: the limit makes that a failure and not a hang.
    [Fact(Timeout = 120_000)]
    public async Task Create_TheQueueIsFull_IsRefusedAtOnceAndServiceResumes()
    {
        await using var forge = await StartAsync(options => (options.Writer.QueueRecords, options.Writer.SessionShare) = (20, 4));
        var release = new TaskCompletionSource();
        Store.OnCommit = async (batch, commit) =>
        {
            await release.Task;
            return await commit(batch);
        };

        var hot = Enumerable.Range(0, 12).Select(i => Try(() => forge.Session("hot").CreateAsync($"{i}"))).ToArray();
        var refused = await WaitForAsync(hot, 7, TestContext.Current.CancellationToken);
        Assert.All(refused, error => Assert.Equal("session", Assert.IsType<BusyException>(error).Resource));
        var others = Enumerable.Range(0, 20).Select(i => Try(() => forge.Session($"cold{i}").CreateAsync("x"))).ToArray();
        refused = await WaitForAsync(others, 5, TestContext.Current.CancellationToken);
        Assert.All(refused, error => Assert.Equal("writer queue", Assert.IsType<BusyException>(error).Resource));
        release.SetResult();

        Assert.Equal(5, (await Task.WhenAll(hot)).Count(e => e is null));
        Assert.Equal(15, (await Task.WhenAll(others)).Count(e => e is null));
        Assert.Equal(6, (await forge.Session("hot").CreateAsync("next")).Sequence);
    }

    [Fact(Timeout = 120_000)]
    public async Task Annotate_TheQueueIsFullOfTexts_IsRefusedAtOnceAndServiceResumes()
    {
        const int share = 512 * 1024;
        await using var forge = await StartAsync(options => (options.Writer.QueueBytes, options.Writer.SessionShare) = (4 * share, 4));
        var (session, text) = (forge.Session("s"), new string('я', 8000));
        await session.CreateAsync("1");
        var release = new TaskCompletionSource();
        Store.OnCommit = async (batch, commit) =>
        {
            await release.Task;
            return await commit(batch);
        };

        // What waits holds its text and what is remembered of it: fewer go in than there are bytes for.
        var calls = Enumerable.Range(0, 100).Select(_ => Try(() => session.AnnotateAsync(
            1, AnnotationSeverity.Info, text, new ChangeRequest(Guid.NewGuid(), true)))).ToArray();
        var most = share / (text.Length * sizeof(char));
        var refused = await WaitForAsync(calls, calls.Length - most, TestContext.Current.CancellationToken);
        Assert.All(refused, error => Assert.Equal("session", Assert.IsType<BusyException>(error).Resource));
        release.SetResult();

        Assert.InRange((await Task.WhenAll(calls)).Count(e => e is null), 1, most);
        await session.AnnotateAsync(1, AnnotationSeverity.Info, text);
    }

    [Fact]
    public async Task Annotate_LongText_IsNotRememberedAndARepeatHasIt()
    {
        await using var forge = await StartAsync();
        var (session, text, id) = (forge.Session("s"), new string('я', 8000), Guid.NewGuid());
        await session.CreateAsync("1");
        var first = await session.AnnotateAsync(1, AnnotationSeverity.Critical, text, new ChangeRequest(id, false));

        var remembered = await Store.Inner.Reads.ReadRequestAsync(HistoryRows.Address("s"), id, TestContext.Current.CancellationToken);
        Assert.InRange(remembered!.Value.Outcome.Length, 1, 500);
        Assert.Equal(first, await session.AnnotateAsync(1, AnnotationSeverity.Critical, text, new ChangeRequest(id, false)));
        Assert.Equal(text, first.Text);
    }

    [Fact]
    public async Task Create_OneSessionOfABatchIsBad_TheOthersAreWritten()
    {
        await using var forge = await StartAsync();
        var bad = Make.Checkpoint("bad") with { Id = new CheckpointId(Guid.NewGuid()) };
        await forge.Session("bad").CreateAsync(bad);
        var (entered, release) = Store.HoldNext();

        // All but the first gather for the next batches while that one is held.
        var first = forge.Session("first").CreateAsync("x");
        await entered;
        var duplicate = forge.Session("bad").CreateAsync(bad with { FirstAttempt = true });
        var others = Enumerable.Range(0, 30).Select(i => forge.Session($"good{i}").CreateAsync("x")).ToArray();
        await forge.Session("bad").GetInfoAsync();
        release();

        Assert.Equal(CreateOutcome.Repeated, (await duplicate).Outcome);
        Assert.All(await Task.WhenAll(others), created => Assert.Equal(1, created.Sequence));
        await first;
    }

    [Fact]
    public async Task Import_TheTakeOverFails_TheSessionStartsAfresh()
    {
        await using var forge = await StartAsync();
        await forge.Session("origin").CreateBatchAsync([.. Enumerable.Range(0, 5).Select(i => Make.Checkpoint($"{i}"))]);
        await forge.Session("origin").DeleteAsync(1);
        var document = await forge.Session("origin").ExportAllAsync();
        var target = forge.Session("target");
        Store.OnCommit = (_, _) => throw new UnavailableException("no");
        Assert.IsType<UnavailableException>(await Try(() => target.ImportAllAsync(document)));
        Store.OnCommit = null;

        Assert.Equal(1, (await target.CreateAsync("mine")).Sequence);
        await forge.Service<IEnumerable<Microsoft.Extensions.Hosting.IHostedService>>()
            .OfType<Grains.Upkeep.Sweeper>().Single().SweepAsync(CancellationToken.None);
        Assert.Equal(["mine"], (await target.AllAsync()).Select(c => c.Message));
        Assert.Equal(Make.State("mine"), (await target.GetAsync(1))!.State.ToArray());
    }

    [Fact]
    public async Task DryRun_BesideACreateThatFails_DoesNotCountIt()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        var (entered, release) = Store.HoldNext(new UnavailableException("no"));
        var create = Try(() => session.CreateAsync("3"));
        await entered;
        var dryRun = session.CompactAsync(new RetentionPolicy { KeepRecent = 5 }, dryRun: true);
        await session.GetInfoAsync();
        release();

        Assert.IsType<UnavailableException>(await create);
        Assert.Equal(2, (await dryRun).Remaining);
    }

    [Fact]
    public async Task Throttle_TimePassed_IsTakenOnlyAfterTheInterval()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        var automatic = Make.Checkpoint("auto") with { Trigger = CheckpointTrigger.SignificantTimePassed };
        Assert.Equal(CreateOutcome.Created, (await session.CreateAsync(automatic)).Outcome);
        Assert.Equal(CreateOutcome.NotTaken, (await session.CreateAsync(automatic)).Outcome);
        Assert.Equal(CreateOutcome.Created, (await session.CreateAsync(automatic with { Trigger = CheckpointTrigger.CodeModified })).Outcome);
        Assert.Equal(CreateOutcome.Created, (await session.CreateAsync(Make.Checkpoint("manual"))).Outcome);
        await session.SetSettingsAsync(new SessionSettings { AutomaticInterval = TimeSpan.Zero });
        var keyed = automatic with { IdempotencyKey = "k" };
        Assert.Equal(CreateOutcome.Created, (await session.CreateAsync(keyed)).Outcome);
        await session.SetSettingsAsync(new SessionSettings { AutomaticInterval = TimeSpan.FromDays(1) });

        // A repeat is recognised before the throttle is looked at.
        Assert.Equal(CreateOutcome.Repeated, (await session.CreateAsync(keyed)).Outcome);
        Assert.Equal(CreateOutcome.NotTaken, (await session.CreateAsync(automatic)).Outcome);
        Assert.Equal(4, (await session.GetInfoAsync())!.LastSequence);
    }

    private ScriptedHistoryStore Store => Assert.Single(_stores);

    private async Task<ForgeCluster> StartAsync(Action<ForgeOptions>? configure = null, TimeProvider? time = null)
    {
        var database = await NewDatabaseAsync();
        return await ForgeCluster.StartAsync(new ClusterSetup(1, options =>
        {
            database(options);
            configure?.Invoke(options);
        })
        {
            Time = time,
            Decorate = inner =>
            {
                var scripted = new ScriptedHistoryStore(inner);
                _stores.Add(scripted);
                return scripted;
            },
        });
    }

    private static async Task<Exception?> Try(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (ForgeException exception)
        {
            return exception;
        }
    }

    private static async Task<List<Exception?>> WaitForAsync(
        IEnumerable<Task<Exception?>> calls, int count, CancellationToken cancellationToken)
    {
        var (left, ended) = (calls.ToList(), new List<Exception?>());
        while (ended.Count < count)
        {
            var one = await Task.WhenAny(left).WaitAsync(cancellationToken);
            left.Remove(one);
            ended.Add(await one);
        }

        return ended;
    }
}

public sealed class MemorySessionFaults : SessionFaults
{
    internal override Task<Action<ForgeOptions>> NewDatabaseAsync() =>
        Task.FromResult<Action<ForgeOptions>>(options => options.Database = ForgeDatabase.Memory);
}
