using System.Net;
using Forge.Errors;
using Forge.Grains.Liveness;
using Forge.Grains.OrleansStorage;
using Forge.Grains.Tests.PostgreSql;
using Orleans.Runtime;

namespace Forge.Grains.Tests.Liveness;

public sealed class SiloPresenceTests
{
    private static readonly SiloAddress One = Silo(1);
    private static readonly SiloAddress Two = Silo(2);
    private static readonly SiloAddress Three = Silo(3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FindAbsent_SilosThatArePresentDeadOrItself_AreNotFound()
    {
        await using var database = await ClusterDatabase.CreateAsync();
        await database.AddAsync(SiloStatus.Active, One, Two);
        await database.AddAsync(SiloStatus.Dead, Three);
        await using var one = database.Presence(One);
        await using var two = database.Presence(Two);
        await two.FindAbsentAsync(Cancel);

        Assert.Empty(await one.FindAbsentAsync(Cancel));
        Assert.Empty(await two.FindAbsentAsync(Cancel));
    }

    [Theory]
    [InlineData(SiloStatus.Joining)]
    [InlineData(SiloStatus.Active)]
    [InlineData(SiloStatus.ShuttingDown)]
    [InlineData(SiloStatus.Stopping)]
    public async Task FindAbsent_SiloWhoseConnectionEnded_IsFoundByAllOthers(SiloStatus status)
    {
        await using var database = await ClusterDatabase.CreateAsync();
        await database.AddAsync(status, Two);
        await using var one = database.Presence(One);
        await using var three = database.Presence(Three);
        var two = database.Presence(Two);
        await two.FindAbsentAsync(Cancel);
        Assert.Empty(await one.FindAbsentAsync(Cancel));

        await database.EndSessionAsync(Two);

        Assert.Equal([Two], await one.FindAbsentAsync(Cancel));
        Assert.Equal([Two], await three.FindAbsentAsync(Cancel));
        Assert.Equal([Two], await one.FindAbsentAsync(Cancel));
        await two.DisposeAsync();
    }

    [Fact]
    public async Task FindAbsent_LaterSiloAtTheSameEndpoint_DoesNotStandInForTheOneOfBefore()
    {
        await using var database = await ClusterDatabase.CreateAsync();
        var later = SiloAddress.New(Two.Endpoint, Two.Generation + 1);
        await database.AddLostAsync(Two);
        await database.AddAsync(SiloStatus.Active, later);
        await using var one = database.Presence(One);
        await using var two = database.Presence(later);

        // Itself leaves the one of before to Orleans.
        Assert.Empty(await two.FindAbsentAsync(Cancel));
        Assert.Equal([Two], await one.FindAbsentAsync(Cancel));
    }

    [Fact]
    public async Task FindAbsent_SiloThatHasNotBeenPresentSinceItJoined_IsNotFound()
    {
        await using var database = await ClusterDatabase.CreateAsync();
        await database.AddAsync(SiloStatus.Active, Two);
        await using var one = database.Presence(One);

        Assert.Empty(await one.FindAbsentAsync(Cancel));
        await database.AddAsync(SiloStatus.Joining, One);
        Assert.False(one.IsNoted);
        Assert.Empty(await one.FindAbsentAsync(Cancel));
        Assert.True(one.IsNoted);
    }

    [Fact]
    public async Task FindAbsent_TableOfAnEarlierVersion_IsBroughtUpToDateAndItsSilosAreNotFound()
    {
        await using var database = await ClusterDatabase.CreateAsync();
        await PostgreSqlServer.ExecuteAsync(database.ConnectionString, "ALTER TABLE orleansmembershiptable DROP COLUMN haspresence");
        await database.AddAsync(SiloStatus.Active, Two);

        await OrleansSchema.EnsurePostgreSqlAsync(database.ConnectionString, Cancel);

        await using var one = database.Presence(One);
        Assert.Empty(await one.FindAbsentAsync(Cancel));
    }

    [Fact]
    public async Task FindAbsent_OwnConnectionEnded_IsPresentAgainByTheNextLook()
    {
        await using var database = await ClusterDatabase.CreateAsync();
        await database.AddAsync(SiloStatus.Active, One, Two);
        await using var one = database.Presence(One);
        await using var two = database.Presence(Two);
        await one.FindAbsentAsync(Cancel);
        await two.FindAbsentAsync(Cancel);
        await database.EndSessionAsync(Two);

        await Assert.ThrowsAsync<UnavailableException>(() => two.FindAbsentAsync(Cancel));
        Assert.Equal([Two], await one.FindAbsentAsync(Cancel));
        Assert.Empty(await two.FindAbsentAsync(Cancel));
        Assert.Empty(await one.FindAbsentAsync(Cancel));
    }

    [Fact]
    public async Task FindAbsent_NoDatabase_IsUnavailableAndRecovers()
    {
        await using var server = PostgreSqlServer.StartPrivate();
        var connectionString = await server.CreateDatabaseAsync();
        await OrleansSchema.EnsurePostgreSqlAsync(connectionString, Cancel);
        await using var one = new SiloPresence(connectionString, "c", One, TimeProvider.System);
        await one.FindAbsentAsync(Cancel);

        server.Kill();
        await Assert.ThrowsAsync<UnavailableException>(() => one.FindAbsentAsync(Cancel));
        await Assert.ThrowsAsync<UnavailableException>(() => one.FindAbsentAsync(Cancel));
        server.Start();

        Assert.Empty(await one.FindAbsentAsync(Cancel));
    }

    private static SiloAddress Silo(int number) => SiloAddress.New(IPAddress.Parse($"127.0.0.{number}"), 1000 + number, 77 + number);
}
