using Forge.Grains.Tests.History.Retention;
using Forge.History.Changes;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.Sessions;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task Survey_KeepRecent_KeepsTheNewestVisible()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 9));
        await session.CommitAsync(c => c with { Changes = [new Removed(7), new RangeRemoved(new SequenceRange(1, 2))] });

        var survey = await SurveyAsync(session, new RetentionPolicy { KeepRecent = 3 });

        Assert.Equal(9, survey.LastSequence);
        Assert.Equal(6, survey.Visible.Count);
        Assert.Equal(
            [
                (9L, SurvivalReasons.Recent | SurvivalReasons.Tip | SurvivalReasons.Head | SurvivalReasons.Current),
                (8L, SurvivalReasons.Recent),
                (6L, SurvivalReasons.Recent | SurvivalReasons.Tip),
            ],
            survey.Placed.Select(s => (s.Sequence, s.Reasons)));
        Assert.Equal([new(3, 5)], survey.Removals);
        Assert.Empty(survey.Trunks);
    }

    [Fact]
    public async Task Survey_KeepNothingRecent_KeepsHeadCurrentAndTipsAlone()
    {
        // 1 - 2 - 3 - 4 - 7 (head), 2 - 5 - 6 (a branch), current is 3.
        var session = Session("s");
        var rows = HistoryRows.Checkpoints(1, 7);
        rows[4] = rows[4] with { Parent = 2 };
        rows[6] = rows[6] with { Parent = 4 };
        await session.CreateAsync(rows);
        await session.CommitAsync(c => c with { Head = c.Head with { Current = 3 } });

        var survey = await SurveyAsync(session, new RetentionPolicy { KeepRecent = 0 });

        Assert.Equal(
            [(7L, SurvivalReasons.Tip | SurvivalReasons.Head), (6L, SurvivalReasons.Tip), (3L, SurvivalReasons.Current)],
            survey.Placed.Select(s => (s.Sequence, s.Reasons)));
        Assert.Equal([4, 5, 2], survey.Placed.Select(s => s.Parent));
        Assert.Equal([new(3, 3)], survey.Trunks);
    }

    [Fact]
    public async Task Survey_TrunkWithoutChildren_IsNoTip()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1, "keep"), HistoryRows.Checkpoint(2), HistoryRows.Checkpoint(3));
        await session.CommitAsync(c => c with { Changes = [new TrunksMarked(new SequenceRange(1, 1)), new RangeRemoved(new SequenceRange(2, 2))] });

        var tagged = await SurveyAsync(session, new RetentionPolicy { KeepTags = ["keep"] });
        var none = await SurveyAsync(session, new RetentionPolicy { KeepRecent = 0 });

        Assert.Empty(tagged.Removals);
        Assert.Equal([3], tagged.Placed.Select(s => s.Sequence));
        Assert.Equal([3], none.Placed.Select(s => s.Sequence));
        Assert.Equal([new(1, 1)], none.Removals);
    }

    [Fact]
    public async Task Survey_KeepYoungerThan_TakesTheAgeExactly()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 5));
        var now = HistoryRows.Start.AddSeconds(10);

        var exact = await SurveyAsync(session, new RetentionPolicy { KeepYoungerThan = TimeSpan.FromSeconds(7) }, now);
        var more = await SurveyAsync(
            session, new RetentionPolicy { KeepYoungerThan = TimeSpan.FromSeconds(7) + TimeSpan.FromMicroseconds(1) }, now);

        Assert.Equal([new(1, 3)], exact.Removals);
        Assert.Equal([new(1, 2)], more.Removals);
        Assert.Equal((3, HistoryRows.Start.AddSeconds(3)), (more.Settled.Count, more.Ageing));
    }

    [Fact]
    public async Task Survey_GreatestAge_KeepsAll()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 3));

        var survey = await SurveyAsync(session, new RetentionPolicy { KeepYoungerThan = TimeSpan.MaxValue });

        Assert.Empty(survey.Removals);
        Assert.Equal(3, survey.Settled.Count);
    }

    [Fact]
    public async Task Survey_Sizes_AreThoseOfTheVisible()
    {
        var session = Session("s");
        var rows = HistoryRows.Checkpoints(1, 3).Select(r => r with { Size = 1_500_000_000 + (int)r.Sequence }).ToArray();
        await session.CreateAsync(rows);
        await session.CommitAsync(c => c with { Changes = [new Removed(1)] });

        var survey = await SurveyAsync(session, new RetentionPolicy { KeepRecent = 9 });

        Assert.Equal(new(2, 3_000_000_005, rows[1].StoredSize + rows[2].StoredSize + (2 * SealBytes)), survey.Visible);
        Assert.Equal(
            [(rows[2].Size, rows[2].StoredSize + SealBytes), (rows[1].Size, rows[1].StoredSize + SealBytes)],
            survey.Placed.Select(s => (s.Size, s.StoredSize)));
    }

    [Fact]
    public async Task Survey_EmptyOrMissingSession_IsEmpty()
    {
        var session = Session("s");
        await session.CommitAsync(c => c);

        foreach (var address in new[] { session.Address, HistoryRows.Address("none") })
        {
            var survey = (await Store.Reads.SurveyAsync(address, new RetentionPolicy { KeepRecent = 1 }, HistoryRows.Start, Cancel)).Value;
            Assert.Equal((0, default, default), (survey.LastSequence, survey.Visible, survey.Kept));
        }
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    [InlineData(24)]
    public async Task Survey_RandomTreesAndPolicies_AgreeWithTheModel(int seed)
    {
        var random = new Random(seed);
        string[] tags = ["a", "b", "c"];
        var session = Session("s");
        var noise = Session("noise");
        var rows = Enumerable.Range(1, 50).Select(i => HistoryRows.Checkpoint(i, [.. tags.Where(_ => random.Next(5) == 0)]) with
        {
            Parent = random.Next(3) == 0 ? random.Next(i) : i - 1,
            Trunk = random.Next(6) == 0,
            CreatedAt = HistoryRows.Start.AddMicroseconds(i / 3),
            Size = random.Next(1000),
        }).ToArray();
        await session.CreateAsync(rows);
        await noise.CreateAsync(rows);
        var deleted = rows.Select(r => r.Sequence).Where(_ => random.Next(9) == 0).ToList();
        var removed = Enumerable.Range(0, 3).Select(_ => random.Next(1, 48)).Select(first => new SequenceRange(first, first + random.Next(3))).ToList();
        var visible = rows
            .Where(r => !deleted.Contains(r.Sequence) && !removed.Any(x => r.Sequence >= x.First && r.Sequence <= x.Last)).ToList();
        var (head, current) = (visible[^1].Sequence, visible[random.Next(visible.Count)].Sequence);
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { Head = head, Current = current },
            Changes = [.. deleted.Select(x => new Removed(x)), .. removed.Select(x => new RangeRemoved(x))],
        });

        for (var i = 0; i < 60; i++)
        {
            var policy = new RetentionPolicy
            {
                KeepRecent = random.Next(3) == 0 ? null : random.Next(60),
                KeepTags = random.Next(2) == 0 ? random.Next(3) == 0 ? [] : null : [.. tags.Where(_ => random.Next(2) == 0), "nobody's"],
                KeepYoungerThan = random.Next(2) == 0 ? null : TimeSpan.FromMicroseconds(random.Next(1, 25)),
            };
            var now = HistoryRows.Start.AddMicroseconds(random.Next(10, 30));
            Surveyed[] wanted =
            [
                .. visible.Select(r => new Surveyed(
                    r.Sequence, r.Parent, r.Size, r.StoredSize + SealBytes, r.CreatedAt, r.Trunk, policy.KeepTags?.Any(r.Tags.Contains) == true)),
            ];

            SurvivalOracle.AssertAgrees(await SurveyAsync(session, policy, now), wanted, policy, now, head, current);
        }
    }

    private async Task<CompactionSurvey> SurveyAsync(SessionScript session, RetentionPolicy policy, DateTimeOffset? now = null) =>
        (await Store.Reads.SurveyAsync(session.Address, policy, now ?? HistoryRows.Start.AddDays(1), Cancel)).Value;
}
