using Forge.Checkpoints;
using Forge.Claims;
using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Tests.Retention;
using Forge.Grains.Tests.Sessions;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Claims;

/// <summary>What a claim of a session promises, on each database, of which the cluster's has two silos.</summary>
public abstract partial class ClaimContract(RetentionFixture fixture)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    /// <summary>Every change that callers can make, under an epoch or none.</summary>
    private static readonly Dictionary<string, Func<ISessionGrain, long?, Task>> Changes = new()
    {
        ["create"] = (session, epoch) => session.CreateAsync(Make.Checkpoint() with { Epoch = epoch }),
        ["batch"] = (session, epoch) => session.CreateBatchAsync([Make.Checkpoint() with { Epoch = epoch }, Make.Checkpoint() with { Epoch = epoch }]),
        ["restore"] = (session, epoch) => session.RunAsync(new RestoreCheckpoint(1) { Epoch = epoch }),
        ["delete"] = (session, epoch) => session.RunAsync(new DeleteCheckpoint(2) { Epoch = epoch }),
        ["annotate"] = (session, epoch) => session.RunAsync(new AnnotateCheckpoint(1, AnnotationSeverity.Info, "n") { Epoch = epoch }),
        ["tags"] = (session, epoch) => session.RunAsync(new SetTags(1, ["t"]) { Epoch = epoch }),
        ["settings"] = (session, epoch) => session.RunAsync(new SetSettings(new SessionSettings()) { Epoch = epoch }),
        ["compact"] = (session, epoch) => session.RunAsync(new CompactSession(new RetentionPolicy { KeepRecent = 1 }) { Epoch = epoch }),
        ["compact what is not there"] = (session, epoch) =>
            session.RunAsync(new CompactSession(new RetentionPolicy { KeepRecent = 100 }) { Epoch = epoch }),
        ["delete what is not there"] = (session, epoch) => session.RunAsync(new DeleteCheckpoint(99) { Epoch = epoch }),
        ["restore what is not there"] = async (session, epoch) =>
        {
            try
            {
                await session.RunAsync(new RestoreCheckpoint(99) { Epoch = epoch });
            }
            catch (CheckpointNotFoundException)
            {
                // That is another answer than that of a claim.
            }
        },
        ["begin an effect"] = (session, epoch) => session.RunAsync(new BeginEffect("k", EffectClass.Write, "r") { Epoch = epoch }),
        ["import"] = async (session, epoch) =>
        {
            var ticket = await session.BeginImportAsync();
            await session.AppendImportAsync(ticket, 0, LaterDocument((await session.GetSummaryAsync(2))!.CreatedAt));
            await session.CompleteImportAsync(ticket with { Epoch = epoch });
        },
        ["renew"] = (session, epoch) => epoch is null
            ? session.CreateAsync(Make.Checkpoint())
            : session.RunAsync(new RenewClaim(Lease) { Epoch = epoch }),
        ["release"] = (session, epoch) => epoch is null
            ? session.CreateAsync(Make.Checkpoint())
            : session.RunAsync(new ReleaseClaim { Epoch = epoch }),
        ["delete the session"] = (session, epoch) => session.RunAsync(new DeleteSession { Epoch = epoch }),
        ["erase the session"] = (session, epoch) => session.RunAsync(new EraseSession { Epoch = epoch }),
    };

    public static TheoryData<string> ChangeNames => [.. Changes.Keys];

    private ForgeCluster Forge => fixture.Cluster;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(ChangeNames))]
    public async Task Change_OfAClaimedSession_IsTakenUnderTheEpochAloneAndElseWritesNothing(string name)
    {
        var (session, change) = (await TwiceClaimedAsync(), Changes[name]);
        var before = await session.GetInfoAsync();

        var claimed = await Assert.ThrowsAsync<SessionClaimedException>(() => change(session, null));
        var older = await Assert.ThrowsAsync<ClaimSupersededException>(() => change(session, 1));
        var never = await Assert.ThrowsAsync<ClaimSupersededException>(() => change(session, 3));

        Assert.Equal((2, "b", before!.Claim!.Until), (claimed.Epoch, claimed.Owner, claimed.Until));
        Assert.Equal((1, 2, "b", before.Claim.Until), (older.Given, older.Epoch, older.Owner, older.Until));
        Assert.Equal((3, 2), (never.Given, never.Epoch));
        Assert.Equivalent(before, await session.GetInfoAsync(), strict: true);
        await change(session, 2);
    }

    [Theory]
    [MemberData(nameof(ChangeNames))]
    public async Task Change_OfASessionThatWasReleased_IsTakenWithoutAnEpochAndRefusedWithAny(string name)
    {
        var (session, change) = (await TwiceClaimedAsync(), Changes[name]);
        await session.RunAsync(new ReleaseClaim { Epoch = 2 });
        var before = await session.GetInfoAsync();

        var over = await Assert.ThrowsAsync<ClaimSupersededException>(() => change(session, 2));

        Assert.Equal((2, 2, null, null), (over.Given, over.Epoch, over.Owner, over.Until));
        Assert.Equivalent(before, await session.GetInfoAsync(), strict: true);
        await change(session, null);
    }

    [Fact]
    public async Task Change_OfASessionThatWasNeverClaimed_IsRefusedWithAnEpoch()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();

        var refusal = await Assert.ThrowsAsync<ClaimSupersededException>(
            () => session.CreateAsync(Make.Checkpoint() with { Epoch = 1 }));

        Assert.Equal((1, 0, null, null), (refusal.Given, refusal.Epoch, refusal.Owner, refusal.Until));
        await Assert.ThrowsAsync<ClaimSupersededException>(
            () => Forge.Session(Make.Id()).CreateAsync(Make.Checkpoint() with { Epoch = 1 }));
    }

    [Fact]
    public async Task Claim_OfASessionThatIsNotThere_MakesIt()
    {
        var session = Forge.Session(Make.Id());
        Assert.Null(await session.RunAsync(new GetClaim()));

        var claim = await session.RunAsync(new ClaimSession("a"));

        Assert.Equal(new SessionClaim(1, "a", null), claim);
        Assert.Equal(claim, await session.RunAsync(new GetClaim()));
        var info = await session.GetInfoAsync();
        Assert.Equal((0, 1, claim), (info!.Count, info.LastPosition, info.Claim));
        await Assert.ThrowsAsync<SessionClaimedException>(() => session.CreateAsync());
        Assert.Equal(1, (await session.CreateAsync(Make.Checkpoint() with { Epoch = 1 })).Checkpoint!.Sequence);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Claim_EachTime_HasTheNextEpochWhateverBecameOfTheLast()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        Assert.Equal(new SessionClaim(0, null, null), await session.RunAsync(new GetClaim()));

        Assert.Equal(1, (await session.RunAsync(new ClaimSession("a"))).Epoch);
        Assert.Equal(2, (await session.RunAsync(new ClaimSession("a"))).Epoch);
        Assert.Equal(3, (await session.RunAsync(new ClaimSession("b"))).Epoch);
        Assert.Equal(new SessionClaim(3, null, null), await session.RunAsync(new ReleaseClaim { Epoch = 3 }));
        Assert.Equal(4, (await session.RunAsync(new ClaimSession("a"))).Epoch);

        // The tombstone goes on to know it, and whose it was no more.
        Assert.True(await session.RunAsync(new DeleteSession { Epoch = 4 }));
        var tombstone = (await fixture.Store.Reads.ReadHeadAsync(AddressOf(session), Cancel))!.Head;
        Assert.Equal((4, null, null), (tombstone.ClaimEpoch, tombstone.ClaimOwner, tombstone.ClaimUntil));
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.RunAsync(new ClaimSession("a")));
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.RunAsync(new GetClaim()));
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.CreateAsync(Make.Checkpoint() with { Epoch = 4 }));
    }

    [Fact]
    public async Task Claim_ManyAtOnce_GetEpochsOfTheirOwn()
    {
        var session = Forge.Session(Make.Id());

        var claims = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => session.RunAsync(new ClaimSession($"w{i}"))));

        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), claims.Select(c => c.Epoch).Order());
        Assert.Equal(claims.MaxBy(c => c.Epoch), await session.RunAsync(new GetClaim()));
    }

    [Fact]
    public async Task Claim_ManyAtOnceIfFree_OneGetsIt()
    {
        var session = Forge.Session(Make.Id());

        var claims = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                return await session.RunAsync(new ClaimSession($"w{i}", IfFree: true));
            }
            catch (SessionClaimedException refusal)
            {
                return new SessionClaim(-refusal.Epoch, refusal.Owner, refusal.Until);
            }
        }));

        var got = Assert.Single(claims, claim => claim.Epoch > 0);
        Assert.All(claims, claim => Assert.Equal((1, got.Owner), (Math.Abs(claim.Epoch), claim.Owner)));
    }

    [Fact]
    public async Task Claim_IfFree_IsTakenOnceTheLeaseRanOutAndTheOwnerGoesOnUntilThen()
    {
        var session = Forge.Session(Make.Id());
        var before = fixture.Time.GetUtcNow();
        var claim = await session.RunAsync(new ClaimSession("a", Lease));
        Assert.InRange(claim.Until!.Value, before + Lease - TimeSpan.FromMilliseconds(1), fixture.Time.GetUtcNow() + Lease);

        var refusal = await Assert.ThrowsAsync<SessionClaimedException>(() => session.RunAsync(new ClaimSession("b", IfFree: true)));
        Assert.Equal((1, "a", claim.Until), (refusal.Epoch, refusal.Owner, refusal.Until));
        fixture.Advance(Lease / 2);
        var renewed = await session.RunAsync(new RenewClaim(Lease) { Epoch = 1 });
        Assert.Equal((1, "a", true), (renewed.Epoch, renewed.Owner, renewed.Until >= claim.Until + (Lease / 2)));
        fixture.Advance(Lease * 0.75);
        await Assert.ThrowsAsync<SessionClaimedException>(() => session.RunAsync(new ClaimSession("b", IfFree: true)));

        fixture.Advance(Lease);

        // What ran out refuses nobody but those without it.
        await session.CreateAsync(Make.Checkpoint() with { Epoch = 1 });
        await Assert.ThrowsAsync<SessionClaimedException>(() => session.CreateAsync());
        Assert.Equal(new SessionClaim(2, "b", null), await session.RunAsync(new ClaimSession("b", IfFree: true)));
        await Assert.ThrowsAsync<ClaimSupersededException>(() => session.CreateAsync(Make.Checkpoint() with { Epoch = 1 }));
        await Assert.ThrowsAsync<ClaimSupersededException>(() => session.RunAsync(new RenewClaim(Lease) { Epoch = 1 }));

        // One without a lease never runs out.
        fixture.Advance(Lease * 1000);
        await Assert.ThrowsAsync<SessionClaimedException>(() => session.RunAsync(new ClaimSession("c", IfFree: true)));
        await session.RunAsync(new ReleaseClaim { Epoch = 2 });
        Assert.Equal(3, (await session.RunAsync(new ClaimSession("c", IfFree: true))).Epoch);
    }

    [Fact]
    public async Task Repeat_OfWhatWasDoneUnderAnyClaim_IsARepeat()
    {
        var session = Forge.Session(Make.Id());
        var claim = new ClaimSession("a", Lease) { Request = new(Guid.NewGuid(), false) };
        var first = await session.RunAsync(claim);
        var create = Make.Checkpoint("once") with { IdempotencyKey = "k", Epoch = 1 };
        var annotate = new AnnotateCheckpoint(1, AnnotationSeverity.Info, "n") { Request = new(Guid.NewGuid(), false), Epoch = 1 };
        var (created, note) = (await session.CreateAsync(create), await session.RunAsync(annotate));

        // Under the claim, with another epoch or none, once it is superseded, and once that is released.
        await MustRepeatAsync();
        await session.RunAsync(new ClaimSession("b"));
        await MustRepeatAsync();
        var release = new ReleaseClaim { Request = new(Guid.NewGuid(), false), Epoch = 2 };
        var left = await session.RunAsync(release);
        await MustRepeatAsync();

        Assert.Equal(left, await session.RunAsync(release));
        await Assert.ThrowsAsync<ClaimSupersededException>(() => session.RunAsync(release with { Request = new(Guid.NewGuid(), false) }));
        Assert.Equal(3, (await session.RunAsync(new ClaimSession("a", Lease))).Epoch);

        async Task MustRepeatAsync()
        {
            Assert.Equal(first, await session.RunAsync(claim));
            foreach (var epoch in new long?[] { 1, 7, null })
            {
                var repeat = await session.CreateAsync(create with { Epoch = epoch });
                Assert.Equal((CreateOutcome.Repeated, created.Checkpoint!.Chain), (repeat.Outcome, repeat.Checkpoint!.Chain));
                Assert.Equal(note, await session.RunAsync(annotate with { Epoch = epoch }));
            }

            await Assert.ThrowsAsync<RequestConflictException>(() => session.RunAsync(claim with { Owner = "b" }));
        }
    }

    [Fact]
    public async Task Read_OfAClaimedSession_IsRefusedToNobody()
    {
        var session = await TwiceClaimedAsync();

        Assert.Equal(2, (await session.AllAsync()).Count);
        Assert.NotNull(await session.GetAsync(1));
        Assert.Equal(1, (await session.CompactAsync(new RetentionPolicy { KeepRecent = 1 }, dryRun: true)).Deleted);
        Assert.NotEmpty(await session.ExportAllAsync());
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Theory]
    [InlineData("", null, "owner")]
    [InlineData("a\0b", null, "owner")]
    [InlineData("a", 0.999, "lease")]
    [InlineData("a", -5.0, "lease")]
    public async Task Claim_OfWhatCannotBe_IsRefusedByFieldAndChangesNothing(string owner, double? seconds, string field)
    {
        var session = Forge.Session(Make.Id());
        TimeSpan? lease = seconds is { } s ? TimeSpan.FromSeconds(s) : null;

        Assert.Equal(field, (await Assert.ThrowsAsync<InvalidRequestException>(() => session.RunAsync(new ClaimSession(owner, lease)))).Field);
        Assert.Null(await session.GetInfoAsync());
    }

    [Fact]
    public async Task Claim_BeyondALimit_IsRefusedByFieldAndLimit()
    {
        var session = Forge.Session(Make.Id());

        var owner = await Assert.ThrowsAsync<OverLimitException>(() => session.RunAsync(new ClaimSession(new string('x', 201))));
        Assert.Equal(("owner", 200, 201, "characters"), (owner.Field, owner.Limit, owner.Actual, owner.Unit));
        var lease = await Assert.ThrowsAsync<OverLimitException>(
            () => session.RunAsync(new ClaimSession("a", TimeSpan.FromDays(30) + TimeSpan.FromMilliseconds(1))));
        Assert.Equal(("lease", 2_592_000, 2_592_001, "seconds"), (lease.Field, lease.Limit, lease.Actual, lease.Unit));
        Assert.Equal(new string('x', 200), (await session.RunAsync(new ClaimSession(new string('x', 200), TimeSpan.FromDays(30)))).Owner);
    }

    [Fact]
    public async Task Epoch_WhereNoneCanBeOrOneMustBe_IsRefusedByField()
    {
        var session = await TwiceClaimedAsync();

        await MustRefuseAsync(() => session.RunAsync(new ClaimSession("a") { Epoch = 2 }));
        await MustRefuseAsync(() => session.RunAsync(new RenewClaim(Lease)));
        await MustRefuseAsync(() => session.RunAsync(new ReleaseClaim()));
        await MustRefuseAsync(() => session.CreateBatchAsync([Make.Checkpoint() with { Epoch = 2 }, Make.Checkpoint()]));

        static async Task MustRefuseAsync(Func<Task> change) =>
            Assert.Equal("epoch", (await Assert.ThrowsAsync<InvalidRequestException>(change)).Field);
    }

    /// <summary>A session of two checkpoints that <c>a</c> had claimed, and now <c>b</c> has, under epoch 2.</summary>
    private async Task<ISessionGrain> TwiceClaimedAsync()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        Assert.Equal(1, (await session.RunAsync(new ClaimSession("a"))).Epoch);
        Assert.Equal(2, (await session.RunAsync(new ClaimSession("b", TimeSpan.FromDays(1)))).Epoch);
        return session;
    }

    private static Identity.SessionAddress AddressOf(ISessionGrain session) =>
        Identity.SessionAddress.ParseGrainKey(session.GetPrimaryKeyString());
}

public sealed class SqliteClaimContract(SqliteRetentionFixture fixture)
    : ClaimContract(fixture), IClassFixture<SqliteRetentionFixture>;

public sealed class PostgreSqlClaimContract(PostgreSqlRetentionFixture fixture)
    : ClaimContract(fixture), IClassFixture<PostgreSqlRetentionFixture>;
