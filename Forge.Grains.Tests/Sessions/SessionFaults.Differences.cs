using Forge.Checkpoints;
using Forge.Errors;

namespace Forge.Grains.Tests.Sessions;

public abstract partial class SessionFaults
{
    [Fact]
    public async Task Diff_OfWhatWasNeverThereTogether_IsRefused()
    {
        await using var forge = await StartAsync();
        var session = forge.Session(Make.Id());
        await session.SaveAsync("[1]");
        await session.SaveAsync("[2]");
        BeforeTheSecondRead(async () =>
        {
            await session.DeleteAsync(1);
            await session.SaveAsync("[3]");
        });

        var error = await Assert.ThrowsAsync<CheckpointNotFoundException>(() => forge.DiffAsync(session, 1, 3));

        Assert.Equal(("1", "from"), (error.Checkpoint, error.Field));
    }

    [Fact]
    public async Task Diff_OfTheLatestWithItselfWhileTheSessionGoesOn_IsEmpty()
    {
        await using var forge = await StartAsync();
        var session = forge.Session(Make.Id());
        await session.SaveAsync("[1]");
        BeforeTheSecondRead(() => session.SaveAsync("[2]"));

        var difference = await forge.DiffAsync(session, CheckpointReference.Latest, CheckpointReference.Latest);

        Assert.Equal((2, 2), (difference.From.Sequence, difference.To.Sequence));
        Assert.Equal("[]"u8.ToArray(), difference.Patch!.Value.ToArray());
    }

    [Fact]
    public async Task Diff_WhileTheSessionGoesOn_ReadsNoStateTwice()
    {
        await using var forge = await StartAsync();
        var session = forge.Session(Make.Id());
        await session.SaveAsync("[1]");
        await session.SaveAsync("[2]");
        BeforeTheSecondRead(() => session.SetTagsAsync(1, ["seen"]));
        var states = Store.StateReads;

        var difference = await forge.DiffAsync(session, 1, 2);

        Assert.Equal(2, Store.StateReads - states);
        Assert.Equal(["seen"], difference.From.Tags);
    }

    /// <summary>Does something between the first two reads of checkpoints from now on.</summary>
    private void BeforeTheSecondRead(Func<Task> action)
    {
        var reads = 0;
        Store.OnCheckpointRead = async () =>
        {
            if (++reads == 2)
            {
                Store.OnCheckpointRead = null;
                await action();
            }
        };
    }
}
