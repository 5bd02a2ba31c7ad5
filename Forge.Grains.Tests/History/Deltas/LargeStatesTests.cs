using Forge.Errors;
using Forge.History.Deltas;

namespace Forge.Grains.Tests.History.Deltas;

/// <summary>What runs on a grain's turn and what does not.</summary>
public sealed class LargeStatesTests
{
    [Theory]
    [InlineData(LargeStates.LeastSize - 1, true)]
    [InlineData(LargeStates.LeastSize, false)]
    [InlineData(16 * 1024 * 1024, false)]
    public async Task Run_OnATurn_LeavesItForLargeStatesAlone(int bytes, bool onTurn)
    {
        var turns = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        var ran = await Task.Factory.StartNew(
            async () =>
            {
                var scheduler = await LargeStates.RunAsync(bytes, () => TaskScheduler.Current);
                Assert.Same(turns, TaskScheduler.Current);
                return scheduler;
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.None,
            turns).Unwrap();

        Assert.Same(onTurn ? turns : TaskScheduler.Default, ran);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(LargeStates.LeastSize)]
    public async Task Run_WorkThatFails_FailsAsItself(int bytes) => await Assert.ThrowsAsync<BusyException>(
        async () => await LargeStates.RunAsync<int>(bytes, () => throw new BusyException("session", "is it")));
}
