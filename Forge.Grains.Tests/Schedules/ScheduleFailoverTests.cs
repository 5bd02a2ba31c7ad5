using Forge.Events;
using Forge.Grains.Tests.Retention;
using Forge.Grains.Tests.Sessions;
using Forge.Grains.Tests.Streams;
using Forge.Schedules;
using Forge.Sessions;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace Forge.Grains.Tests.Schedules;

/// <summary>A silo dies that had a session, with its observers and what is due of it.</summary>
public sealed class ScheduleFailoverTests
{
    [Fact]
    public async Task Sweep_TheSiloThatHadTheSessionDied_AnotherOneTellsAndRecords()
    {
        await using var fixture = new PostgreSqlRetentionFixture();
        await fixture.InitializeAsync();
        var (forge, period) = (fixture.Cluster, TimeSpan.FromMinutes(5));
        var cluster = forge.Cluster;
        var doomed = cluster.SecondarySilos[0];
        var session = await OnAsync(forge, doomed);
        await session.SetSettingsAsync(new SessionSettings { Schedule = new CheckpointSchedule { Every = period } });
        await session.CreateAsync();
        var observer = await WaitingObserver.ObserveAsync(forge.Grains, session);

        await cluster.KillSiloAsync(doomed);
        await cluster.WaitForLivenessToStabilizeAsync(didKill: true);
        await fixture.SweepAfterAsync(period);
        await observer.RenewAsync();
        var due = await observer.NextAsync();
        await fixture.SweepAfterAsync(CheckpointSchedule.DefaultAnswerWithin + TimeSpan.FromSeconds(2));

        var missed = Assert.Single(await session.EventsAsync(), e => e.Kind == LogEventKind.CheckpointMissed);
        Assert.Equal((due.Since, 1), (missed.DueSince, missed.Told));
    }

    /// <summary>A session that a silo has.</summary>
    private static async Task<ISessionGrain> OnAsync(ForgeCluster forge, SiloHandle silo)
    {
        while (true)
        {
            var session = forge.Session(Make.Id());
            await session.GetInfoAsync();
            if (silo.SiloAddress.Equals(await forge.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress((IAddressable)session)))
            {
                return session;
            }
        }
    }
}
