using Forge.Catalog;
using Forge.Checkpoints;
using Forge.Claims;
using Forge.Errors;
using Forge.Identity;
using Forge.Integrity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>Sessions that are emptied, and deleted ones that live again.</summary>
public abstract partial class SessionContract
{
    [Fact]
    public async Task Clear_SessionWithBranchesAndAClaim_LeavesNameSettingsClaimAndNumbers()
    {
        var session = Forge.Session(Make.Id());
        await session.SetSettingsAsync(new SessionSettings { Labels = new Dictionary<string, string> { ["l"] = "v" } });
        await session.RunAsync(new ClaimSession("a"));
        var request = new ChangeRequest(Guid.CreateVersion7(), FirstAttempt: false);
        for (var i = 1; i <= 6; i++)
        {
            await session.CreateAsync(Make.Checkpoint($"{i}", "tag") with { Epoch = 1, Branch = i > 4 ? "b" : null });
        }

        await session.RunAsync(new DeleteCheckpoint(2) { Epoch = 1 });
        await session.RunAsync(new RestoreCheckpoint(1) { Epoch = 1 });
        var last = (await session.CreateAsync(Make.Checkpoint("7") with { Epoch = 1, Id = CheckpointId.Create(TimeProvider.System.GetUtcNow()) })).Checkpoint!;
        await Assert.ThrowsAsync<SessionClaimedException>(() => session.RunAsync(new ClearSession()));

        var cleared = await session.RunAsync(new ClearSession { Epoch = 1, Request = request });

        Assert.Equal(6, cleared.Deleted);
        for (var swept = false; ; swept = true)
        {
            var info = (await session.GetInfoAsync())!;
            Assert.Equal((0L, 0L, null, null, 7L, "v"), (info.Count, info.Bytes, info.Head, info.Current, info.LastSequence, info.Settings.Labels["l"]));
            Assert.Equal((cleared.Anchor!.Value.Position, cleared.Anchor.Value.Chain), (info.LastPosition, info.Chain));
            Assert.Equal((1L, "a"), (info.Claim!.Epoch, info.Claim.Owner));
            Assert.Empty((await session.ListAsync(new CheckpointQuery())).Items);
            Assert.Equal([("main", null, null, 0L)], (await session.BranchesAsync()).Select(b => (b.Key, b.Value.Head, b.Value.Current, b.Value.Count)));
            Assert.Null(await session.GetAsync(CheckpointReference.Latest));
            Assert.Null(await session.GetAsync(last.Id));
            Assert.True((await session.VerifyOnceAsync(cleared.Anchor.Value)).IsIntact);

            // As the first was answered, and nothing more to remove.
            Assert.Equal(cleared, await session.RunAsync(new ClearSession { Epoch = 1, Request = request }));
            Assert.Equal(new ClearResult(0), await session.RunAsync(new ClearSession { Epoch = 1 }));
            if (swept)
            {
                break;
            }

            await Forge.SweepAsync();
        }

        // Committed though there was nothing, so that its repeat takes nothing of what comes behind it.
        var nothing = new ChangeRequest(Guid.CreateVersion7(), FirstAttempt: false);
        var none = await session.RunAsync(new ClearSession { Epoch = 1, Request = nothing });
        Assert.Equal((0L, cleared.Anchor!.Value.Position + 1), (none.Deleted, none.Anchor!.Value.Position));

        // What was created before is a repeat for as long as it is remembered, and comes back to nobody.
        var late = await session.CreateAsync(Make.Checkpoint("7") with { Epoch = 1, Id = last.Id });
        Assert.Equal((CreateOutcome.Repeated, 7L), (late.Outcome, late.Checkpoint!.Sequence));
        var next = (await session.CreateAsync(Make.Checkpoint("8") with { Epoch = 1 })).Checkpoint!;
        Assert.Equal((8L, null, none.Anchor!.Value.Position + 1), (next.Sequence, next.Parent, next.Position));
        Assert.Equal(none, await session.RunAsync(new ClearSession { Epoch = 1, Request = nothing }));
        Assert.Equal(1, (await session.GetInfoAsync())!.Count);
        Assert.True((await session.VerifyOnceAsync(cleared.Anchor.Value)).IsIntact);
    }

