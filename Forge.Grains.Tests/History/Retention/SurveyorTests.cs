using Forge.History.Retention;
using Forge.Sessions;

namespace Forge.Grains.Tests.History.Retention;

public sealed class SurveyorTests
{
    private static readonly DateTimeOffset Now = HistoryRows.Start.AddSeconds(100);

    [Fact]
    public void Finish_NothingAdded_IsEmpty()
    {
        var survey = Survey([], new RetentionPolicy { KeepRecent = 5 }, head: 0, current: 0);

        Assert.Equal((9, default), (survey.LastSequence, survey.Visible));
        Assert.Equal(default, survey.Kept);
    }

    [Fact]
    public void Finish_NothingIsKept_HeadCurrentAndTipsStay()
    {
        // 1 - 2 - 3 - 4 - 7 (head), 2 - 5 - 6, current is 3.
        var rows = Rows(1, 2, 3, 4, 5, 6, 7);
        rows[4] = rows[4] with { Parent = 2 };
        rows[6] = rows[6] with { Parent = 4 };

        var survey = Survey(rows, new RetentionPolicy { KeepRecent = 0 }, head: 7, current: 3);

        Assert.Equal(
            [(7, SurvivalReasons.Tip | SurvivalReasons.Head), (6, SurvivalReasons.Tip), (3, SurvivalReasons.Current)],
            survey.Placed.Select(s => (s.Sequence, s.Reasons)));
        Assert.Equal([new(1, 2), new(4, 5)], survey.Removals);
        Assert.Equal([new(3, 3)], survey.Trunks);
    }

    [Fact]
    public void Finish_KeepRecent_CountsThoseThatAreThere()
    {
        var survey = Survey(Rows(1, 2, 5, 8, 9), new RetentionPolicy { KeepRecent = 3 }, head: 9, current: 9);

        Assert.Equal([9, 8, 5], survey.Placed.Where(s => s.Reasons.HasFlag(SurvivalReasons.Recent)).Select(s => s.Sequence));
    }

    [Fact]
    public void Finish_AllAreKept_NothingGoesAndNothingIsATrunk()
    {
        var rows = Rows(1, 2, 3);
        foreach (var policy in new[]
        {
            new RetentionPolicy { KeepRecent = int.MaxValue },
            new RetentionPolicy { KeepYoungerThan = TimeSpan.MaxValue },
        })
        {
            var survey = Survey(rows, policy, head: 3, current: 3);

            Assert.Equal(3, survey.Kept.Count);
            Assert.Empty(survey.Removals);
            Assert.Empty(survey.Trunks);
        }
    }

    [Fact]
    public void Finish_AsOldAsTheAge_IsNotYoung()
    {
        var survey = Survey(Rows(1, 2, 3), new RetentionPolicy { KeepYoungerThan = TimeSpan.FromSeconds(98) }, head: 3, current: 3);

        Assert.Equal([new(1, 2)], survey.Removals);
        Assert.Equal((1, HistoryRows.Start.AddSeconds(3)), (survey.Settled.Count, survey.Ageing));
    }

    [Fact]
    public void Finish_TrunkWithoutChildren_IsNoTip()
    {
        var rows = Rows(1, 3);
        rows[0] = rows[0] with { Trunk = true };

        Assert.Equal([3], Kept(rows, new RetentionPolicy { KeepTags = ["a"] }, head: 3, current: 3));
    }

    [Fact]
    public void Finish_OneChildStaysAndOneGoes_TheParentIsATrunk()
    {
        // 1 - 2 - 4 (head), 1 - 3 - 5: of the children of 1 the older goes, and 3 has a tag.
        var rows = Rows(1, 2, 3, 4, 5);
        rows[0] = rows[0] with { Tagged = true };
        rows[2] = rows[2] with { Parent = 1, Tagged = true };
        rows[3] = rows[3] with { Parent = 2 };
        rows[4] = rows[4] with { Parent = 3 };

        var survey = Survey(rows, new RetentionPolicy { KeepTags = ["a"] }, head: 5, current: 5);

        Assert.Equal([new(2, 2)], survey.Removals);
        Assert.Equal([new(1, 1)], survey.Trunks);
    }

    [Fact]
    public void Finish_EveryTenthStays_TrunksAreOneRange()
    {
        var rows = Rows([.. Enumerable.Range(1, 10_000).Select(i => (long)i)]);
        rows = [.. rows.Select(row => row with { Tagged = row.Sequence % 10 == 0 })];

        var survey = Survey(rows, new RetentionPolicy { KeepTags = ["a"] }, head: 10_000, current: 10_000);

        Assert.Equal(1000, survey.Removals.Count);
        Assert.Equal([new(10, 9990)], survey.Trunks);
        Assert.Empty(survey.Placed);
    }

