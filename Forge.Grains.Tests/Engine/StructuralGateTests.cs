using CsCheck;
using Forge.Grains.Sessions;

namespace Forge.Grains.Tests.Engine;

public sealed class StructuralGateTests
{
    private readonly StructuralGate _gate = new();

    [Fact]
    public async Task Enter_SharedBesideShared_ExclusiveAlone()
    {
        var one = await _gate.EnterSharedAsync();
        var two = await _gate.EnterSharedAsync();
        var exclusive = _gate.EnterExclusiveAsync();
        var late = _gate.EnterSharedAsync();
        Assert.False(exclusive.IsCompleted);
        Assert.False(late.IsCompleted);

        one.Dispose();
        Assert.False(exclusive.IsCompleted);
        two.Dispose();
        var alone = await exclusive;
        Assert.False(late.IsCompleted);
        alone.Dispose();
        (await late).Dispose();
        (await _gate.EnterExclusiveAsync()).Dispose();
    }

    [Fact]
    public async Task Leave_SeveralSharedWait_LetsThemInTogetherUpToTheNextExclusive()
    {
        var alone = await _gate.EnterExclusiveAsync();
        var (first, second, exclusive, behind) = (
            _gate.EnterSharedAsync(), _gate.EnterSharedAsync(), _gate.EnterExclusiveAsync(), _gate.EnterSharedAsync());
        alone.Dispose();

        var passes = await Task.WhenAll(first, second);
        Assert.False(exclusive.IsCompleted);
        Assert.False(behind.IsCompleted);
        Array.ForEach(passes, pass => pass.Dispose());
        (await exclusive).Dispose();
        (await behind).Dispose();
    }

    [Fact]
    public async Task Enter_AnyTraffic_IsInOrderAndNeverBesideAnExclusive()
    {
        // CsCheck prints the seed of a failing case.
        await Gen.Int.SampleAsync(
            async seed =>
            {
                var random = new Random(seed);
                var gate = new StructuralGate();
                var (waiting, inside) = (new Queue<(bool Exclusive, Task<StructuralGate.Pass> Turn)>(), new List<(bool Exclusive, StructuralGate.Pass Pass)>());
                for (var i = 0; i < 60 || inside.Count > 0; i++)
                {
                    if (i < 60 && random.Next(2) == 0)
                    {
                        var exclusive = random.Next(3) == 0;
                        waiting.Enqueue((exclusive, exclusive ? gate.EnterExclusiveAsync() : gate.EnterSharedAsync()));
                    }
                    else if (inside.Count > 0)
                    {
                        var at = random.Next(inside.Count);
                        inside[at].Pass.Dispose();
                        inside.RemoveAt(at);
                    }

                    // Oracle: those in front may go in, one after another, as long as each fits beside those inside.
                    while (waiting.TryPeek(out var next) && !inside.Exists(other => other.Exclusive) && (!next.Exclusive || inside.Count == 0))
                    {
                        inside.Add((next.Exclusive, await next.Turn.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System)));
                        waiting.Dequeue();
                    }

                    Assert.All(waiting, other => Assert.False(other.Turn.IsCompleted));
                }

                Assert.Empty(waiting);
            },
            iter: 300);
    }
}
