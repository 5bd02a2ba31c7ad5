using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What is required and deleted at the same moment.</summary>
public abstract partial class SessionFaults
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Delete_BesideACreateThatRequiresIt_WaitsForWhatBecomesOfThat(bool fails)
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        var (entered, release) = Store.HoldNext(fails ? new UnavailableException("no") : null);
        var create = Try(() => session.CreateAsync(Pinned(1)));
        await entered;

        var delete = Try(() => session.DeleteAsync(1));
        await session.GetInfoAsync();
        Assert.False(delete.IsCompleted);
        release();

        Assert.Equal(fails, await create is UnavailableException);
        Assert.Equal(fails ? null : typeof(CheckpointRequiredException), (await delete)?.GetType());
        Assert.Equal(fails ? [2] : [1, 2, 3], (await session.AllAsync()).Select(c => c.Sequence));
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Create_BesideTheDeletionOfWhatItRequires_WaitsForWhatBecomesOfThat(bool fails, bool isAnew)
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        var first = await session.CreateAsync("1");
        await session.CreateAsync("2");
        if (isAnew)
        {
            await forge.EndActivationsAsync();
        }

        var (entered, release) = Store.HoldNext(fails ? new UnavailableException("no") : null);
        var delete = Try(() => session.DeleteAsync(1));
        await entered;

        var create = Try(() => session.CreateAsync(Pinned(first.Id)));
        await session.GetInfoAsync();
        Assert.False(create.IsCompleted);
        release();

        Assert.Equal(fails, await delete is UnavailableException);
        Assert.Equal(fails ? null : typeof(CheckpointNotFoundException), (await create)?.GetType());
        Assert.Equal(fails ? [1, 2, 3] : [2], (await session.AllAsync()).Select(c => c.Sequence));
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Delete_BesideTheDeletionOfTheOneThatRequiresIt_IsDoneWithThat()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await session.CreateAsync(Pinned(1));
        await session.CreateAsync("3");
        await forge.EndActivationsAsync();
        var (entered, release) = Store.HoldNext();
        var requirer = session.DeleteAsync(2);
        await entered;

        var required = session.DeleteAsync(1);
        await session.GetInfoAsync();
        release();

        Assert.True(await requirer);
        Assert.True(await required);
        Assert.Equal([3], (await session.AllAsync()).Select(c => c.Sequence));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Compact_WhatWouldGoIsRequiredByACreateBesideIt_Stays(bool isHeld)
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await session.CreateAsync(Pinned(1));
        await session.CreateBatchAsync([.. Enumerable.Range(3, 8).Select(i => Make.Checkpoint($"{i}"))]);
        var (surveys, create) = (0, Task.CompletedTask);
        (Task Entered, Action Release) held = default;
        Store.AfterSurvey = async () =>
        {
            if (++surveys > 1)
            {
                return;
            }

            if (!isHeld)
            {
                await session.CreateAsync(Pinned(2));
                return;
            }

            // It is accepted, and its commit ends when the compaction has to wait for it.
            held = Store.HoldNext();
            create = session.CreateAsync(Pinned(2));
            await held.Entered;
        };

        var compact = session.CompactAsync(new RetentionPolicy { KeepRecent = 1 });
        if (isHeld)
        {
            while (surveys == 0 || held.Entered is not { IsCompleted: true })
            {
                await session.GetInfoAsync();
            }

            await session.GetInfoAsync();
            held.Release!();
        }

        Assert.Equal(8, (await compact).Deleted);
        await create;
        Assert.Equal([1, 2, 11], (await session.AllAsync()).Select(c => c.Sequence));
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Delete_OfWhatAnotherActivationRequiresSince_IsNotDone()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        await RequireElsewhereAsync(1);

        var first = await Try(() => session.DeleteAsync(1));
        var second = await Try(() => session.DeleteAsync(1));

        Assert.True(first is SessionMovedException or CheckpointRequiredException, $"{first}");
        Assert.IsType<CheckpointRequiredException>(second);
        Assert.Equal([1, 2, 3], (await session.AllAsync()).Select(c => c.Sequence));
    }

    [Fact]
    public async Task Delete_RefusedByAnOvertakenActivation_IsNotFinal()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await session.CreateAsync(Pinned(1));
        await session.CreateAsync("3");
        var (row, now) = (await RowOf(2), TimeProvider.System.GetUtcNow());
        await ChangeElsewhereAsync(engine => engine.Delete(
            new(engine.CommittedVersion, row), null, null, now, now, null, requirers: Requirers.None));

        var refused = await Try(() => session.DeleteAsync(1));

        Assert.IsType<SessionMovedException>(refused);
        Assert.True(await session.DeleteAsync(1));
        Assert.Equal([3], (await session.AllAsync()).Select(c => c.Sequence));
    }

    [Fact]
    public async Task Import_RequiresWhatGoesWhileItComesIn_IsRefused()
    {
        await using var forge = await StartAsync();
        var (origin, copy) = (forge.Session("origin"), forge.Session("copy"));
        await origin.CreateAsync("1");
        await copy.ImportAllAsync(await origin.ExportAllAsync());
        await origin.CreateAsync(Pinned(1));
        var document = await origin.ExportAllAsync();

        // What is there was compared, and nothing that is new is staged yet.
        Store.Staging.OnStage = () => copy.DeleteAsync(1);
        var error = await Try(() => copy.ImportAllAsync(document));

        Assert.Contains("checkpoint 2 requires 1", Assert.IsType<ImportRejectedException>(error).Message, StringComparison.Ordinal);
        Assert.Empty(await copy.AllAsync());
        Assert.True((await copy.VerifyOnceAsync()).IsIntact);
    }

    private static NewCheckpoint Pinned(params CheckpointReference[] requires) => Make.Checkpoint("pinned") with { Requires = requires };

    private async Task<StoredCheckpoint> RowOf(long sequence) => (await Store.Inner.Reads.ReadCheckpointAsync(
        new SessionAddress(TenantId.Default, SessionId.Parse("s")), sequence, CheckpointParts.Summary, CancellationToken.None)).Value!.Row;

    /// <summary>Creates a checkpoint that requires another as another activation of session <c>s</c> would, past the grain.</summary>
    private async Task RequireElsewhereAsync(long sequence)
    {
        var address = new SessionAddress(TenantId.Default, SessionId.Parse("s"));
        var command = new SessionRules(new LimitsOptions()).ToCommand(
            address, Pinned(sequence), null, () => new CheckpointId(Guid.NewGuid()));
        var row = await RowOf(sequence);
        await ChangeElsewhereAsync(engine => engine.Create(
            [command], [null], TimeProvider.System.GetUtcNow(), default,
            required: new NamedCheckpoints(engine.CommittedVersion, new HashSet<CheckpointReference> { sequence }, [row])));
    }
}
