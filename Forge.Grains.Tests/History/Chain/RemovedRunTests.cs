using CsCheck;
using Forge.History.Chain;
using Forge.History.Rows;

namespace Forge.Grains.Tests.History.Chain;

public sealed class RemovedRunTests
{
    [Fact]
    public void Of_CreateAndEvent_CountTheCreateAlone()
    {
        var create = RemovedRuns.Of(new RemovedLink(7, 3, 100, [1]));
        var happened = RemovedRuns.Of(new RemovedLink(8, 0, 0, null));

        Assert.Equal((7, 7, 1, 100, 3), (create.FirstPosition, create.LastPosition, create.Creates, create.Bytes, create.LastSequence));
        Assert.Equal((8, 8, 0, 0, 0), (happened.FirstPosition, happened.LastPosition, happened.Creates, happened.Bytes, happened.LastSequence));
        Assert.Null(happened.Chain);
    }

    [Fact]
    public void Then_RunBehindAGap_IsAnError()
    {
        var run = RemovedRuns.Of(new RemovedLink(7, 3, 100, null));

        Assert.Throws<InvalidOperationException>(() => run.Then(RemovedRuns.Of(new RemovedLink(9, 4, 100, null))));
        Assert.Throws<InvalidOperationException>(() => run.Then(run));
    }

    [Fact]
    public void Merge_LinksWithoutAPosition_LeaveNothing() =>
        Assert.Empty(RemovedRuns.Merge([], [new RemovedLink(0, 3, 100, [1]), new RemovedLink(0, 4, 100, [2])]));

    [Fact]
    public void Merge_LinkBetweenTwoRuns_MakesThemOne()
    {
        var (before, behind) = (Run(1, 3), Run(5, 9));

        var one = Assert.Single(RemovedRuns.Merge([behind, before], [Link(4)]));

        AssertSame(Run(1, 9), one);
    }

    [Fact]
    public void Merge_LinkApartFromTheRuns_StaysApart()
    {
        var runs = RemovedRuns.Merge([Run(1, 3)], [Link(5)]);

        Assert.Equal([(1L, 3L), (5L, 5L)], runs.Select(r => (r.FirstPosition, r.LastPosition)));
    }

    [Fact]
    public void Merge_AnyLinksInAnyPieces_AreTheRunsOfThemAll()
    {
        // CsCheck prints the seed of a failing case.
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                var links = Enumerable.Range(1, random.Next(1, 60)).Where(_ => random.Next(3) > 0).Select(i => RandomLink(i, random)).ToList();
                var left = links.OrderBy(_ => random.Next()).ToList();
                var runs = new List<RemovedRun>();
                while (left.Count > 0)
                {
                    var some = left[..random.Next(1, left.Count + 1)];
                    left.RemoveRange(0, some.Count);

                    // A store hands over the runs that touch the links, and those alone.
                    var touching = runs.FindAll(r => some.Exists(l => l.Position == r.FirstPosition - 1 || l.Position == r.LastPosition + 1));
                    runs.RemoveAll(touching.Contains);
                    var merged = RemovedRuns.Merge(touching.OrderBy(_ => random.Next()), some);
                    Assert.Equal(merged.OrderBy(r => r.FirstPosition), merged);
                    runs.AddRange(merged);
                }

                var wanted = Runs(links).ToList();
                Assert.Equal(wanted.Count, runs.Count);
                Assert.All(wanted.Zip(runs.OrderBy(r => r.FirstPosition)), pair => AssertSame(pair.First, pair.Second));
            },
            iter: 2000);
    }

    [Fact]
    public void Seal_AnyFieldDiffers_Differs()
    {
        var run = Run(3, 5);

        RemovedRun[] others =
        [
            run with { FirstPosition = 2 }, run with { LastPosition = 6 }, run with { Creates = 4 }, run with { Bytes = 1 },
            run with { LastSequence = 1 }, run with { Chain = null }, run with { Chain = [9] },
        ];

        Assert.Equal(RowSeal.OfRun(run), run.Seal);
        Assert.Equal(others.Length + 1, others.Append(run).Select(RowSeal.OfRun).Distinct().Count());
    }

    /// <summary>Oracle: the longest stretches of positions, and plain sums over each.</summary>
    private static IEnumerable<RemovedRun> Runs(List<RemovedLink> rising)
    {
        for (var first = 0; first < rising.Count;)
        {
            var last = first;
            while (last + 1 < rising.Count && rising[last + 1].Position == rising[last].Position + 1)
            {
                last++;
            }

            var links = rising[first..(last + 1)];
            var run = new RemovedRun(
                links[0].Position, links[^1].Position, links.Count(l => l.Sequence > 0), links.Sum(l => (long)l.Size),
                links.Max(l => l.Sequence), links[^1].Chain, 0);
            yield return run with { Seal = RowSeal.OfRun(run) };
            first = last + 1;
        }
    }

    private static RemovedRun Run(int first, int last) =>
        Assert.Single(Runs([.. Enumerable.Range(first, last - first + 1).Select(i => Link(i))]));

    private static RemovedLink Link(int position) => new(position, position * 10, position, [(byte)position]);

    private static RemovedLink RandomLink(int position, Random random) => random.Next(3) == 0
        ? new(position, 0, 0, random.Next(2) == 0 ? null : [(byte)position])
        : new(position, random.Next(1, 1000), random.Next(0, int.MaxValue), [(byte)position, 1]);

    private static void AssertSame(RemovedRun expected, RemovedRun actual)
    {
        Assert.Equal(expected.Chain, actual.Chain);
        Assert.Equal(expected with { Chain = null }, actual with { Chain = null });
    }
}
