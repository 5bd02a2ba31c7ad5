using Forge.History.Chain;
using Forge.History.Lineage;
using Forge.History.Rows;

namespace Forge.Grains.Tests.History.Lineage;

public sealed class LineageMergeTests
{
    [Fact]
    public void With_ALineThatGoesInAnyOrder_IsOneRecord()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var records = new List<RemovedLineage>();
            foreach (var sequence in Enumerable.Range(5, 30).OrderBy(_ => random.Next()))
            {
                records = LineageMerge.With(records, [(sequence, sequence - 1)]);
            }

            Assert.Equal([(5, 34, 4)], records.Select(r => (r.First, r.Last, r.Ancestor)));
            Assert.Equal(RowSeal.OfLineage(5, 34, 4), records[0].Seal);
        }
    }

    [Fact]
    public void With_AnyTreeInAnyOrder_NamesTheNearestThatIsNotNoted()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var parents = Enumerable.Range(0, 50).Select(i => i == 0 ? 0L : random.Next(4) == 0 ? random.Next(i) : i - 1).ToArray();
            var (records, noted) = (new List<RemovedLineage>(), new HashSet<long>());
            while (noted.Count < 49)
            {
                // What went already is told again, as a second silo at the same step would.
                var going = Enumerable.Range(1, 49).OrderBy(_ => random.Next()).Take(random.Next(1, 12)).Select(i => (long)i).ToList();
                records = LineageMerge.With(records.OrderBy(_ => random.Next()), going.Select(i => (i, parents[i])));
                noted.UnionWith(going);
                AssertTell(records, parents, noted, seed);
            }

            Assert.Equal([(1, 49, 0)], records.Select(r => (r.First, r.Last, r.Ancestor)));
        }
    }

    [Fact]
    public void With_ADamagedRecordThatNamesItself_Ends()
    {
        var records = LineageMerge.With([new RemovedLineage(3, 6, 5, 0)], [(7, 6)]);

        Assert.Null(LineageMerge.Find(records, 2));
        Assert.NotNull(LineageMerge.Find(records, 7));
    }

    private static void AssertTell(List<RemovedLineage> records, long[] parents, HashSet<long> noted, int seed)
    {
        for (var sequence = 1L; sequence < parents.Length; sequence++)
        {
            var at = sequence;
            while (noted.Contains(at))
            {
                at = parents[at];
            }

            var told = LineageMerge.Find(records, sequence)?.Ancestor ?? sequence;
            Assert.True(at == told, $"seed {seed}: {told} is told of {sequence}, and {at} is right");
        }

        foreach (var (before, next) in records.Zip(records.Skip(1)))
        {
            Assert.True(before.Last < next.First && (before.Last + 1 < next.First || before.Ancestor != next.Ancestor), $"seed {seed}");
        }
    }
}