    [Fact]
    public async Task Clear_WhatIsNotThere_IsRefused()
    {
        var session = Forge.Session(Make.Id());
        await Assert.ThrowsAsync<SessionNotFoundException>(() => session.RunAsync(new ClearSession()));
        await session.CreateAsync();
        await session.DeleteSessionAsync();
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.RunAsync(new ClearSession()));
    }

    [Fact]
    public async Task Clear_BesideCreates_TakesAllThatWereBeforeItAndNoneBehindIt()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        var creating = Enumerable.Range(0, 8).Select(async worker =>
        {
            var made = new List<CheckpointSummary>();
            for (var i = 0; i < 12; i++)
            {
                made.Add(await session.CreateAsync($"{worker} {i}"));
            }

            return made;
        }).ToList();
        var cleared = new List<ClearResult>();
        for (var i = 0; i < 4; i++)
        {
            cleared.Add(await session.RunAsync(new ClearSession()));
        }

        var all = (await Task.WhenAll(creating)).SelectMany(made => made).ToList();
        var border = cleared.Max(c => c.Anchor?.Position ?? 0);
        var left = (await session.ListAsync(new CheckpointQuery { Limit = 1000 })).Items;
        Assert.Equal(all.Where(c => c.Position > border).Select(c => c.Sequence).Order(), left.Select(c => c.Sequence).Order());
        Assert.Equal(all.Count + 1, cleared.Sum(c => c.Deleted) + left.Count);
        Assert.Equal(all.Count + 1, (await session.GetInfoAsync())!.LastSequence);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Revive_DeletedSession_LivesAgainEmptyWithNumbersThatGoOn(bool erased)
    {
        var name = Make.Id("life");
        var session = Forge.Session(name);
        await session.SetSettingsAsync(new SessionSettings { Labels = new Dictionary<string, string> { [name] = "v" } });
        await session.RunAsync(new ClaimSession("a"));
        var id = CheckpointId.Create(TimeProvider.System.GetUtcNow());
        await session.CreateAsync(Make.Checkpoint("1", "tag") with { Epoch = 1, Id = id });
        await session.CreateAsync(Make.Checkpoint("2") with { Epoch = 1, Branch = "b" });
        var before = (await session.GetInfoAsync())!;
        await Assert.ThrowsAsync<SessionExistsException>(() => session.RunAsync(new ReviveSession { Epoch = 1 }));
        await session.RunAsync(new DeleteSession { Epoch = 1 });
        if (erased)
        {
            Assert.Equal(ErasureStatus.Erased, await session.EraseSessionAsync());
        }

        await Assert.ThrowsAsync<SessionDeletedException>(() => session.CreateAsync());
        var request = new ChangeRequest(Guid.CreateVersion7(), FirstAttempt: false);
        var revived = await session.RunAsync(new ReviveSession { Request = request });

        Assert.Equal((2, 2L, before.LastPosition + 1), (revived.Life, revived.LastSequence, revived.Anchor.Position));
        Assert.Equal(revived, await session.RunAsync(new ReviveSession { Request = request }));
        await Assert.ThrowsAsync<SessionExistsException>(() => session.RunAsync(new ReviveSession { Request = new(Guid.CreateVersion7(), FirstAttempt: false) }));
        var info = (await session.GetInfoAsync())!;
        Assert.Equal((0L, null, 2L, 0, (string?)null), (info.Count, info.Head, info.LastSequence, info.Settings.Labels.Count, info.Claim?.Owner));
        Assert.Equal([name], await NamesAsync(new() { Prefix = name }));
        Assert.Equal([name], await NamesAsync(new() { Prefix = name, Order = SessionOrder.Activity }));
        Assert.Empty(await NamesAsync(new() { Labels = new Dictionary<string, string> { [name] = "v" } }));
        Assert.Equal(["main"], (await session.BranchesAsync()).Keys);

        // An id of the life before is one as any other.
        var next = (await session.CreateAsync(Make.Checkpoint("3") with { Id = id })).Checkpoint!;
        Assert.Equal((3L, null, revived.Anchor.Position + 1), (next.Sequence, next.Parent, next.Position));
        Assert.Equal(2, (await session.RunAsync(new ClaimSession("b"))).Epoch);
        await session.CreateAsync(Make.Checkpoint("4") with { Epoch = 2, Branch = "b" });
        var verified = await session.VerifyOnceAsync(revived.Anchor, new Anchor(before.LastPosition, before.Chain!));
        Assert.True(verified.IsIntact);
        Assert.Equal([AnchorOutcome.Holds, AnchorOutcome.Removed], verified.Anchors.Select(a => a.Outcome));
        Assert.Equal((2L, before.LastPosition, 0L), (verified.Valid, verified.Removed, verified.Unchained));

        // A backup of it, and a second life after this one.
        var copy = Forge.Session(Make.Id());
        await copy.ImportAllAsync(await session.ExportAllAsync());
        Assert.Equal([3L, 4], (await copy.ListAsync(new CheckpointQuery { Order = ListOrder.OldestFirst })).Items.Select(c => c.Sequence));
        await session.RunAsync(new DeleteSession { Epoch = 2 });
        var third = await session.RunAsync(new ReviveSession());
        Assert.Equal((3, 4L), (third.Life, third.LastSequence));
        Assert.Equal(5, (await session.CreateAsync("5")).Sequence);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Revive_RequestsOfTheLifeBefore_NeitherEndNorBeginAnother()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        var (delete, revive, erase) = (new ChangeRequest(Guid.CreateVersion7(), FirstAttempt: false), new ChangeRequest(Guid.CreateVersion7(), FirstAttempt: false), new ChangeRequest(Guid.CreateVersion7(), FirstAttempt: false));
        Assert.True(await session.RunAsync(new DeleteSession { Request = delete }));
        var revived = await session.RunAsync(new ReviveSession { Request = revive });
        await session.CreateAsync();

        // The answers were lost, and both are sent again.
        Assert.True(await session.RunAsync(new DeleteSession { Request = delete }));
        Assert.Equal(ErasureStatus.Erased, await session.RunAsync(new EraseSession { Deletion = delete }));
        Assert.Equal(revived, await session.RunAsync(new ReviveSession { Request = revive }));
        Assert.Equal(1, (await session.GetInfoAsync())!.Count);

        Assert.Equal(ErasureStatus.Erased, await session.RunAsync(new EraseSession { Deletion = erase }));
        Assert.Equal(revived, await session.RunAsync(new ReviveSession { Request = revive }));
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.CreateAsync());
        Assert.Equal(3, (await session.RunAsync(new ReviveSession { Request = new(Guid.CreateVersion7(), FirstAttempt: false) })).Life);
        Assert.Equal(ErasureStatus.Erased, await session.RunAsync(new EraseSession { Deletion = erase }));
        Assert.Equal(3, (await session.CreateAsync()).Sequence);

        // Deleted by one, asked again by another, and revived between two of its calls.
        var poll = new ChangeRequest(Guid.CreateVersion7(), FirstAttempt: false);
        await session.DeleteSessionAsync();
        Assert.Equal(ErasureStatus.Erased, await session.RunAsync(new EraseSession { Deletion = poll }));
        await session.RunAsync(new ReviveSession());
        Assert.Equal(4, (await session.CreateAsync()).Sequence);
        Assert.Equal(ErasureStatus.Erased, await session.RunAsync(new EraseSession { Deletion = poll }));
        Assert.True(await session.RunAsync(new DeleteSession { Request = poll }));
        Assert.Equal(1, (await session.GetInfoAsync())!.Count);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Revive_AutomaticCreateOfTheLifeBefore_ThrottlesNone()
    {
        var session = Forge.Session(Make.Id());
        var automatic = Make.Checkpoint() with { Trigger = CheckpointTrigger.SignificantTimePassed };
        Assert.Equal(CreateOutcome.Created, (await session.CreateAsync(automatic)).Outcome);
        Assert.Equal(CreateOutcome.NotTaken, (await session.CreateAsync(automatic)).Outcome);
        await session.DeleteSessionAsync();
        await session.RunAsync(new ReviveSession());

        Assert.Equal(CreateOutcome.Created, (await session.CreateAsync(automatic)).Outcome);
    }

    [Fact]
    public async Task Revive_NeverThere_IsNotFound() =>
        await Assert.ThrowsAsync<SessionNotFoundException>(() => Forge.Session(Make.Id()).RunAsync(new ReviveSession()));

    [Fact]
    public async Task Revive_ForkOfTheLifeBefore_HasLostItsOrigin()
    {
        var (origin, name) = (Make.Id(), Make.Id("fork"));
        await Forge.Session(origin).CreateAsync();
        await ForkAsync(origin, 1, name);
        await Forge.Session(origin).DeleteSessionAsync();
        await Forge.Session(origin).RunAsync(new ReviveSession());

        Assert.True((await Forge.Session(name).GetInfoAsync())!.Origin!.Gone);
        Assert.Equal(0, (await Forge.Session(origin).GetInfoAsync())!.ForkCount);
        var error = await Assert.ThrowsAsync<CheckpointNotFoundException>(() => ForkAsync(origin, 1, Make.Id("fork")));
        Assert.Equal("1", error.Checkpoint);
        await Forge.Session(origin).CreateAsync();
        await ForkAsync(origin, 2, Make.Id("fork"));
        Assert.Equal(1, (await Forge.Session(origin).GetInfoAsync())!.ForkCount);
    }

    [Fact]
    public async Task Revive_ManyAtOnce_OneTakesEffect()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        await session.DeleteSessionAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            try
            {
                return (await session.RunAsync(new ReviveSession { Request = new(Guid.CreateVersion7(), FirstAttempt: false) })).Life;
            }
            catch (SessionExistsException)
            {
                return 0;
            }
        }));

        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 2], outcomes.Order());
    }
}
