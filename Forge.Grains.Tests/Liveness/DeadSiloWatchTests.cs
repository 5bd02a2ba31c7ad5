using System.Net;
using System.Net.Sockets;
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

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Look_SiloWithoutSessionAndListener_IsDeclaredDeadAtOnce()
    {
        await using var database = await ClusterDatabase.CreateAsync();
        using var port = PortReservation.Take(IPAddress.Loopback);
        var silo = SiloAddress.New(IPAddress.Loopback, port.Port, 7);
        await database.AddAsync(SiloStatus.Active, silo);
        await using var presence = database.Presence(Self);

        Assert.True(await Watch(presence).LookAsync(Cancel));

        Assert.Equal([silo], _membership.Killed);
    }

    [Fact]
    public async Task Look_SiloThatLostItsSessionAndStillListens_IsLeftAlone()
    {
        await using var database = await ClusterDatabase.CreateAsync();
        using var listener = Listen();
        var silo = SiloAddress.New((IPEndPoint)listener.LocalEndpoint, 7);
        await database.AddAsync(SiloStatus.Active, silo);
        await using var presence = database.Presence(Self);
        var watch = Watch(presence);

        Assert.False(await watch.LookAsync(Cancel));
        Assert.False(await watch.LookAsync(Cancel));

        Assert.Empty(_membership.Killed);
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
        await using var presence = database.Presence(Self);

        Assert.False(await Watch(presence).LookAsync(Cancel));

        Assert.Empty(_membership.Killed);
    }

    [Fact]
    public async Task Look_AbsentSiloThatDoesNotAnswer_IsDeclaredDeadAtTheSecondLookAlone()
    {
        await using var database = await ClusterDatabase.CreateAsync();
        using var listener = Listen();
        var full = await FillAsync(listener);
        var silo = SiloAddress.New((IPEndPoint)listener.LocalEndpoint, 7);
        await database.AddAsync(SiloStatus.Active, silo);
        await using var presence = database.Presence(Self);
        var watch = Watch(presence);

        Assert.True(await watch.LookAsync(Cancel));
        Assert.Empty(_membership.Killed);
        Assert.True(await watch.LookAsync(Cancel));
        Assert.Equal([silo], _membership.Killed);
        await full.CancelAsync();
        full.Dispose();
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(1);
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

    private DeadSiloWatch Watch(SiloPresence presence) => new(
        presence, _membership, Options.Create(new LivenessOptions { ConnectTimeout = TimeSpan.FromMilliseconds(100) }), TimeProvider.System,
        NullLogger<DeadSiloWatch>.Instance);

    private sealed class Membership : IClusterMembershipService
    {
        public List<SiloAddress> Killed { get; } = [];

        public ClusterMembershipSnapshot CurrentSnapshot => throw new NotSupportedException();

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException();

        public ValueTask Refresh(MembershipVersion minimumVersion, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> TryKill(SiloAddress siloAddress)
        {
            Killed.Add(siloAddress);
            return Task.FromResult(true);
        }
    }
}
