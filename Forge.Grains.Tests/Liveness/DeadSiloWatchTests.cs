using System.Net;
using System.Net.Sockets;
using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.Grains.Liveness;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace Forge.Grains.Tests.Liveness;

public sealed class DeadSiloWatchTests
{
    private static readonly SiloAddress Self = SiloAddress.New(IPAddress.Loopback, 1, 1);

    private readonly Membership _membership = new();
    private readonly MovedTime _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(0.8, 1.6)]
    public async Task Look_SiloWithoutSessionAndListener_IsDeclaredDeadIfThatHasLastedForASecondAndTwoIntervals(
        double interval, double seconds)
    {
        await using var lost = await LoseAsync(TimeSpan.FromSeconds(interval));
        await MustBeDeclaredDeadAfterAsync(lost, TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task Look_OwnSessionHasNotLastedForTwoSeconds_DeclaresNobodyDead()
    {
        await using var lost = await LoseAsync();
        await lost.Database.EndSessionAsync(Self);

        await Assert.ThrowsAsync<UnavailableException>(() => lost.Watch.LookAsync(Cancel));
        await MustBeDeclaredDeadAfterAsync(lost, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Look_LookThatFailedInBetween_CountsFromTheNextOne()
    {
        await using var lost = await LoseAsync();

        Assert.True(await lost.Watch.LookAsync(Cancel));
        _time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lost.Watch.LookAsync(new CancellationToken(canceled: true)));
        Assert.Equal(TimeSpan.FromSeconds(3), lost.Presence.PresentFor);
        await MustBeDeclaredDeadAfterAsync(lost, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Look_SiloThatLostItsSessionAndStillListens_IsLeftAlone()
    {
        await using var database = await ClusterDatabase.CreateAsync();
        using var listener = Listen(backlog: 100);
        await database.AddLostAsync(SiloAddress.New((IPEndPoint)listener.LocalEndpoint, 7));
        await MustBeLeftAloneAsync(database);
    }

    [Fact]
    public async Task Look_SiloWithASessionAndNoListener_IsLeftAlone()
    {
        await using var database = await ClusterDatabase.CreateAsync();
        using var port = PortReservation.Take(IPAddress.Loopback);
        var silo = SiloAddress.New(IPAddress.Loopback, port.Port, 7);
        await database.AddAsync(SiloStatus.Active, silo);
        await using var other = database.Presence(silo);
        await other.FindAbsentAsync(Cancel);
        await MustBeLeftAloneAsync(database);
    }

    [Fact]
    public async Task Look_SiloThatNeverHadASessionAndNoListener_IsLeftAlone()
    {
        await using var database = await ClusterDatabase.CreateAsync();
        using var port = PortReservation.Take(IPAddress.Loopback);
        await database.AddAsync(SiloStatus.Active, SiloAddress.New(IPAddress.Loopback, port.Port, 7));
        await MustBeLeftAloneAsync(database);
    }

    [Fact]
    public async Task Look_AbsentSiloThatDoesNotAnswer_IsDeclaredDeadIfThatHasLastedForASecond()
    {
        await using var database = await ClusterDatabase.CreateAsync();
        using var listener = Listen();
        var full = await FillAsync(listener);
        var silo = SiloAddress.New((IPEndPoint)listener.LocalEndpoint, 7);
        await database.AddLostAsync(silo);
        await using var presence = await SettleAsync(database);
        var watch = Watch(presence);

        Assert.True(await watch.LookAsync(Cancel));
        Assert.True(await watch.LookAsync(Cancel));
        Assert.Empty(_membership.Killed);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await watch.LookAsync(Cancel));
        Assert.Equal([silo], _membership.Killed);
        await full.CancelAsync();
        full.Dispose();
    }

    /// <summary>A presence that has lasted for two seconds.</summary>
    private async Task<SiloPresence> SettleAsync(ClusterDatabase database)
    {
        var presence = database.Presence(Self, _time);
        await presence.FindAbsentAsync(Cancel);
        _time.Advance(TimeSpan.FromSeconds(2));
        return presence;
    }

    /// <summary>A silo that has no session and no listener, and a watch whose own session has lasted for two seconds.</summary>
    private async Task<LostSilo> LoseAsync(TimeSpan? interval = null)
    {
        var database = await ClusterDatabase.CreateAsync();
        var port = PortReservation.Take(IPAddress.Loopback);
        var silo = SiloAddress.New(IPAddress.Loopback, port.Port, 7);
        await database.AddLostAsync(silo);
        var presence = await SettleAsync(database);
        return new(database, port, silo, presence, Watch(presence, interval));
    }

    private async Task MustBeDeclaredDeadAfterAsync(LostSilo lost, TimeSpan time)
    {
        Assert.True(await lost.Watch.LookAsync(Cancel));
        _time.Advance(time - TimeSpan.FromMilliseconds(1));
        Assert.True(await lost.Watch.LookAsync(Cancel));
        Assert.Empty(_membership.Killed);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await lost.Watch.LookAsync(Cancel));

        Assert.Equal([lost.Silo], _membership.Killed);
    }

    private async Task MustBeLeftAloneAsync(ClusterDatabase database)
    {
        await using var presence = await SettleAsync(database);
        var watch = Watch(presence);
        for (var look = 0; look < 3; look++)
        {
            Assert.False(await watch.LookAsync(Cancel));
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Empty(_membership.Killed);
    }

    private static TcpListener Listen(int backlog = 1)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(backlog);
        return listener;
    }

    /// <summary>Fills the queue of a listener that accepts nobody, until a call is not answered.</summary>
    private static async Task<CancellationTokenSource> FillAsync(TcpListener listener)
    {
        var hangUp = new CancellationTokenSource();
        var calls = Enumerable.Range(0, 8).Select(async _ =>
        {
            var caller = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            hangUp.Token.Register(caller.Dispose);
            await caller.ConnectAsync(listener.LocalEndpoint, hangUp.Token);
        });
        await Task.WhenAny(calls.ToList());
        return hangUp;
    }

    private DeadSiloWatch Watch(SiloPresence presence, TimeSpan? interval = null)
    {
        var options = new LivenessOptions { ConnectTimeout = TimeSpan.FromMilliseconds(100) };
        options.Interval = interval ?? options.Interval;
        return new(presence, _membership, Options.Create(options), _time, NullLogger<DeadSiloWatch>.Instance);
    }

    private sealed record LostSilo(
        ClusterDatabase Database, PortReservation Port, SiloAddress Silo, SiloPresence Presence, DeadSiloWatch Watch) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Watch.Dispose();
            await Presence.DisposeAsync();
            Port.Dispose();
            await Database.DisposeAsync();
        }
    }

    /// <summary>A clock that is moved by the test alone, with timers that go off by themselves.</summary>
    private sealed class MovedTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan by) => _now += by.Ticks;
    }

    private sealed class Membership : IClusterMembershipService
    {
        public List<SiloAddress> Killed { get; } = [];

        public ClusterMembershipSnapshot CurrentSnapshot => throw new NotSupportedException("A watch asks for deaths alone.");

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException("A watch asks for deaths alone.");

        public ValueTask Refresh(MembershipVersion minimumVersion, CancellationToken cancellationToken) =>
            throw new NotSupportedException("A watch asks for deaths alone.");

        public Task<bool> TryKill(SiloAddress siloAddress)
        {
            Killed.Add(siloAddress);
            return Task.FromResult(true);
        }
    }
}
