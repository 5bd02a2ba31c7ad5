using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Grains.Tests.Sessions;

public abstract partial class SessionFaults
{
    [Fact]
    public async Task CreateByDifference_BaseWhoseKeyIsMissing_IsUnknownSoThatTheWholeIsSent()
    {
        await using var forge = await StartAsync();
        var session = forge.Session(Make.Id());

        // Too small to be held.
        await session.SaveAsync("[1]");
        Store.OnCheckpointRead = () => throw new KeyMissingException(TenantId.Default, 1, isDestroyed: true, "was destroyed");

        var error = await Assert.ThrowsAsync<BaseUnknownException>(() => session.CreateByDifferenceAsync(
            Make.Checkpoint() with { State = "2"u8.ToArray() },
            new StateDifference { Base = 1, Front = 1, End = 1, Checksum = SHA256.HashData("[2]"u8) },
            TestContext.Current.CancellationToken));

        Assert.IsType<KeyMissingException>(error.InnerException);
    }

    [Fact]
    public async Task Get_HavingACheckpointWhoseKeyIsMissing_IsAnsweredWhole()
    {
        await using var forge = await StartAsync();
        var session = forge.Session(Make.Id());
        await session.SaveAsync("[1]");
        await session.SaveAsync("[2]");
        var reads = 0;
        Store.OnCheckpointRead = () => ++reads == 2 ? throw new KeyMissingException(TenantId.Default, 1, isDestroyed: true, "was destroyed") : Task.CompletedTask;

        var got = (await session.RunAsync(new GetCheckpoint(2) { Have = 1 }))!;

        Assert.Equal((2, true), (reads, got.Difference is null));
        Assert.Equal("[2]"u8.ToArray(), got.State.ToArray());
    }
}
