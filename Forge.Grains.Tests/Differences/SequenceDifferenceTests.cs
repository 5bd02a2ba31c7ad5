using Forge.Differences.Sequences;

namespace Forge.Grains.Tests.Differences;

public sealed class SequenceDifferenceTests
{
    private const int Seed = 4711;

    [Fact]
    public void TryFind_RandomSequences_HasTheFewestEdits()
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        for (var number = 0; number < 20_000; number++)
        {
            var letters = 1 + random.Next(5);
            var (from, to) = (Sequence(random, letters), Sequence(random, letters));
            var (removed, added) = (new bool[from.Length], new bool[to.Length]);

            Assert.True(SequenceDifference.TryFind(from, to, removed, added, new Budget(long.MaxValue, TestContext.Current.CancellationToken)));

            var kept = from.Where((_, i) => !removed[i]).ToArray();
            Assert.Equal(kept, to.Where((_, i) => !added[i]));
            Assert.True(kept.Length == LongestCommon(from, to), $"[{string.Join(',', from)}] [{string.Join(',', to)}]: {kept.Length}");
        }
    }

    [Fact]
    public void TryFind_BudgetTooSmall_GivesUp()
    {
        var random = new Random(Seed);
        var (from, to) = (Letters(random, 20_000, 2), Letters(random, 20_000, 2));

        Assert.False(SequenceDifference.TryFind(
            from, to, new bool[from.Length], new bool[to.Length], new Budget(1_000_000, TestContext.Current.CancellationToken)));
    }

    private static int[] Sequence(Random random, int letters) => Letters(random, random.Next(24), letters);

    private static int[] Letters(Random random, int length, int letters) =>
        [.. Enumerable.Range(0, length).Select(_ => random.Next(letters))];

    /// <summary>By the plain table.</summary>
    private static int LongestCommon(int[] from, int[] to)
    {
        var table = new int[from.Length + 1, to.Length + 1];
        for (var i = from.Length - 1; i >= 0; i--)
        {
            for (var j = to.Length - 1; j >= 0; j--)
            {
                table[i, j] = from[i] == to[j] ? table[i + 1, j + 1] + 1 : Math.Max(table[i + 1, j], table[i, j + 1]);
            }
        }

        return table[0, 0];
    }
}
