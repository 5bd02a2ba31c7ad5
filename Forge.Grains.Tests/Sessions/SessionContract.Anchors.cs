using Forge.Checkpoints;
using Forge.Claims;
using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Integrity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>Anchors that callers bring along (ADR 0035).</summary>
public abstract partial class SessionContract
{
    private static readonly string OtherChain = new('a', 64);

    [Fact]
    public async Task Anchor_OfAnyEarlierAnswer_IsTakenByEveryKindOfCallNearTheHeadAndFarFromIt()
    {
        var session = Forge.Session(Make.Id());
        List<Anchor> anchors = [AnchorOf(await session.CreateAsync("1"))];
        anchors.Add((await session.RestoreAsync(1)).Anchor!.Value);
        var note = await session.AnnotateAsync(1, AnnotationSeverity.Info, "note");
        anchors.Add(new Anchor(note.Position, note.Chain!));
        for (var i = 0; i <= KnownLinks.Capacity; i++)
        {
            anchors.Add(AnchorOf(await session.CreateAsync($"{i}")));
        }

        foreach (var isHeld in new[] { true, false })
        {
            foreach (var anchor in new[] { anchors[0], anchors[1], anchors[2], anchors[^1] })
            {
                if (!isHeld)
                {
                    await Forge.EndActivationsAsync();
                }

                Assert.NotNull(await session.RunAsync(new GetSession { Anchor = anchor }));
                Assert.NotNull((await session.CreateAsync(Make.Checkpoint() with { Anchor = anchor })).Checkpoint);
                Assert.Single(await session.CreateBatchAsync([Make.Checkpoint() with { Anchor = anchor }]));
                await session.RunAsync(new SetTags(1, ["a"]) { Anchor = anchor });
                await session.ConfirmAsync(anchor with { Chain = anchor.Chain.ToUpperInvariant() });
            }
        }
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(1_000_000, true)]
    public async Task Anchor_OfAnotherHistory_IsRefusedByEveryKindOfCallAndChangesNothing(long position, bool isBeyond)
    {
        var session = Forge.Session(Make.Id());
        for (var i = 1; i <= 3; i++)
        {
            await session.CreateAsync($"{i}");
        }

        var (info, anchor) = (await session.GetInfoAsync(), new Anchor(position, OtherChain));
        var request = new ChangeRequest(Guid.CreateVersion7(), FirstAttempt: true);
        var calls = new Func<Task>[]
        {
            () => session.RunAsync(new GetSession { Anchor = anchor }),
            () => session.RunAsync(new GetCheckpoint(1) { Anchor = anchor }),
            () => session.RunAsync(new DeleteCheckpoint(1) { Anchor = anchor, Request = request }),
            () => session.CreateAsync(Make.Checkpoint() with { Anchor = anchor }),
            () => session.CreateBatchAsync([Make.Checkpoint() with { Anchor = anchor }, Make.Checkpoint()]),
            () => session.ConfirmAsync(anchor),
        };
        foreach (var call in calls)
        {
            var error = await Assert.ThrowsAsync<HistoryRewrittenException>(call);
            Assert.Equal((session.GetPrimaryKeyString(), position), (error.Session.ToGrainKey(), error.Position));
            Assert.Contains(isBeyond ? "ends at 3" : "another chain value", error.Problem, StringComparison.Ordinal);
        }

        Assert.Equivalent(info, await session.GetInfoAsync(), strict: true);
        Assert.True(await session.RunAsync(new DeleteCheckpoint(1) { Request = request }));
    }

    [Fact]
    public async Task Anchor_OfASessionThatIsNotThere_IsRefused()
    {
        var session = Forge.Session(Make.Id());

        await Assert.ThrowsAsync<HistoryRewrittenException>(
            () => session.CreateAsync(Make.Checkpoint() with { Anchor = new Anchor(1, OtherChain) }));

        Assert.Null(await session.GetInfoAsync());
    }