    [Fact]
    public void Finish_ManyParentsThatAreGone_AreNotTakenForChildren()
    {
        // Every parent is gone, and one row far below is a parent of the newest.
        var rows = Enumerable.Range(1, 5000).Select(i => Row(i * 2) with { Parent = (i * 2) - 1 }).ToArray();
        rows[^1] = rows[^1] with { Parent = 2 };

        var survey = Survey(rows, new RetentionPolicy { KeepRecent = 0 }, head: 10_000, current: 10_000);

        Assert.Equal(4999, survey.Placed.Count);
        Assert.Equal([new(2, 2)], survey.Removals);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Finish_RandomTreesAndPolicies_AgreesWithTheOracle(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 300; i++)
        {
            var (rows, policy, head, current) = Random(random);

            SurvivalOracle.AssertAgrees(Survey(rows, policy, head, current, random.Next(1, 40)), rows, policy, Now, head, current);
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void TryAdd_AnEarlierSurveyBelowLaterCreates_IsAsSurveyedAtOnce(int seed)
    {
        var (random, told, refused) = (new Random(seed), 0, 0);
        for (var i = 0; i < 500; i++)
        {
            var (rows, policy, head, current) = Random(random);
            var (known, most) = (random.Next(rows.Length + 1), random.Next(1, 30));
            var earlier = Survey(rows[..known], policy, known == 0 ? 0 : rows[known - 1].Sequence, current, most);
            var surveyor = new Surveyor(policy, Now, new HashSet<long> { head }, new HashSet<long> { head }, most);
            Add(surveyor, rows[known..]);
            if (surveyor.TryAdd(earlier))
            {
                // A create makes itself the head and the current one.
                SurvivalOracle.AssertAgrees(surveyor.Finish(9), rows, policy, Now, head, head);
                told++;
            }
            else
            {
                Assert.True(rows.Length - known + earlier.SettledRank >= policy.KeepRecent, "it could have told");
                refused++;
            }
        }

        Assert.True(told > 300 && refused > 0, $"{told} told, {refused} refused");
    }

    private static (Surveyed[] Rows, RetentionPolicy Policy, long Head, long Current) Random(Random random)
    {
        var count = random.Next(1, 30);
        var sequence = 0L;
        var rows = new Surveyed[count];
        for (var i = 0; i < count; i++)
        {
            sequence += random.Next(4) == 0 ? random.Next(1, 4) : 1;
            rows[i] = Row(sequence) with
            {
                Parent = random.Next(3) == 0 ? random.Next((int)sequence) : sequence - 1,
                Size = random.Next(100),
                Trunk = random.Next(6) == 0,
            };
        }

        var policy = new RetentionPolicy
        {
            KeepRecent = random.Next(3) == 0 ? null : random.Next(20),
            KeepTags = random.Next(3) == 0 ? null : ["a"],
            KeepYoungerThan = random.Next(2) == 0 ? null : TimeSpan.FromSeconds(random.Next(60, 110)),
        };
        rows = [.. rows.Select(row => row with { Tagged = policy.KeepTags is not null && random.Next(5) == 0 })];
        return (rows, policy, rows[^1].Sequence, rows[random.Next(count)].Sequence);
    }

    /// <summary>A line of checkpoints, each a second after the sequence before.</summary>
    private static Surveyed[] Rows(params long[] sequences) => [.. sequences.Select(Row)];

    private static Surveyed Row(long sequence) =>
        new(sequence, sequence - 1, 10, 5, HistoryRows.Start.AddSeconds(sequence), Trunk: false, Tagged: false);

    private static CompactionSurvey Survey(
        IReadOnlyList<Surveyed> rows, RetentionPolicy policy, long head, long current, int mostRecent = 1000)
    {
        var surveyor = new Surveyor(policy, Now, new HashSet<long> { head }, new HashSet<long> { current }, mostRecent);
        Add(surveyor, rows);
        return surveyor.Finish(9);
    }

    private static IEnumerable<long> Kept(IReadOnlyList<Surveyed> rows, RetentionPolicy policy, long head, long current) =>
        SurvivalOracle.Kept(Survey(rows, policy, head, current), rows);

    private static void Add(Surveyor surveyor, IReadOnlyList<Surveyed> rising)
    {
        foreach (var row in rising.Reverse())
        {
            surveyor.Add(row);
        }
    }
}
