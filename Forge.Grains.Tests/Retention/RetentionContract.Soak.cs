using Forge.Checkpoints;
using Forge.Grains.Tests.Sessions;
using Forge.Sessions;

namespace Forge.Grains.Tests.Retention;

public abstract partial class RetentionContract
{
    private const int Keep = 50;

    [Fact]
    public async Task Sweep_ContinuousCreatesAndKeepNewest_RowsAndBytesLevelOff()
    {
        var session = await StartAsync(new SessionSettings { Retention = new RetentionPolicy { KeepRecent = Keep } });
        var key = await fixture.KeyAsync(session);
        for (var round = 1; round <= 20; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(i => session.CreateAsync(Make.Checkpoint($"{round}/{i}") with
            {
                State = new byte[2000],
            })));
            await fixture.SweepAfterAsync(RetentionFixture.Interval * 2);

            var info = (await session.GetInfoAsync())!;
            Assert.Equal((Keep, Keep * 2000L, round * 100), (info.Count, info.Bytes, info.LastSequence));

            // Rows that others stand on stay with their group, of which there are at most two at work.
            Assert.InRange(await fixture.CountAsync("checkpoints", key), Keep, Keep + 128);
            Assert.Equal(0, await fixture.CountAsync("removed_ranges", key));
        }

        Assert.Equal(Enumerable.Range(1951, 50).Select(i => (long)i), await SequencesAsync(session));
    }

    [Fact]
    public async Task Sweep_BesideCreates_LosesNone()
    {
        var session = await StartAsync(new SessionSettings { Retention = new RetentionPolicy { KeepRecent = Keep } });
        var acknowledged = new List<CheckpointSummary>();
        var writers = Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var i = 0; i < 60; i++)
            {
                var made = await session.CreateAsync($"{writer}/{i}");
                lock (acknowledged)
                {
                    acknowledged.Add(made);
                }
            }
        }).ToArray();
        while (!writers.All(w => w.IsCompleted))
        {
            await fixture.SweepAfterAsync(RetentionFixture.Interval);
            var seen = await session.AllAsync();
            Assert.Equal(Enumerable.Range(0, seen.Count).Select(i => seen[0].Sequence + i), seen.Select(c => c.Sequence));
        }

        await Task.WhenAll(writers);
        await fixture.SweepAfterAsync(RetentionFixture.Interval * 2);

        Assert.Equal(Enumerable.Range(1, 480).Select(i => (long)i), acknowledged.Select(c => c.Sequence).Order());
        var left = await session.AllAsync();
        Assert.Equal(Enumerable.Range(431, Keep).Select(i => (long)i), left.Select(c => c.Sequence));
        foreach (var one in left)
        {
            var made = acknowledged.Single(c => c.Sequence == one.Sequence);
            Assert.Equivalent(made with { KeptParent = one == left[0] ? null : made.Parent }, one, strict: true);
            Assert.Equal(Make.State(made.Message), (await session.GetAsync(one.Sequence))!.State.ToArray());
        }
    }
}
