using Forge.Errors;
using Forge.Grains.Tests.History;
using Forge.Grains.Tests.History.Deltas;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What becomes of a fork while the database misbehaves.</summary>
public abstract partial class SessionFaults
{
    private static readonly SessionId Origin = SessionId.Parse("origin");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fork_TheCommitFails_MakesNothingAndLeavesNothing(bool withHistory)
    {
        await using var forge = await StartAsync();
        await MakeOriginAsync(forge);
        var fork = forge.Session("s");
        Store.OnCommit = (_, _) => throw new UnavailableException("no");

        await Assert.ThrowsAsync<UnavailableException>(() => fork.RunAsync(new ForkSession(Origin, 5, withHistory)));

        Store.OnCommit = null;
        Assert.Null(await fork.GetInfoAsync());
        await AssertNothingIsStagedAsync(forge);
        Assert.Equal(withHistory ? 5 : 1, (await fork.RunAsync(new ForkSession(Origin, 5, withHistory))).Count);
        await AssertNothingIsStagedAsync(forge);
        Assert.True((await fork.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Fork_MoreThanMayBeCopied_IsRefusedBeforeAnythingIsStaged()
    {
        await using var forge = await StartAsync(options => options.Limits.ForkBytes = 4);
        await MakeOriginAsync(forge);

        foreach (var dryRun in new[] { false, true })
        {
            var error = await Assert.ThrowsAsync<OverLimitException>(
                () => forge.Session("s").RunAsync(new ForkSession(Origin, 5, WithHistory: true, DryRun: dryRun)));
            Assert.Equal(("withHistory", 4L, "stored bytes"), (error.Field, error.Limit, error.Unit));
        }

        Assert.Empty(Store.Staging.Keys);
        Assert.Equal(1, (await forge.Session("s").RunAsync(new ForkSession(Origin, 5))).Count);
    }

    [Fact]
    public async Task Fork_WhatWasStagedCannotBeGivenUp_IsSweptWhenItsTimeIsUp()
    {
        await using var forge = await StartAsync();
        await MakeOriginAsync(forge);
        Store.OnCommit = (_, _) => throw new UnavailableException("no");
        Store.Staging.OnDiscard = () => throw new UnavailableException("the silo died");

        await Assert.ThrowsAsync<UnavailableException>(() => forge.Session("s").RunAsync(new ForkSession(Origin, 5, WithHistory: true)));

        // Staged, and neither taken nor given up: as a silo leaves it that is killed between the two.
        var (key, upkeep) = (Assert.Single(Store.Staging.Keys), Store.Inner.Upkeep);
        Assert.NotNull(await upkeep.FindDueWorkAsync(DueWorkKind.Staging, key, TestContext.Current.CancellationToken));
        Assert.Null(await forge.Session("s").GetInfoAsync());
        var later = TimeProvider.System.GetUtcNow().AddHours(2);
        var work = (await upkeep.ClaimDueWorkAsync(DueWorkKind.Staging, "sweeper", later, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken))!;
        Assert.Equal(key, work.SessionKey);
        while (!await upkeep.DoWorkAsync(work, 2, later, TestContext.Current.CancellationToken))
        {
        }

        Store.OnCommit = null;
        await AssertNothingIsStagedAsync(forge);
        Assert.Equal(5, (await forge.Session("s").RunAsync(new ForkSession(Origin, 5, WithHistory: true))).Count);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Fork_TheConnectionDiesDuringTheCommit_IsFoundOutAndAnsweredTruly(bool withHistory, bool written)
    {
        await using var forge = await StartAsync();
        await MakeOriginAsync(forge);
        Store.OnCommit = async (batch, commit) =>
        {
            Store.OnCommit = null;
            if (written)
            {
                await commit(batch);
            }

            throw new CommitInDoubtException(new IOException("the connection died"));
        };

        var error = await Try(() => forge.Session("s").RunAsync(new ForkSession(Origin, 4, withHistory)));

        Assert.Equal(written, error is null);
        Assert.Equal(written ? withHistory ? 4 : 1 : null, (await forge.Session("s").GetInfoAsync())?.Count);
        await AssertNothingIsStagedAsync(forge);
        Assert.Equal(written, (await Try(() => forge.Session("s").RunAsync(new ForkSession(Origin, 4, withHistory)))) is SessionExistsException);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fork_RepeatedWhileItIsUnderWay_IsMadeOnce(bool withHistory)
    {
        await using var forge = await StartAsync();
        await MakeOriginAsync(forge);
        var fork = new ForkSession(Origin, 3, withHistory) { Request = new ChangeRequest(Guid.NewGuid(), FirstAttempt: false) };
        var (entered, release) = Store.HoldNext();

        var first = forge.Session("s").RunAsync(fork);
        await entered;
        var second = forge.Session("s").RunAsync(fork);
        release();

        Assert.Equal(await first, await second);
        Assert.Equal(withHistory ? 3 : 1, (await forge.Session("s").GetInfoAsync())!.Count);
        Assert.Equal(withHistory ? 1 : 0, Store.Staging.Keys.Count);
        await AssertNothingIsStagedAsync(forge);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fork_BehindACreateThatMayFail_IsRefusedOnlyIfThatIsThere(bool created)
    {
        await using var forge = await StartAsync();
        await MakeOriginAsync(forge);
        var session = forge.Session("s");
        var (entered, release) = Store.HoldNext(created ? null : new UnavailableException("no"));

        var create = Try(() => session.CreateAsync("mine"));
        await entered;
        var fork = Try(() => session.RunAsync(new ForkSession(Origin, 3, WithHistory: true)));
        await session.GetInfoAsync();
        release();

        Assert.Equal(created, await create is null);
        Assert.Equal(created ? typeof(SessionExistsException) : null, (await fork)?.GetType());
        Assert.Equal(created ? 1 : 3, (await session.GetInfoAsync())!.Count);
        await AssertNothingIsStagedAsync(forge);
    }

    [Fact]
    public async Task Fork_ACreateTakesTheNameWhileItCopies_IsRefusedAndLeavesNothing()
    {
        await using var forge = await StartAsync();
        await MakeOriginAsync(forge);
        Store.Staging.OnStage = async () =>
        {
            Store.Staging.OnStage = null;
            await forge.Session("s").CreateAsync("mine");
        };

        await Assert.ThrowsAsync<SessionExistsException>(() => forge.Session("s").RunAsync(new ForkSession(Origin, 5, WithHistory: true)));

        Assert.Equal(["mine"], (await forge.Session("s").AllAsync()).Select(c => c.Message));
        await AssertNothingIsStagedAsync(forge);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fork_TheOriginIsErasedWhileItCopies_IsOfTheInstantBefore(bool withCreate)
    {
        await using var forge = await StartAsync();
        var states = await MakeOriginAsync(forge);
        Store.Staging.OnStage = async () =>
        {
            Store.Staging.OnStage = null;
            var origin = forge.Session(Origin.Value);
            Task change = withCreate ? origin.CreateAsync("later") : origin.EraseSessionAsync();
            await change;
        };

        var made = await forge.Session("s").RunAsync(new ForkSession(Origin, default, WithHistory: true));

        Assert.Equal((5L, 5L), (made.Count, made.Origin.Sequence));
        for (var sequence = 1; sequence <= 5; sequence++)
        {
            Assert.Equal(states[sequence - 1], (await forge.Session("s").GetAsync(sequence))!.State.ToArray());
        }

        Assert.Equal(!withCreate, (await forge.Session("s").GetInfoAsync())!.Origin!.Gone);
        Assert.True((await forge.Session("s").VerifyOnceAsync()).IsIntact);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fork_ByAnActivationThatWasOvertaken_IsRefusedAndThenToldTheTruth(bool dryRun)
    {
        await using var forge = await StartAsync();
        await MakeOriginAsync(forge);
        var session = forge.Session("s");
        Assert.Null(await session.GetSummaryAsync(1));
        await WriteElsewhereAsync("elsewhere");

        var error = await Try(() => session.RunAsync(new ForkSession(Origin, 2, DryRun: dryRun)));

        Assert.IsType<SessionMovedException>(error);
        await Assert.ThrowsAsync<SessionExistsException>(() => session.RunAsync(new ForkSession(Origin, 2, DryRun: dryRun)));
        Assert.Equal(["elsewhere"], (await session.AllAsync()).Select(c => c.Message));
    }

    private static async Task<List<byte[]>> MakeOriginAsync(ForgeCluster forge)
    {
        var (session, script, states) = (forge.Session(Origin.Value), new StateScript(new Random(2)), new List<byte[]>());
        var state = script.Text(3000);
        for (var i = 1; i <= 5; i++)
        {
            states.Add(state = [.. state, .. script.Text(200)]);
            await session.CreateAsync(Make.Checkpoint($"{i}", "t") with { State = state });
        }

        return states;
    }

    /// <summary>Has the work done that is due, and looks whether something staged is left that no session has.</summary>
    private async Task AssertNothingIsStagedAsync(ForgeCluster forge)
    {
        foreach (var key in Store.Staging.Keys)
        {
            while (await Store.Inner.Upkeep.FindDueWorkAsync(DueWorkKind.Staging, key, TestContext.Current.CancellationToken) is not null)
            {
                await forge.SweepAsync();
            }
        }
    }
}
