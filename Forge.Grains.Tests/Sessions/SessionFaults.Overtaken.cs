using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What happens to an activation when another one writes the session.</summary>
public abstract partial class SessionFaults
{
    [Fact]
    public async Task Write_OfASecondActivation_IsRefusedAndLosesNothing()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await WriteElsewhereAsync("elsewhere");

        // Its reads are never stale, before it has written and learnt of it.
        Assert.Equal("elsewhere", (await session.GetSummaryAsync(CheckpointReference.Latest))!.Message);
        await WriteElsewhereAsync("again");
        var error = await Try(() => session.CreateAsync("mine"));

        Assert.True(error is null or SessionMovedException, $"{error}");
        Assert.Equal("3 again", (await session.AllAsync()).Where(c => c.Sequence == 3).Select(c => $"{c.Sequence} {c.Message}").Single());
        Assert.Equal(error is null ? 5 : 4, (await session.CreateAsync("after")).Sequence);
    }

    [Fact]
    public async Task Write_OfAStaleActivation_IsRefused()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await WriteElsewhereAsync("elsewhere");

        await Assert.ThrowsAsync<SessionMovedException>(() => session.CreateAsync("stale"));

        Assert.Equal(["1", "elsewhere"], (await session.AllAsync()).Select(c => c.Message));
        Assert.Equal(3, (await session.CreateAsync("next")).Sequence);
    }

    [Fact]
    public async Task Create_AConflictWithCreatesBehindIt_AllAreRefused()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        var (entered, release) = Store.HoldNext();

        var first = Try(() => session.CreateAsync("2"));
        await entered;
        var behind = Enumerable.Range(0, 10).Select(i => Try(() => session.CreateAsync($"behind {i}"))).ToArray();
        await WriteElsewhereAsync("elsewhere");
        release();

        Assert.IsType<SessionMovedException>(await first);
        var made = (await Task.WhenAll(behind)).Count(e => e is null);
        var all = await session.AllAsync();
        Assert.Equal(["1", "elsewhere"], all.Take(2).Select(c => c.Message));
        Assert.Equal(Enumerable.Range(1, 2 + made).Select(i => (long)i), all.Select(c => c.Sequence));
    }

    [Fact]
    public async Task Refusal_OfAnOvertakenActivation_IsNotFinal()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await WriteElsewhereAsync("2");

        await Assert.ThrowsAsync<SessionMovedException>(() => session.CreateAsync(Make.Checkpoint("3") with { ExpectedHead = 2 }));
        Assert.Equal(3, (await session.CreateAsync(Make.Checkpoint("3") with { ExpectedHead = 2 })).Checkpoint!.Sequence);
        await WriteElsewhereAsync("4");
        await Assert.ThrowsAsync<SessionMovedException>(() => session.CompactAsync(new RetentionPolicy { KeepRecent = 1 }, dryRun: true));
        Assert.Equal(3, (await session.CompactAsync(new RetentionPolicy { KeepRecent = 1 }, dryRun: true)).Deleted);
    }

    [Fact]
    public async Task Create_BeyondAQuotaInAnOvertakenActivation_IsNotRefusedForGood()
    {
        await using var forge = await StartAsync(options => options.Quotas.StoredBytes = 1000);
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await WriteElsewhereAsync("2");
        var create = Make.Checkpoint("3") with { State = new byte[2000], ContentType = "application/octet-stream" };

        // It may have been what was written there.
        await Assert.ThrowsAsync<SessionMovedException>(() => session.CreateAsync(create));
        await Assert.ThrowsAsync<QuotaExceededException>(() => session.CreateAsync(create));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Create_ThrottledByAnOvertakenActivation_IsNotAnsweredByWhatItRemembers(bool deleted)
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await ChangeElsewhereAsync(engine => deleted
            ? engine.DeleteSession(TimeProvider.System.GetUtcNow())
            : engine.SetSettings(
                SessionSettingsJson.Write(new SessionSettings { AutomaticInterval = TimeSpan.Zero }),
                TimeProvider.System.GetUtcNow(),
                request: null));

        var automatic = Make.Checkpoint("2") with { Trigger = CheckpointTrigger.SignificantTimePassed };
        await Assert.ThrowsAsync<SessionMovedException>(() => session.CreateAsync(automatic));

        var again = await Try(async () => Assert.Equal(CreateOutcome.Created, (await session.CreateAsync(automatic)).Outcome));
        Assert.Equal(deleted ? typeof(SessionDeletedException) : null, again?.GetType());
    }

    // A refusal that does not come while a commit is held never comes: the limit makes that a failure and not a hang.
    [Fact(Timeout = 120_000)]
    public async Task Create_RefusedBesideACommitOfAnOvertakenActivation_IsNotFinal()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        var (entered, release) = Store.HoldNext();
        var mine = Try(() => session.CreateAsync("mine"));
        await entered.WaitAsync(TestContext.Current.CancellationToken);
        await WriteElsewhereAsync("2", "3");

        // What it expects is there, and this activation cannot know of it.
        var expecting = Try(() => session.CreateAsync(Make.Checkpoint("4") with { ExpectedHead = 3 }));
        await session.GetInfoAsync();
        release();

        Assert.IsType<SessionMovedException>(await mine);
        Assert.IsType<SessionMovedException>(await expecting);
        Assert.Equal(4, (await session.CreateAsync(Make.Checkpoint("4") with { ExpectedHead = 3 })).Checkpoint!.Sequence);
    }

    /// <summary>Creates as another activation of session <c>s</c> would, past the grain.</summary>
    private Task WriteElsewhereAsync(params string[] messages)
    {
        var address = new SessionAddress(TenantId.Default, SessionId.Parse("s"));
        var commands = messages.Select(message => new SessionRules(new LimitsOptions()).ToCommand(
            address, Make.Checkpoint(message), null, () => new CheckpointId(Guid.NewGuid()))).ToArray();
        return ChangeElsewhereAsync(engine => engine.Create(
            commands, new Versioned<StoredCheckpoint?>?[commands.Length], TimeProvider.System.GetUtcNow(), default));
    }

    /// <summary>Changes session <c>s</c> as another activation of it would, past the grain.</summary>
    private async Task ChangeElsewhereAsync(Func<SessionEngine, Decision> change)
    {
        var address = new SessionAddress(TenantId.Default, SessionId.Parse("s"));
        var engine = new SessionEngine(
            address, await Store.Inner.Reads.ReadHeadAsync(address, CancellationToken.None), TimeSpan.FromHours(24), 1000);
        Assert.Equal(Verdict.Accepted, change(engine).Verdict);
        if (engine.NeedsKey)
        {
            engine.AssignKey(await Store.Inner.Commits.NextSessionKeyAsync(CancellationToken.None));
        }

        var outcome = await Store.Inner.Commits.CommitAsync(
            new CommitBatch(Guid.NewGuid(), [engine.BeginCommit(1, 1)!]), CancellationToken.None);
        Assert.Equal(CommitStatus.Committed, outcome[0].Status);
    }
}
