using Forge.Grains.Compaction;
using Forge.Grains.Sessions;
using Forge.Sessions;

namespace Forge.Grains.Tests.Retention;

public sealed class NextRemovalTests
{
    private static readonly DateTimeOffset Oldest = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Now = Oldest.AddDays(1);

    [Fact]
    public void After_FewStay_IsTheNextCreateOrTheNextThatIsTooOld()
    {
        var next = NextRemoval.After(new RetentionPolicy { KeepYoungerThan = TimeSpan.FromDays(30) }, Plan(10_000, hasPlaced: true), Now);

        Assert.Equal(new(Oldest.AddDays(30), 50_001), next);
    }

    [Fact]
    public void After_ManyStay_IsWhenAShareOfThemMayGo()
    {
        var days = NextRemoval.After(new RetentionPolicy { KeepYoungerThan = TimeSpan.FromDays(30) }, Plan(160_000, hasPlaced: true), Now);
        var hours = NextRemoval.After(new RetentionPolicy { KeepYoungerThan = TimeSpan.FromHours(16) }, Plan(160_000, hasPlaced: true), Now);

        Assert.Equal(new(Oldest.AddDays(31), 60_000), days);
        Assert.Equal(new(Oldest.AddHours(17), 60_000), hours);
    }

    [Fact]
    public void After_AllThatStayAreYoungOrTagged_IsNoCreate()
    {
        var next = NextRemoval.After(
            new RetentionPolicy { KeepRecent = 5, KeepYoungerThan = TimeSpan.FromHours(1) }, Plan(100, hasPlaced: false), Now);

        Assert.Equal(new(Oldest.AddHours(1), long.MaxValue), next);
    }

    [Fact]
    public void After_PolicyWithoutAnAge_IsNoTime()
    {
        var next = NextRemoval.After(new RetentionPolicy { KeepTags = ["a"] }, Plan(100, hasPlaced: false), Now);

        Assert.Equal(new(DateTimeOffset.MaxValue, 50_001), next);
    }

    [Fact]
    public void After_NothingStaysForItsAge_IsWhenWhatComesNowIsTooOld()
    {
        var plan = Plan(100, hasPlaced: false) with { Ageing = null };

        var next = NextRemoval.After(new RetentionPolicy { KeepYoungerThan = TimeSpan.FromHours(1), KeepTags = ["a"] }, plan, Now);

        Assert.Equal(new(Now.AddHours(1), long.MaxValue), next);
    }

    private static SessionEngine.CompactionPlan Plan(long kept, bool hasPlaced) =>
        new(new CompactResult(0, kept, 0), [], [], 0) { LastSequence = 50_000, Ageing = Oldest, HasPlaced = hasPlaced };
}
