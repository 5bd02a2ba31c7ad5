using Forge.Checkpoints;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What the look behind reads with anchors costs.</summary>
public abstract partial class SessionFaults
{
    [Fact(Timeout = 120_000)]
    public async Task Reads_WithAnchorsWhileAnotherGoesOn_AskOnceForAVersionThatWasBehind()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        var first = AnchorOf(await session.CreateAsync("1"));
        var (isHeld, goesOn) = (Signal(), Signal());
        Store.OnCheckpointRead = () =>
        {
            isHeld.TrySetResult();
            return goesOn.Task;
        };
        var early = session.RunAsync(new GetSummary(99) { Anchor = first });
        await isHeld.Task.WaitAsync(TestContext.Current.CancellationToken);
        Store.OnCheckpointRead = null;

        // A survey is read before a commit, and its version is noted behind it.
        var (isSurveyed, isOver) = (Signal(), Signal());
        Store.AfterSurvey = () =>
        {
            isSurveyed.TrySetResult();
            return isOver.Task;
        };
        var told = session.RunAsync(new CompactSession(new RetentionPolicy { KeepRecent = 1 }, DryRun: true));
        await isSurveyed.Task.WaitAsync(TestContext.Current.CancellationToken);
        var second = AnchorOf(await session.CreateAsync("2"));
        Store.AfterSurvey = null;
        isOver.SetResult();
        await told;

        var before = Store.VersionReads;
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(await session.RunAsync(new GetSummary(98) { Anchor = second }));
        }

        Assert.Equal(before + 1, Store.VersionReads);
        goesOn.SetResult();
        Assert.Null(await early);

        static Anchor AnchorOf(CheckpointSummary checkpoint) => new(checkpoint.Position, checkpoint.Chain!);

        static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
