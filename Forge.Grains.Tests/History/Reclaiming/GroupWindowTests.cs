using CsCheck;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Reclaiming;
using Forge.History.Rows;

namespace Forge.Grains.Tests.History.Reclaiming;

public sealed class GroupWindowTests
{
    private const long MostSequences = 16 * ChainEnd.MaxSpan;

    [Fact]
    public void Of_NoLabels_IsEmptyAndWhole()
    {
        var window = GroupWindow.Of([]);

        Assert.Empty(window.Labels);
        Assert.Empty(window.Ranges);
        Assert.True(window.IsWhole);
    }

    [Fact]
    public void Of_NeighboursAndOneApart_JoinsTheNeighbours()
    {
        var window = GroupWindow.Of([700, 258, 1, 700]);

        Assert.Equal([new SequenceRange(1, 514), new SequenceRange(700, 956)], window.Ranges);
        Assert.Equal([1, 258, 700], window.Labels.Order());
    }

    [Fact]
    public void Of_MoreThanAStepLooksThrough_TakesTheLeastAndSaysSo()
    {
        var labels = Enumerable.Range(0, 20).Select(i => 1 + (1000L * i)).Reverse().ToList();

        var window = GroupWindow.Of(labels);

        Assert.Equal(Enumerable.Range(0, 15).Select(i => 1 + (1000L * i)), window.Labels.Order());
        Assert.False(window.IsWhole);
    }

    [Fact]
    public void Of_AnyLabels_IsAsManyOfTheLeastAsFit()
    {
        // CsCheck prints the seed of a failing case.
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                var (label, apart) = (0L, random.Next(2, 700));
                var labels = new List<long>();
                for (var count = random.Next(1, 120); count > 0; count--)
                {
                    labels.Add(label += random.Next(0, apart));
                }

                var window = GroupWindow.Of(labels.OrderBy(_ => random.Next()));

                // Oracle: the very sequences, group by group.
                var (wanted, taken) = (new HashSet<long>(), new List<long>());
                foreach (var next in labels.Distinct())
                {
                    var more = Enumerable.Range(0, ChainEnd.MaxSpan + 1).Select(i => next + i).Where(s => !wanted.Contains(s)).ToList();
                    if (taken.Count > 0 && wanted.Count + more.Count > MostSequences)
                    {
                        break;
                    }

                    taken.Add(next);
                    wanted.UnionWith(more);
                }

                Assert.Equal(taken, window.Labels.Order());
                Assert.Equal(labels.Distinct().Count() == taken.Count, window.IsWhole);
                Assert.Equal(wanted.Order(), window.Ranges.SelectMany(r => Sequences(r)));
                Assert.All(window.Ranges.Zip(window.Ranges.Skip(1)), pair => Assert.True(pair.First.Last + 1 < pair.Second.First));
            },
            iter: 60);
    }

    private static IEnumerable<long> Sequences(SequenceRange range)
    {
        for (var sequence = range.First; sequence <= range.Last; sequence++)
        {
            yield return sequence;
        }
    }
}
