using Forge.Errors;
using Forge.Grains.Tests.Sessions;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Retention;

public abstract partial class RetentionContract
{
    [Fact]
    public async Task Sweep_ImportOfASessionWhoseTimeIsOver_CountsFromTheImport()
    {
        var session = await ImportLaterAsync(
            new SessionSettings { TimeToLive = TimeSpan.FromHours(5) }, count: 2, TimeSpan.FromDays(40));

        await fixture.SweepAfterAsync(Walk);
        await fixture.SweepAfterAsync(Walk);
        Assert.Equal(2, (await session.GetInfoAsync())!.Count);
        await fixture.SweepAfterAsync(TimeSpan.FromHours(4));
        await fixture.SweepAfterAsync(Walk);

        await Assert.ThrowsAsync<SessionDeletedException>(() => session.GetInfoAsync());
    }

    [Fact]
    public async Task Sweep_ImportThatIsOldAndACreateAfterIt_CountsFromTheCreate()
    {
        var session = await ImportLaterAsync(
            new SessionSettings { TimeToLive = TimeSpan.FromHours(5) }, count: 2, TimeSpan.FromDays(40));
        fixture.Advance(TimeSpan.FromHours(4));
        await session.CreateAsync("later");

        await fixture.SweepAfterAsync(TimeSpan.FromHours(4));
        await fixture.SweepAfterAsync(Walk / 2);

        Assert.Equal(3, (await session.GetInfoAsync())!.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sweep_ForkOfASessionThatIsOld_CountsFromTheFork(bool withHistory)
    {
        var (origin, fork) = (Forge.Session(Make.Id()), Forge.Session(Make.Id()));
        await origin.CreateAsync("1");
        await origin.CreateAsync("2");
        fixture.Advance(TimeSpan.FromDays(40));
        await origin.SetSettingsAsync(new SessionSettings
        {
            TimeToLive = TimeSpan.FromHours(5),
            Retention = new RetentionPolicy { KeepYoungerThan = TimeSpan.FromMinutes(30) },
        });
        await fork.RunAsync(new ForkSession(SessionId.Parse(origin.GetPrimaryKeyString().Split('/')[2]), 2, withHistory));

        await fixture.SweepAfterAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(withHistory ? 2 : 1, (await fork.GetInfoAsync())!.Count);
        await fixture.SweepAfterAsync(TimeSpan.FromMinutes(40));
        Assert.Equal(1, (await fork.GetInfoAsync())!.Count);
        await fixture.SweepAfterAsync(TimeSpan.FromHours(5));
        await fixture.SweepAfterAsync(Walk);

        await Assert.ThrowsAsync<SessionDeletedException>(() => fork.GetInfoAsync());
    }

    [Fact]
    public async Task Compact_ImportedCheckpointsThatAreOld_AreAsYoungAsTheImport()
    {
        var session = await ImportLaterAsync(
            new SessionSettings { Retention = new RetentionPolicy { KeepYoungerThan = TimeSpan.FromMinutes(10) } }, count: 5, TimeSpan.FromDays(40));
        await session.CreateAsync("later");

        Assert.Equal(0, (await session.CompactAsync(null)).Deleted);
        fixture.Advance(TimeSpan.FromMinutes(11));

        Assert.Equal(5, (await session.CompactAsync(null)).Deleted);
    }

    [Fact]
    public async Task Sweep_ImportAfterAnImport_TheFirstOnesGoByTheirOwnAge()
    {
        await fixture.SweepAfterAsync(Walk);
        var (origin, session) = (await StartAsync(new SessionSettings()), Forge.Session(Make.Id()));
        await CreateAsync(5);
        Assert.Equal(5, (await session.ImportAllAsync(await origin.ExportAllAsync())).Imported);
        await session.SetSettingsAsync(new SessionSettings { Retention = new RetentionPolicy { KeepYoungerThan = TimeSpan.FromMinutes(10) } });
        fixture.Advance(TimeSpan.FromMinutes(6));
        await CreateAsync(2);
        Assert.Equal(2, (await session.ImportAllAsync(await origin.ExportAllAsync())).Imported);

        await fixture.SweepAfterAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(7, (await session.GetInfoAsync())!.Count);
        await fixture.SweepAfterAsync(TimeSpan.FromMinutes(4));

        Assert.Equal([6, 7], await SequencesAsync(session));

        async Task CreateAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                await origin.CreateAsync($"{Guid.NewGuid():N}");
            }
        }
    }

    [Fact]
    public async Task Sweep_CreatedEventsOfImportedCheckpointsThatWent_StayAsLongAsThoseOfOthers()
    {
        var session = await ImportLaterAsync(new SessionSettings(), count: 5, TimeSpan.FromDays(40));
        await session.DeleteAsync(1);
        await session.DeleteAsync(2);
        var key = await fixture.KeyAsync(session);

        await fixture.SweepAfterAsync(Walk);
        await fixture.SweepAfterAsync(Walk);
        Assert.Equal(3, await fixture.CountAsync("checkpoints", key));

        // Two that were created, two that were deleted, and the import.
        Assert.Equal(5, await fixture.CountAsync("events", key));
        await fixture.SweepAfterAsync(TimeSpan.FromDays(8));
        await fixture.SweepAfterAsync(Walk);
        Assert.Equal(3, await fixture.CountAsync("events", key));
        Assert.Equal(0, (await session.VerifyOnceAsync()).Invalid);
    }

    /// <summary>A session of checkpoints that share nothing, exported, and imported under another name some time later.</summary>
    private async Task<ISessionGrain> ImportLaterAsync(SessionSettings settings, int count, TimeSpan later)
    {
        var origin = await StartAsync(settings);
        for (var i = 0; i < count; i++)
        {
            await origin.CreateAsync($"{Guid.NewGuid():N}{Guid.NewGuid():N}");
        }

        var document = await origin.ExportAllAsync();
        fixture.Advance(later);
        var session = Forge.Session(Make.Id());
        Assert.Equal(count, (await session.ImportAllAsync(document)).Imported);
        return session;
    }
}
