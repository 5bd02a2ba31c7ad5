using Forge.History.Retention;
using Forge.History.Rows;
using Forge.Sessions;

namespace Forge.Grains.Tests.History.Retention;

/// <summary>What stays for being required.</summary>
public sealed class SurveyorRequiredTests
{
    private static readonly DateTimeOffset Now = HistoryRows.Start.AddSeconds(100);

    [Fact]
    public void Finish_RequiredByOneThatGoes_Goes()
    {
        var rows = Rows(6);
        rows[4] = rows[4] with { Requires = "2" };

        Assert.Equal([6], Kept(Survey(rows, new() { KeepRecent = 1 }), rows));
    }

    [Fact]
    public void Finish_RequiredByTheHead_StaysWithAllThatItRequiresAndIsATrunk()
    {
        var rows = Rows(9);
        rows[8] = rows[8] with { Requires = "3,5" };
        rows[4] = rows[4] with { Requires = "1,3" };
        rows[6] = rows[6] with { Requires = "2" };

        var survey = Survey(rows, new() { KeepRecent = 1 });

        Assert.Equal([1, 3, 5, 9], Kept(survey, rows));
        Assert.Equal([new(1, 5)], survey.Trunks);
        Assert.Equal((3, 1), (survey.Settled.Count, survey.Placed.Count));
    }

    [Fact]
    public void Finish_RequiredAndYoung_DoesNotAge()
    {
        var rows = Rows(3);
        rows[2] = rows[2] with { Requires = "2" };
        var survey = Survey(rows, new() { KeepYoungerThan = TimeSpan.FromSeconds(98.5) });

        Assert.Equal([2, 3], Kept(survey, rows));
        Assert.Equal(HistoryRows.Start.AddSeconds(3), survey.Ageing);
    }

    [Fact]
    public void TryAdd_ACreateRequiresWhatStays_FitsAndKeepsIt()
    {
        var rows = Rows(8);
        rows[7] = rows[7] with { Requires = "5" };
        var earlier = Survey(rows[..5], new() { KeepRecent = 1 });
        var surveyor = New(new() { KeepRecent = 1 }, 8);
        Add(surveyor, rows[5..]);

        Assert.True(surveyor.TryAdd(earlier));

        Assert.Equal([5, 8], Kept(surveyor.Finish(8), rows));
    }

    [Fact]
    public void TryAdd_ACreateRequiresWhatGoes_HasToBeMadeAnew()
    {
        var rows = Rows(8);
        rows[7] = rows[7] with { Requires = "3" };
        var surveyor = New(new() { KeepRecent = 1 }, 8);
        Add(surveyor, rows[5..]);

        Assert.False(surveyor.TryAdd(Survey(rows[..5], new() { KeepRecent = 1 })));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Finish_RandomRequirements_AgreesWithTheClosure(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 300; i++)
        {
            var (rows, policy) = Random(random);
            var survey = Survey(rows, policy, random.Next(1, 20));
            Assert.Equal(Closure(rows, policy), Kept(survey, rows));
            Assert.Equal(survey.Kept.Count, Kept(survey, rows).Count());
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void TryAdd_RandomRequirements_KeepsAllThatMustStayAndNoMoreThanWasRequired(int seed)
    {
        var (random, told, refused) = (new Random(seed), 0, 0);
        for (var i = 0; i < 500; i++)
        {
            var (rows, policy) = Random(random);
            var (known, most) = (random.Next(1, rows.Length + 1), random.Next(1, 20));
            var earlier = Survey(rows[..known], policy, most);
            var surveyor = New(policy, rows[^1].Sequence, most);
            Add(surveyor, rows[known..]);
            if (!surveyor.TryAdd(earlier))
            {
                refused++;
                continue;
            }

            told++;
            var (survey, must) = (surveyor.Finish(rows[^1].Sequence), Closure(rows, policy).ToHashSet());
            var kept = Kept(survey, rows).ToHashSet();
            Assert.True(must.IsSubsetOf(kept), $"{string.Join(',', must.Except(kept))} goes");
            var required = rows.SelectMany(row => RequiredText.Read(row.Requires)).ToHashSet();
            Assert.All(kept.Except(must), sequence => Assert.Contains(sequence, required));
            Assert.All(rows.Where(row => kept.Contains(row.Sequence)), row => Assert.Subset(kept, RequiredText.Read(row.Requires).ToHashSet()));
            Assert.Equal(survey.Kept.Count, kept.Count);
        }

        Assert.True(told > 100 && refused > 20, $"{told} told, {refused} refused");
    }

    private static (Surveyed[] Rows, RetentionPolicy Policy) Random(Random random)
    {
        var rows = Rows(random.Next(1, 30));
        for (var i = 1; i < rows.Length; i++)
        {
            rows[i] = rows[i] with
            {
                Parent = random.Next(3) == 0 ? random.Next(i + 1) : i,
                Tagged = random.Next(10) == 0,
                Requires = random.Next(3) > 0 ? null : RequiredText.Of(Enumerable.Range(0, random.Next(1, 4)).Select(_ => (long)random.Next(1, i + 1))),
            };
        }

        return (rows, new RetentionPolicy
        {
            KeepRecent = random.Next(6),
            KeepTags = ["a"],
            KeepYoungerThan = random.Next(3) > 0 ? null : TimeSpan.FromSeconds(random.Next(70, 105)),
        });
    }

    /// <summary>What has to stay, by looking at all until nothing more is found.</summary>
    private static IEnumerable<long> Closure(Surveyed[] rows, RetentionPolicy policy)
    {
        var kept = rows.Where((row, i) =>
            i >= rows.Length - policy.KeepRecent || row.Tagged || (policy.KeepYoungerThan is { } age && Now - row.AgeFrom < age)
            || Array.TrueForAll(rows, other => other.Parent != row.Sequence) || i == rows.Length - 1).Select(row => row.Sequence).ToHashSet();
        for (var before = -1; before != kept.Count;)
        {
            before = kept.Count;
            kept.UnionWith(rows.Where(row => kept.Contains(row.Sequence)).SelectMany(row => RequiredText.Read(row.Requires)));
        }

        return kept.Order();
    }

    private static Surveyed[] Rows(int count) => [.. Enumerable.Range(1, count).Select(i =>
        new Surveyed(i, i - 1, 10, 5, HistoryRows.Start.AddSeconds(i), Trunk: false, Tagged: false))];

    private static Surveyor New(RetentionPolicy policy, long head, int mostRecent = 1000) =>
        new(policy, Now, new HashSet<long> { head }, new HashSet<long> { head }, mostRecent);

    private static CompactionSurvey Survey(Surveyed[] rows, RetentionPolicy policy, int mostRecent = 1000)
    {
        var surveyor = New(policy, rows[^1].Sequence, mostRecent);
        Add(surveyor, rows);
        return surveyor.Finish(rows[^1].Sequence);
    }

    private static IEnumerable<long> Kept(CompactionSurvey survey, Surveyed[] rows) => SurvivalOracle.Kept(survey, rows);

    private static void Add(Surveyor surveyor, Surveyed[] rising)
    {
        foreach (var row in rising.Reverse())
        {
            surveyor.Add(row);
        }
    }
}
