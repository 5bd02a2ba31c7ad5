using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Forge.Client.Retries;
using Microsoft.Extensions.Time.Testing;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Forge.Grains.Tests.Client;

public sealed class SiloLossesTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly SiloLosses _losses;

    public SiloLossesTests() => _losses = new(_time);

    public void Dispose() => _losses.Dispose();

    [Theory]
    [InlineData(1, 2, true)]
    [InlineData(0, 1, true)]
    [InlineData(2, 1, false)]
    public async Task NotifyGatewayCountChanged_FewerThanBefore_IsALoss(int current, int previous, bool isLoss)
    {
        var before = _losses.Next;

        _losses.NotifyGatewayCountChanged(current, previous, connectionRecovered: false);

        if (isLoss)
        {
            await LossAsync(before);
        }

        Assert.Equal(isLoss, before.IsCancellationRequested);
        Assert.False(_losses.Next.IsCancellationRequested);
    }

    [Fact]
    public async Task Report_AgainWithinTwoSeconds_IsToldOnceWhenTheyAreOver()
    {
        _losses.Report();
        var next = _losses.Next;

        _losses.Report();
        _time.Advance(TimeSpan.FromSeconds(1));
        _losses.Report();
        _time.Advance(TimeSpan.FromSeconds(0.999));
        Assert.False(next.IsCancellationRequested);
        Assert.Equal(next, _losses.Next);

        _time.Advance(TimeSpan.FromSeconds(0.001));
        await LossAsync(next);
        var last = _losses.Next;
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(last.IsCancellationRequested);
        _losses.Report();
        await LossAsync(last);
    }

    [Fact]
    public async Task Watch_SiloThatTheClusterNoLongerHas_IsALoss()
    {
        var cluster = new Cluster();
        using var watch = new LostSiloWatch(cluster, _losses);
        await watch.StartAsync(TestContext.Current.CancellationToken);

        var before = _losses.Next;
        await cluster.BecomeAsync(1);
        await cluster.BecomeAsync(1, 2);
        await cluster.BecomeAsync(1, 2, 3);
        Assert.Equal(before, _losses.Next);
        await cluster.BecomeAsync(1, 3, 4);
        Assert.NotEqual(before, _losses.Next);
        await LossAsync(before);

        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task LossAsync(CancellationToken loss)
    {
        var lost = new TaskCompletionSource();
        await using var registration = loss.Register(lost.SetResult);
        await lost.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    private sealed class Cluster : IClusterManifestProvider
    {
        private readonly Channel<ClusterManifest> _updates = Channel.CreateUnbounded<ClusterManifest>();
        private readonly Channel<bool> _asked = Channel.CreateUnbounded<bool>();
        private int _version;

        public ClusterManifest Current => throw new NotSupportedException("Losses are told from the updates alone.");

        public GrainManifest LocalGrainManifest => throw new NotSupportedException("Losses are told from the updates alone.");

        public IAsyncEnumerable<ClusterManifest> Updates => UpdatesAsync();

        /// <summary>Returns once the watch has dealt with it.</summary>
        public async Task BecomeAsync(params int[] silos)
        {
            var manifest = new GrainManifest(
                ImmutableDictionary<GrainType, GrainProperties>.Empty,
                ImmutableDictionary<GrainInterfaceType, GrainInterfaceProperties>.Empty);
            await _asked.Reader.ReadAsync(TestContext.Current.CancellationToken);
            await _updates.Writer.WriteAsync(new ClusterManifest(
                new MajorMinorVersion(++_version, 0),
                silos.ToImmutableDictionary(silo => SiloAddress.New(IPAddress.Loopback, silo, 1), _ => manifest)));
            await _asked.Reader.WaitToReadAsync(TestContext.Current.CancellationToken);
        }

        private async IAsyncEnumerable<ClusterManifest> UpdatesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            while (true)
            {
                _asked.Writer.TryWrite(true);
                yield return await _updates.Reader.ReadAsync(cancellationToken);
            }
        }
    }
}
