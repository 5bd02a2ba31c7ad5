using Forge.Cli.Timelines;

namespace Forge.Grains.Tests.CommandLine;

public sealed class LanesTests
{
    [Fact]
    public void Take_OneLine_StaysInItsLane()
    {
        var lanes = new Lanes();

        Assert.Equal([0, 0, 0], new[] { lanes.Take(3, 2, false).Own, lanes.Take(2, 1, false).Own, lanes.Take(1, null, false).Own });
        Assert.Empty(lanes.Open);
    }

    [Fact]
    public void Take_TwoChildrenOfOne_EndInIt()
    {
        var lanes = new Lanes();
        Assert.Equal(0, lanes.Take(4, 1, false).Own);
        Assert.Equal(1, lanes.Take(3, 2, true).Own);
        Assert.Equal(1, lanes.Take(2, 1, true).Own);
        Assert.Equal([false, true], lanes.Open.Select(lane => lane!.IsAbandoned));

        var place = lanes.Take(1, null, false);

        Assert.Equal(0, place.Own);
        Assert.Equal([1], place.Ending);
        Assert.Empty(lanes.Open);
    }

    [Fact]
    public void Take_LaneThatEnded_IsUsedAgain()
    {
        var lanes = new Lanes();
        lanes.Take(9, 1, false);
        Assert.Equal(1, lanes.Take(8, null, false).Own);
        Assert.Single(lanes.Open);

        Assert.Equal(1, lanes.Take(7, 6, false).Own);
        Assert.Equal(2, lanes.Take(5, 4, false).Own);
    }
}
