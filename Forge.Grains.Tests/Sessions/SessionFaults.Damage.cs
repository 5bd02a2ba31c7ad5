using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Integrity;
using Forge.History.Changes;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What becomes of a damaged row whose state is still in memory, while the database misbehaves.</summary>
public abstract partial class SessionFaults
{
    [Fact]
    public async Task Get_DamagedAndNotToBeMendedNow_IsServedAndMendedByALaterRead()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        var state = await CreateDamagedAsync(session);
        Store.OnCommit = (_, _) => throw new UnavailableException("no");

        Assert.Equal(state, (await session.GetAsync(1))!.State.ToArray());
        Assert.Equal(0, forge.Service<MendedRows>().Count);
        Store.OnCommit = null;
        var reads = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => session.GetAsync(1)));

        Assert.All(reads, read => Assert.Equal(state, read!.State.ToArray()));
        Assert.Equal(1, forge.Service<MendedRows>().Count);
        await forge.EndActivationsAsync();
        Assert.Equal(state, (await session.GetAsync(1))!.State.ToArray());
        Assert.Equal(1, forge.Service<MendedRows>().Count);
    }

    [Fact]
    public async Task Get_DamagedOnAStaleActivation_IsServedAndTheRowIsLeftToTheOther()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        var state = await CreateDamagedAsync(session);
        await WriteElsewhereAsync("elsewhere");

        Assert.Equal(state, (await session.GetAsync(1))!.State.ToArray());

        Assert.Equal(0, forge.Service<MendedRows>().Count);
        await Assert.ThrowsAsync<StateCorruptedException>(() => session.GetAsync(1));
        Assert.Equal(["1", "elsewhere"], (await session.AllAsync()).Select(c => c.Message));
    }

    [Fact]
    public async Task Get_WhatTheCallerHasIsDamaged_IsWhole()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        var state = await CreateDamagedAsync(session);
        var created = await session.CreateAsync(Make.Checkpoint("2") with { State = state, Parent = CheckpointReference.None });
        var same = created.Checkpoint!.Sequence;
        var held = await session.RunAsync(new GetCheckpoint(same) { Have = 1 });
        await forge.EndActivationsAsync();

        var read = await session.RunAsync(new GetCheckpoint(same) { Have = 1 });
        var restored = await session.RunAsync(new RestoreCheckpoint(same) { Have = 1 });

        Assert.NotNull(held!.Difference);
        Assert.All([read!, restored.Checkpoint!], whole =>
        {
            Assert.Null(whole.Difference);
            Assert.Equal(state, whole.State.ToArray());
        });
    }

    [Fact]
    public async Task Get_WhatTheCallerHasCannotBeReadNow_IsWhole()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync(Large("1"));
        await session.CreateAsync(Large("2"));
        await forge.EndActivationsAsync();
        var reads = 0;
        Store.OnCheckpointRead = () => Interlocked.Increment(ref reads) == 1 ? Task.CompletedTask : throw new UnavailableException("no");

        var read = await session.RunAsync(new GetCheckpoint(2) { Have = 1 });

        Assert.Equal(2, reads);
        Assert.Null(read!.Difference);
        Assert.Equal(Large("2").State.ToArray(), read.State.ToArray());
    }

    /// <summary>
    /// Creates a checkpoint whose row comes to hold other bytes than it was given; answers those. The silo holds them, and has to read the
    /// row for the rest.
    /// </summary>
    private async Task<byte[]> CreateDamagedAsync(ISessionGrain session)
    {
        var state = new byte[2000];
        new Random(3).NextBytes(state);
        Store.OnCommit = (batch, commit) => commit(batch with
        {
            Commits =
            [
                .. batch.Commits.Select(c => c with
                {
                    Changes = [.. c.Changes.Select(change => change is Created { Row: var row }
                        ? new Created(row with { Stored = new byte[row.StoredSize] })
                        : change)],
                }),
            ],
        });
        await session.CreateAsync(Make.Checkpoint("1") with { State = state });
        Store.OnCommit = null;
        await session.CreateAsync("2");
        await session.DeleteAsync(2);

        // So that the next read looks at the row, as one whose annotations are not held.
        await session.AnnotateAsync(1, AnnotationSeverity.Info, "noted");
        return state;
    }
}
