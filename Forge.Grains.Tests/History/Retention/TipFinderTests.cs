using Forge.Checkpoints;
using Forge.History.Retention;

namespace Forge.Grains.Tests.History.Retention;

public sealed class TipFinderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Finish_OfRandomTrees_NamesWhatHasNoChild(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var count = random.Next(1, 3000);
            var rows = Enumerable.Range(1, count).Select(sequence => (
                Sequence: (long)sequence,
                Parent: (long)random.Next(random.Next(2) == 0 ? Math.Max(0, sequence - 3) : 0, sequence),
                Branch: random.Next(4) is var branch and > 0 ? $"b{branch}" : null,
                Trunk: random.Next(20) == 0,
                Visible: random.Next(5) > 0)).Where(row => row.Visible).ToList();
            var finder = new TipFinder(limit: 5);
            foreach (var row in Enumerable.Reverse(rows))
            {
                finder.Add(new CheckpointPointer(row.Sequence, default), row.Parent, row.Trunk, row.Branch);
            }

            var parents = rows.Select(row => row.Parent).ToHashSet();
            var wanted = rows.Where(row => !row.Trunk && !parents.Contains(row.Sequence)).GroupBy(row => row.Branch ?? "main").ToList();
            var found = finder.Finish();
            Assert.Equal(wanted.Select(branch => branch.Key).Order(), found.Keys.Order());
            foreach (var branch in wanted)
            {
                Assert.Equal(branch.Count(), found[branch.Key].Count);
                Assert.Equal(
                    branch.Select(row => row.Sequence).OrderDescending().Take(5), found[branch.Key].Newest.Select(tip => tip.Sequence));
            }
        }
    }
}