    [Theory]
    [InlineData(0, 64)]
    [InlineData(-1, 64)]
    [InlineData(1, 63)]
    [InlineData(1, 0)]
    public async Task Anchor_ThatIsNone_IsRefused(long position, int length)
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        var anchor = new Anchor(position, new string('a', length));

        Assert.Equal("anchors", (await Assert.ThrowsAsync<InvalidRequestException>(() => session.RunAsync(new GetSession { Anchor = anchor }))).Field);
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.ConfirmAsync(default));
    }

    [Fact]
    public async Task Anchor_OfARepeat_CountsAndIsNoPartOfTheRequest()
    {
        var session = Forge.Session(Make.Id());
        var anchor = AnchorOf(await session.CreateAsync("1"));
        var create = Make.Checkpoint("2") with { IdempotencyKey = "k", Anchor = anchor };
        var tags = new SetTags(1, ["a"]) { Request = new ChangeRequest(Guid.CreateVersion7(), FirstAttempt: false), Anchor = anchor };
        var first = (await session.CreateAsync(create)).Checkpoint!;
        await session.RunAsync(tags);

        Assert.Equal(CreateOutcome.Repeated, (await session.CreateAsync(create with { Anchor = AnchorOf(first) })).Outcome);
        Assert.Equal(["a"], (await session.RunAsync(tags with { Anchor = null })).Tags);
        await Assert.ThrowsAsync<HistoryRewrittenException>(() => session.CreateAsync(create with { Anchor = new Anchor(2, OtherChain) }));
        await Assert.ThrowsAsync<HistoryRewrittenException>(() => session.RunAsync(tags with { Anchor = new Anchor(2, OtherChain) }));
    }

    [Fact]
    public async Task Anchor_OfWhatWasRemovedSince_RaisesNoFalseAlarm()
    {
        var session = Forge.Session(Make.Id());
        List<Anchor> anchors = [];
        for (var i = 1; i <= 6; i++)
        {
            anchors.Add(AnchorOf(await session.CreateAsync($"{i}")));
        }

        await session.DeleteAsync(2);
        anchors.Add((await session.CompactAsync(new RetentionPolicy { KeepRecent = 2 })).Anchor!.Value);
        await AllAreTakenAsync();
        await Forge.SweepUntilGoneAsync(session.GetPrimaryKeyString().Split('/')[2]);
        await AllAreTakenAsync();

        // Behind them the log begins with a removed run, of which the end alone has a value.
        await TrimAsync(session);
        await AllAreTakenAsync();
        anchors.Add((await session.RunAsync(new ClearSession { Request = new ChangeRequest(Guid.CreateVersion7(), FirstAttempt: true) })).Anchor!.Value);
        await Forge.SweepUntilGoneAsync(session.GetPrimaryKeyString().Split('/')[2]);
        await AllAreTakenAsync();
        await session.ConfirmAsync(anchors[^1]);

        await session.DeleteSessionAsync();
        await Forge.EndActivationsAsync();
        foreach (var anchor in anchors)
        {
            await session.ConfirmAsync(anchor);
            await Assert.ThrowsAsync<SessionDeletedException>(() => session.RunAsync(new GetClaim { Anchor = anchor }));
        }

        await Assert.ThrowsAsync<HistoryRewrittenException>(() => session.ConfirmAsync(new Anchor(anchors[^1].Position + 1, OtherChain)));
        anchors.Add((await session.RunAsync(new ReviveSession())).Anchor);
        anchors.Add(AnchorOf(await session.CreateAsync("again")));
        await AllAreTakenAsync();

        // What the life before had there nobody knows; what this one has is known.
        await session.ConfirmAsync(new Anchor(1, OtherChain));
        await Assert.ThrowsAsync<HistoryRewrittenException>(() => session.ConfirmAsync(anchors[^1] with { Chain = OtherChain }));

        async Task AllAreTakenAsync()
        {
            await Forge.EndActivationsAsync();
            foreach (var anchor in anchors)
            {
                await session.ConfirmAsync(anchor);
                Assert.NotNull(await session.RunAsync(new GetSession { Anchor = anchor }));
            }
        }
    }

    [Fact]
    public async Task Anchor_OfWhatCameByAnImportOrAFork_IsTaken()
    {
        var (origin, imported) = (Forge.Session(Make.Id()), Forge.Session(Make.Id()));
        await origin.CreateAsync("1");
        await origin.AnnotateAsync(1, AnnotationSeverity.Info, "note");
        await origin.CreateAsync("2");
        await imported.ImportAllAsync(await origin.ExportAllAsync());
        var name = Make.Id();
        var fork = Forge.Session(name);
        await fork.RunAsync(new ForkSession(SessionId.Parse(origin.GetPrimaryKeyString().Split('/')[2]), 2, WithHistory: true));

        foreach (var session in new[] { imported, fork })
        {
            await Forge.EndActivationsAsync();
            var all = await session.AllAsync();
            Assert.Equal(2, all.Count);
            foreach (var anchor in all.Select(AnchorOf).Append(AnchorOf((await session.GetInfoAsync())!)))
            {
                await session.ConfirmAsync(anchor);
                await Assert.ThrowsAsync<HistoryRewrittenException>(() => session.ConfirmAsync(anchor with { Chain = OtherChain }));
            }
        }
    }

    [Fact]
    public async Task Anchor_OfClaimsAndEffects_IsOfWhatTheyChanged()
    {
        var session = Forge.Session(Make.Id());
        await IsNewestAsync((await session.RunAsync(new ClaimSession("a"))).Anchor);
        await IsNewestAsync((await session.RunAsync(new GetClaim()))!.Anchor);
        var begin = new BeginEffect("k", EffectClass.Write, "request") { Epoch = 1 };
        await IsNewestAsync((await session.RunAsync(begin)).Effect.Anchor);
        await IsNewestAsync((await session.RunAsync(new CompleteEffect("k", 1, "1"u8.ToArray()))).Anchor);
        Assert.Null((await session.RunAsync(begin)).Effect.Anchor);
        await session.RunAsync(begin with { Key = "l" });
        await IsNewestAsync((await session.RunAsync(new FailEffect("l", 1, "no"))).Anchor);
        await IsNewestAsync((await session.RunAsync(new ResolveEffect("l", 1, EffectVerdict.Retry, "b", "again"))).Anchor);
        await IsNewestAsync((await session.RunAsync(new RenewClaim(TimeSpan.FromMinutes(1)) { Epoch = 1 })).Anchor);
        await IsNewestAsync((await session.RunAsync(new ReleaseClaim { Epoch = 1 })).Anchor);

        async Task IsNewestAsync(Anchor? told)
        {
            Assert.Equal(AnchorOf((await session.GetInfoAsync())!), told);
            await session.ConfirmAsync(told!.Value);
        }
    }

    private async Task TrimAsync(ISessionGrain session)
    {
        var (store, cancel) = (Forge.Service<IHistoryStore>(), TestContext.Current.CancellationToken);
        var key = (await store.Reads.ReadHeadAsync(SessionAddress.ParseGrainKey(session.GetPrimaryKeyString()), cancel))!.Head.Key;
        var now = TimeProvider.System.GetUtcNow().AddMinutes(1);
        for (long? after = 0; after is not null;)
        {
            after = await store.Upkeep.TrimEventsAsync(key, after.Value, newest: 0, now, now, limit: 100, cancel);
        }

        Assert.True((await store.Log.ReadAsync(SessionAddress.ParseGrainKey(session.GetPrimaryKeyString()), null, 1, 1, cancel))!.Oldest > 1);
    }

    private static Anchor AnchorOf(CheckpointSummary checkpoint) => new(checkpoint.Position, checkpoint.Chain!);

    private static Anchor AnchorOf(SessionInfo info) => new(info.LastPosition, info.Chain!);
}
