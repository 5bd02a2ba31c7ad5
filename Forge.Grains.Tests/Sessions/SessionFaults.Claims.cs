using Forge.Checkpoints;
using Forge.Claims;
using Forge.Errors;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What a claim comes to while it is under way, and beside other activations.</summary>
public abstract partial class SessionFaults
{
    // A refusal that waits for a claim which is held waits until that is released.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Create_WithoutAnEpochBesideAClaimThatIsUnderWay_IsAnsweredByWhatBecomesOfThat(bool fails)
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        var (entered, release) = Store.HoldNext(fails ? new UnavailableException("no") : null);

        var claim = Try(() => session.RunAsync(new ClaimSession("a")));
        await entered;
        var create = Try(() => session.CreateAsync("2"));
        await session.GetInfoAsync();
        Assert.False(create.IsCompleted);
        release();

        Assert.Equal(fails ? typeof(UnavailableException) : null, (await claim)?.GetType());
        Assert.Equal(fails ? null : typeof(SessionClaimedException), (await create)?.GetType());
        Assert.Equal(fails ? 2 : 1, (await session.AllAsync()).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Create_UnderTheEpochBesideAClaimThatTakesOver_IsAnsweredByWhatBecomesOfThat(bool fails)
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.RunAsync(new ClaimSession("a"));
        var (entered, release) = Store.HoldNext(fails ? new UnavailableException("no") : null);

        var claim = Try(() => session.RunAsync(new ClaimSession("b")));
        await entered;
        var create = Try(() => session.CreateAsync(Make.Checkpoint() with { Epoch = 1 }));
        var ifFree = Try(() => session.RunAsync(new ClaimSession("c", IfFree: true)));
        await session.GetInfoAsync();
        Assert.False(create.IsCompleted);
        release();

        Assert.Equal(fails ? typeof(UnavailableException) : null, (await claim)?.GetType());
        var error = await create;
        Assert.Equal(fails ? null : typeof(ClaimSupersededException), error?.GetType());
        Assert.True(fails || error is ClaimSupersededException { Epoch: 2, Owner: "b" });
        Assert.IsType<SessionClaimedException>(await ifFree);
        Assert.Equal(fails ? 1 : 0, (await session.AllAsync()).Count);
    }

    [Fact]
    public async Task Create_UnderAnEpochThatAnotherActivationGave_IsNotRefusedByWhatThisOneRemembers()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.RunAsync(new ClaimSession("a"));
        await ChangeElsewhereAsync(engine => engine.Claim(new ClaimSession("b"), TimeProvider.System.GetUtcNow(), _ => null));

        // This activation has never heard of it: it may not call it one that was never given.
        await Assert.ThrowsAsync<SessionMovedException>(() => session.CreateAsync(Make.Checkpoint("2") with { Epoch = 2 }));

        Assert.Equal(1, (await session.CreateAsync(Make.Checkpoint("2") with { Epoch = 2 })).Checkpoint!.Sequence);
        await ChangeElsewhereAsync(engine => engine.Release(TimeProvider.System.GetUtcNow(), _ => null, new(2)));
        await Assert.ThrowsAsync<SessionMovedException>(() => session.CreateAsync("3"));
        Assert.Equal(2, (await session.CreateAsync("3")).Sequence);
    }

    [Fact]
    public async Task Change_OfAnActivationThatHasNotHeardOfAClaim_IsRefusedByTheFence()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await ChangeElsewhereAsync(engine => engine.Claim(new ClaimSession("b"), TimeProvider.System.GetUtcNow(), _ => null));

        await Assert.ThrowsAsync<SessionMovedException>(() => session.CreateAsync("2"));
        await Assert.ThrowsAsync<SessionClaimedException>(() => session.CreateAsync("2"));

        await ChangeElsewhereAsync(engine => engine.Claim(new ClaimSession("c"), TimeProvider.System.GetUtcNow(), _ => null));
        await Assert.ThrowsAsync<SessionMovedException>(() => session.CreateAsync(Make.Checkpoint("2") with { Epoch = 1 }));
        await Assert.ThrowsAsync<ClaimSupersededException>(() => session.CreateAsync(Make.Checkpoint("2") with { Epoch = 1 }));
        await ChangeElsewhereAsync(engine => engine.Claim(new ClaimSession("d"), TimeProvider.System.GetUtcNow(), _ => null));
        await Assert.ThrowsAsync<SessionMovedException>(() => session.RunAsync(new ClaimSession("e", IfFree: true)));
        Assert.Equal(3, (await session.RunAsync(new GetClaim()))!.Epoch);
        Assert.Single(await session.AllAsync());
    }

    // What is created in a claimed session goes by the statements of plain creates, which leave the claim as it stands.
    [Fact]
    public async Task Claim_ThenCreatesOfAllKindsAndARenewalAmongThem_IsKeptAndVerifies()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.RunAsync(new ClaimSession("a", TimeSpan.FromHours(1)));
        for (var i = 0; i < 3; i++)
        {
            await session.CreateAsync(Make.Checkpoint() with { Epoch = 1 });
            await session.CreateBatchAsync([.. Enumerable.Range(0, 6).Select(_ => Make.Checkpoint() with { Epoch = 1 })]);
        }

        // A renewal that goes in one commit with creates.
        var (entered, release) = Store.HoldNext();
        var first = session.CreateAsync(Make.Checkpoint() with { Epoch = 1 });
        await entered;
        var renewal = session.RunAsync(new RenewClaim(TimeSpan.FromHours(9)) { Epoch = 1 });
        var behind = Enumerable.Range(0, 5).Select(_ => session.CreateAsync(Make.Checkpoint() with { Epoch = 1 })).ToArray();
        await session.GetInfoAsync();
        release();
        await Task.WhenAll([first, .. behind]);
        var renewed = await renewal;
        await forge.EndActivationsAsync();

        Assert.Equal(renewed, await session.RunAsync(new GetClaim()));
        Assert.True(renewed.Until > TimeProvider.System.GetUtcNow().AddHours(8));
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }
}
