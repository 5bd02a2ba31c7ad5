using CsCheck;
using Forge.Grains.Sessions;

namespace Forge.Grains.Tests.Sessions;

public sealed class RecentChangesTests
{
    [Fact]
    public void MayBeSince_ChangedInAVersion_IsTrueForReadsBeforeIt()
    {
        var log = new RecentChanges();
        log.Add(5, 10);

        Assert.True(log.MayBeSince(5, 9));
        Assert.False(log.MayBeSince(5, 10));
        Assert.False(log.MayBeSince(6, 0));
    }

    [Fact]
    public void MayBeSince_ManyChanged_IsTrueForAnyAndReadsBeforeIt()
    {
        var log = new RecentChanges();
        log.Add(5, 8);
        log.AddMany(10);
        log.AddMany(9);

        Assert.Equal(10, log.Newest);
        Assert.True(log.MayBeSince(6, 9));
        Assert.False(log.MayBeSince(6, 10));
        Assert.False(log.MayBeSince(5, 10));
    }

    [Fact]
    public void Add_MoreThanItHolds_ForgetsOnTheSafeSide()
    {
        var log = new RecentChanges();
        for (var i = 1; i <= 3000; i++)
        {
            log.Add(i, i);
        }

        Assert.All(Enumerable.Range(1, 3000), i => Assert.True(log.MayBeSince(i, i - 1)));
        Assert.True(log.MayBeSince(9999, 1));
        Assert.False(log.MayBeSince(9999, 3000));
    }

    [Fact]
    public void MayBeSince_AnyChanges_NeverRulesOutOneThatCame()
    {
        // CsCheck prints the seed of a failing case.
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                var (log, went, last, many, version) = (new RecentChanges(), new Dictionary<long, long>(), 0L, 0L, 0L);
                for (var i = 0; i < 1500; i++)
                {
                    version += random.Next(2);
                    if (random.Next(400) == 0)
                    {
                        log.AddMany(many = version);
                    }
                    else
                    {
                        last = random.Next(1, 100_000);
                        log.Add(last, version);
                        went[last] = version;
                    }

                    var (asked, read) = (random.Next(4) == 0 ? random.Next(100_000) : last, version - random.Next(5));
                    var gone = (went.TryGetValue(asked, out var removed) && removed > read) || read < many;
                    var answer = log.MayBeSince(asked, read);
                    Assert.True(answer || !gone, "It ruled out what went.");

                    // While it forgot nothing it is exact.
                    Assert.True(i >= 1024 || answer == gone, "It did not rule out what is there.");
                }
            },
            iter: 200);
    }
}
