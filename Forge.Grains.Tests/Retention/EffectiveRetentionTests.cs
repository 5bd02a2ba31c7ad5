using Forge.Grains.Hosting;
using Forge.Grains.Retention;
using Forge.Sessions;
using Forge.Tenants;

namespace Forge.Grains.Tests.Retention;

public sealed class EffectiveRetentionTests
{
    private static readonly DateTimeOffset Created = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_EachCombination_TakesEachSettingFromTheNearestThatHasIt()
    {
        var (session, tenant, silo) = (Policy(1), Policy(2), Policy(3));
        for (var bits = 0; bits < 64; bits++)
        {
            bool Has(int bit) => (bits & (1 << bit)) != 0;

            var effective = EffectiveRetention.Of(
                new SessionSettings { Retention = Has(0) ? session : null, TimeToLive = Has(1) ? TimeSpan.FromDays(1) : null },
                new TenantSettings { Retention = Has(2) ? tenant : null, TimeToLive = Has(3) ? TimeSpan.FromDays(2) : null },
                new RetentionOptions { Policy = Has(4) ? silo : null, TimeToLive = Has(5) ? TimeSpan.FromDays(3) : null });

            Assert.Same(Has(0) ? session : Has(2) ? tenant : Has(4) ? silo : null, effective.Policy);
            Assert.Equal(Has(1) ? 1 : Has(3) ? 2 : Has(5) ? 3 : null, effective.TimeToLive?.Days);
            Assert.Equal(bits == 0, effective.IsNothing);
        }
    }

    [Theory]
    [InlineData(5, 5, false)]
    [InlineData(5, 6, true)]
    [InlineData(0, 0, false)]
    [InlineData(0, 1, false)]
    [InlineData(0, 2, true)]
    [InlineData(1, 2, true)]
    [InlineData(int.MaxValue, int.MaxValue, false)]
    [InlineData(int.MaxValue, (long)int.MaxValue + 1, true)]
    [InlineData(null, 0, false)]
    [InlineData(null, 1, false)]
    [InlineData(null, 2, true)]
    public void MayRemove_KeepRecent_NotWhileAllAreAmongTheNewest(int? keepRecent, long count, bool may) => Assert.Equal(
        may, new EffectiveRetention(new RetentionPolicy { KeepRecent = keepRecent, KeepTags = ["a"] }, null).MayRemove(count));

    [Fact]
    public void MayRemove_NoPolicy_Never() => Assert.False(new EffectiveRetention(null, TimeSpan.FromDays(1)).MayRemove(long.MaxValue));

    [Fact]
    public void ExpiresAt_CountsFromTheNewestCreateElseTheSessions()
    {
        var effective = new EffectiveRetention(null, TimeSpan.FromDays(2));

        Assert.Equal(Created.AddDays(2), effective.ExpiresAt(Created, null, null));
        Assert.Equal(Created.AddDays(5), effective.ExpiresAt(Created, Created.AddDays(3), Created));
        Assert.Equal(Created.AddDays(9), effective.ExpiresAt(Created, Created.AddDays(3), Created.AddDays(7)));
        Assert.Null(new EffectiveRetention(Policy(1), null).ExpiresAt(Created, Created, Created));
    }

    private static RetentionPolicy Policy(int keepRecent) => new() { KeepRecent = keepRecent };
}
