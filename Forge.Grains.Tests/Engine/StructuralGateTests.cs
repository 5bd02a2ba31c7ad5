using Forge.Grains.Sessions;

namespace Forge.Grains.Tests.Engine;

public sealed class StructuralGateTests
{
    [Fact]
    public async Task Enter_SharedBesideShared_ExclusiveAlone()
    {
        var gate = new StructuralGate();
        var one = await gate.EnterSharedAsync();
        var two = await gate.EnterSharedAsync();
        var exclusive = gate.EnterExclusiveAsync();
        var late = gate.EnterSharedAsync();
        Assert.False(exclusive.IsCompleted);
        Assert.False(late.IsCompleted);

        one.Dispose();
        Assert.False(exclusive.IsCompleted);
        two.Dispose();
        var alone = await exclusive;
        Assert.False(late.IsCompleted);
        alone.Dispose();
        (await late).Dispose();
        (await gate.EnterExclusiveAsync()).Dispose();
    }
}
