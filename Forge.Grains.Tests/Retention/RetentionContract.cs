using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Retention;
using Forge.Grains.Tests.History;
using Forge.Grains.Tests.Sessions;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Operations;
using Forge.Sessions;
using Forge.Tenants;

namespace Forge.Grains.Tests.Retention;

/// <summary>What the background does for sessions by their policies, on each database.</summary>
public abstract partial class RetentionContract(RetentionFixture fixture)
{
    private static readonly TimeSpan Walk = new Grains.Retention.RetentionOptions().WalkInterval + TimeSpan.FromMinutes(1);

    private ForgeCluster Forge => fixture.Cluster;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sweep_SessionWithAPolicy_KeepsWhatItSaysAnIntervalLater()
    {
        var session = await StartAsync(new SessionSettings { Retention = new RetentionPolicy { KeepRecent = 5, KeepTags = ["keep"] } });
        await session.CreateAsync("first", "keep");
        for (var i = 2; i <= 20; i++)
        {
            await session.CreateAsync($"{i}");
        }

        await fixture.SweepAfterAsync(RetentionFixture.Interval / 2);
        Assert.Equal(20, (await session.GetInfoAsync())!.Count);
        await fixture.SweepAfterAsync(RetentionFixture.Interval);

        Assert.Equal([1, 16, 17, 18, 19, 20], await SequencesAsync(session));
        Assert.Equal(Make.State("16"), (await session.GetAsync(16))!.State.ToArray());
        Assert.Null(await session.GetAsync(15));

        // It is looked at again in a day; before that for creates alone.
        Assert.Equal(0, (await FindAsync(DueWorkKind.Retain, session))!.Failures);
    }

    [Fact]
    public async Task Create_ManyInOneInterval_NoteWorkOnce()
    {
        var session = await StartAsync(new SessionSettings { Retention = new RetentionPolicy { KeepRecent = 2 } });
        for (var i = 0; i < 20; i++)
        {
            await session.CreateAsync($"{i}");
        }

        // Noted by the settings, and once more by the creates.
        Assert.Equal(1, (await FindAsync(DueWorkKind.Retain, session))!.Noted);
        fixture.Advance(RetentionFixture.Interval);
        await session.CreateAsync();
        Assert.Equal(2, (await FindAsync(DueWorkKind.Retain, session))!.Noted);
    }

    [Fact]
    public async Task Create_FewerThanThePolicyKeeps_NoteNoWork()
    {
        var tenant = Make.Id("t");
        await Forge.Tenant(tenant).SetSettingsAsync(new TenantSettings { Retention = new RetentionPolicy { KeepRecent = 3 } });
        var session = Forge.Session(Make.Id(), tenant);
        for (var i = 0; i < 3; i++)
        {
            await session.CreateAsync($"{i}");
        }

        Assert.Null(await FindAsync(DueWorkKind.Retain, session));
        await session.CreateAsync();
        Assert.NotNull(await FindAsync(DueWorkKind.Retain, session));
    }

    [Fact]
    public async Task Sweep_PolicyByAge_ComesAgainWhenTheNextIsTooOld()
    {
        var age = TimeSpan.FromMinutes(10);
        var session = await StartAsync(new SessionSettings { Retention = new RetentionPolicy { KeepYoungerThan = age } });
        await session.CreateAsync("1");
        fixture.Advance(TimeSpan.FromMinutes(6));
        await session.CreateAsync("2");
        await session.CreateAsync("3");

        await fixture.SweepAfterAsync(TimeSpan.FromMinutes(2));
        Assert.Equal([1, 2, 3], await SequencesAsync(session));
        await fixture.SweepAfterAsync(TimeSpan.FromMinutes(2.1));
        Assert.Equal([2, 3], await SequencesAsync(session));
        await fixture.SweepAfterAsync(TimeSpan.FromMinutes(5));
        Assert.Equal([2, 3], await SequencesAsync(session));
        await fixture.SweepAfterAsync(TimeSpan.FromMinutes(1.1));

        // The head stays, however old.
        Assert.Equal([3], await SequencesAsync(session));
        Assert.Null(await FindAsync(DueWorkKind.Retain, session));
    }

    [Fact]
    public async Task Sweep_DefaultSetLater_ReachesAnIdleSession()
    {
        var tenant = Make.Id("t");
        var session = Forge.Session(Make.Id(), tenant);
        var stranger = Forge.Session(Make.Id());
        foreach (var each in new[] { session, stranger })
        {
            await each.CreateBatchAsync([.. Enumerable.Range(0, 10).Select(i => Make.Checkpoint($"{i}"))]);
        }

        await fixture.SweepAfterAsync(Walk);
        Assert.Equal(10, (await session.GetInfoAsync())!.Count);
        await Forge.Tenant(tenant).SetSettingsAsync(new TenantSettings { Retention = new RetentionPolicy { KeepRecent = 4 } });
        await fixture.SweepAfterAsync(Walk);

        Assert.Equal([7, 8, 9, 10], await SequencesAsync(session));
        Assert.Equal(10, (await stranger.GetInfoAsync())!.Count);
    }

    [Fact]
    public async Task Sweep_WhateverThePolicySays_HeadCurrentAndTipsStay()
    {
        var session = await StartAsync(new SessionSettings { Retention = new RetentionPolicy { KeepRecent = 1 } });
        for (var i = 1; i <= 6; i++)
        {
            await session.CreateAsync($"{i}");
        }

        // A branch from 2: its tip is 8, the trunk's is 6; then 4 is current.
        await session.RestoreAsync(2);
        await session.CreateAsync("7");
        await session.CreateAsync("8");
        await session.RestoreAsync(4);
        await session.CreateAsync(Make.Checkpoint("9") with { Parent = 1 });
        await session.RestoreAsync(4);

        await fixture.SweepAfterAsync(RetentionFixture.Interval * 2);

        Assert.Equal([4, 6, 8, 9], await SequencesAsync(session));
        var info = (await session.GetInfoAsync())!;
        Assert.Equal((9, 4), (info.Head!.Value.Sequence, info.Current!.Value.Sequence));
        await fixture.SweepAfterAsync(Walk);
        Assert.Equal([4, 6, 8, 9], await SequencesAsync(session));
        Assert.Equal(Make.State("4"), (await session.RestoreAsync(4)).Checkpoint!.State.ToArray());
    }

    [Fact]
    public async Task Sweep_ClaimerThatDied_IsFollowedWhenItsLeaseIsOver()
    {
        var session = await StartAsync(new SessionSettings { Retention = new RetentionPolicy { KeepRecent = 1 } });
        await session.CreateBatchAsync([.. Enumerable.Range(0, 9).Select(i => Make.Checkpoint($"{i}"))]);
        fixture.Advance(RetentionFixture.Interval * 2);
        var lease = new Grains.Retention.RetentionOptions().WorkLease;
        while (await fixture.Store.Upkeep.ClaimDueWorkAsync(DueWorkKind.Retain, "dead", fixture.Time.GetUtcNow(), lease, Cancel) is not null)
        {
        }

        await fixture.SweepAfterAsync(TimeSpan.Zero);
        Assert.Equal(9, (await session.GetInfoAsync())!.Count);
        await fixture.SweepAfterAsync(lease);

        Assert.Equal(1, (await session.GetInfoAsync())!.Count);
    }

    [Fact]
    public async Task Sweep_EventsOlderThanTheLogIsKept_GoButTheNewest()
    {
        var session = await StartAsync(new SessionSettings());
        await session.CreateAsync();
        for (var i = 0; i < 20; i++)
        {
            await session.SetTagsAsync(1, [$"{i}"]);
        }

        var key = await fixture.KeyAsync(session);
        await fixture.SweepAfterAsync(Walk);
        Assert.Equal(20, await fixture.CountAsync("events", key));
        await fixture.SweepAfterAsync(TimeSpan.FromDays(8));

        // Five newest, and the first, which says what the tags were before, and the last one of the page that was looked at.
        Assert.Equal(7, await fixture.CountAsync("events", key));
        Assert.Null(await FindAsync(DueWorkKind.Trim, session));
        Assert.Equal(["19"], (await session.GetSummaryAsync(1))!.Tags);
        var verified = await session.VerifyAsync([]).LastAsync(Cancel);
        Assert.True(verified.Invalid == 0, string.Join("; ", verified.Damages));
    }

    [Fact]
    public async Task Sweep_EventsOfEveryKind_WhatIsLeftVerifies()
    {
        var session = await StartAsync(new SessionSettings { Retention = new RetentionPolicy { KeepRecent = 6, KeepTags = ["keep"] } });
        for (var i = 1; i <= 12; i++)
        {
            await session.CreateAsync($"{i}", i % 5 == 0 ? ["keep"] : []);
            await session.SetTagsAsync(i, [$"t{i}"]);
            await session.SetTagsAsync(i, i % 5 == 0 ? ["keep", "more"] : ["other"]);
            await session.AnnotateAsync(i, AnnotationSeverity.Warning, $"note {i}");
            await session.RestoreAsync(Math.Max(1, i - 1));
            if (i % 4 == 0)
            {
                await session.DeleteAsync(i - 2);
            }
        }

        for (var day = 0; day < 3; day++)
        {
            await fixture.SweepAfterAsync(TimeSpan.FromDays(8));
            var verified = await session.VerifyAsync([]).LastAsync(Cancel);
            Assert.True(verified.Invalid == 0, string.Join("; ", verified.Damages));
            await session.CreateAsync("later");
        }

        Assert.InRange(await fixture.CountAsync("events", await fixture.KeyAsync(session)), 10, 45);
    }

    [Fact]
    public async Task Sweep_TimeToLiveOver_ErasesTheSession()
    {
        var session = await StartAsync(new SessionSettings { TimeToLive = TimeSpan.FromHours(2) });
        await session.CreateAsync("1", "tag");
        fixture.Advance(TimeSpan.FromHours(1.5));
        await session.CreateAsync("2");

        await fixture.SweepAfterAsync(TimeSpan.FromHours(1.5));
        Assert.Equal(2, (await session.GetInfoAsync())!.Count);
        var key = await fixture.KeyAsync(session);
        await fixture.SweepAfterAsync(TimeSpan.FromHours(0.6));

        await Assert.ThrowsAsync<SessionDeletedException>(() => session.GetInfoAsync());
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.CreateAsync());
        await AssertErasedAsync(key);
    }

    [Fact]
    public async Task Sweep_TimeToLiveThatTheTenantTookBack_LeavesTheSession()
    {
        var tenant = Make.Id("t");
        await Forge.Tenant(tenant).SetSettingsAsync(new TenantSettings { TimeToLive = TimeSpan.FromHours(5) });
        var session = Forge.Session(Make.Id(), tenant);
        await session.CreateAsync("1");
        await fixture.SweepAfterAsync(TimeSpan.FromMinutes(2));
        fixture.Advance(TimeSpan.FromHours(5) - TimeSpan.FromMinutes(10));

        // The session's silo reads the tenant's settings once more, and then nobody asks for them.
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.CompactAsync(null));
        await Forge.Tenant(tenant).SetSettingsAsync(new TenantSettings());
        await fixture.SweepAfterAsync(TimeSpan.FromMinutes(9));

        Assert.Equal(1, (await session.GetInfoAsync())!.Count);
    }

    [Fact]
    public async Task Sweep_TimeToLiveOfATenant_ReachesAnIdleSessionWithoutCheckpoints()
    {
        var tenant = Make.Id("t");
        var session = Forge.Session(Make.Id(), tenant);
        await session.SetSettingsAsync(new SessionSettings());
        await Forge.Tenant(tenant).SetSettingsAsync(new TenantSettings { TimeToLive = TimeSpan.FromMinutes(5) });

        await fixture.SweepAfterAsync(Walk);
        await fixture.SweepAfterAsync(Walk);

        await Assert.ThrowsAsync<SessionDeletedException>(() => session.GetInfoAsync());
    }

    [Fact]
    public async Task Erase_Session_LeavesItsNameAlone()
    {
        var session = await StartAsync(new SessionSettings { Labels = new Dictionary<string, string> { ["person"] = "someone" } });
        await session.CreateAsync("1", "tag");
        await session.AnnotateAsync(1, AnnotationSeverity.Info, "note", new ChangeRequest(Guid.NewGuid(), FirstAttempt: true));
        await session.CreateAsync("2");
        await session.CompactAsync(new RetentionPolicy { KeepRecent = 1 });
        var key = await fixture.KeyAsync(session);

        Assert.Equal(ErasureStatus.Erased, await session.EraseSessionAsync(Cancel));

        await AssertErasedAsync(key);
        var tombstone = (await fixture.Store.Reads.ReadHeadAsync(
            Identity.SessionAddress.ParseGrainKey(session.GetPrimaryKeyString()), Cancel))!.Head;
        Assert.Equal(
            new SessionHead
            {
                Key = key,
                Version = tombstone.Version,
                LastBatch = tombstone.LastBatch,
                CreatedAt = tombstone.DeletedAt!.Value,

                // For the life that may follow.
                LastSequence = 2,
                LastPosition = 4,
                DeletedAt = tombstone.DeletedAt,
                Seal = tombstone.Seal,
            },
            tombstone);
        Assert.Equal(ErasureStatus.Erased, await session.EraseSessionAsync(Cancel));
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.CreateAsync());
        Assert.NotNull(await fixture.Store.Upkeep.FindDueWorkAsync(DueWorkKind.Purge, 0, Cancel));
        await fixture.SweepAfterAsync(TimeSpan.FromMinutes(5));
        Assert.Null(await fixture.Store.Upkeep.FindDueWorkAsync(DueWorkKind.Purge, 0, Cancel));
    }

    [Fact]
    public async Task Erase_SessionThatWasDeletedBefore_IsErasedToo()
    {
        var session = Forge.Session(Make.Id());
        Assert.Equal(ErasureStatus.NotFound, await session.EraseSessionAsync(Cancel));
        await session.CreateAsync();
        var key = await fixture.KeyAsync(session);
        await session.DeleteSessionAsync();

        Assert.Equal(ErasureStatus.Erased, await session.EraseSessionAsync(Cancel));
        await AssertErasedAsync(key);
    }

    private async Task<ISessionGrain> StartAsync(SessionSettings settings)
    {
        var session = Forge.Session(Make.Id());
        await session.SetSettingsAsync(settings);
        return session;
    }

    private async Task<DueWork?> FindAsync(DueWorkKind kind, ISessionGrain session) =>
        await fixture.Store.Upkeep.FindDueWorkAsync(kind, await fixture.KeyAsync(session), Cancel);

    private async Task AssertErasedAsync(long key)
    {
        Assert.Null(await fixture.Store.Upkeep.FindDueWorkAsync(DueWorkKind.Erase, key, Cancel));
        foreach (var table in new[]
        {
            "checkpoints", "checkpoint_tags", "requirements", "annotations", "removed_ranges", "trunk_ranges", "removed_runs", "lineage", "events", "requests",
            "session_labels", "session_activity",
        })
        {
            Assert.Equal((table, 0), (table, await fixture.CountAsync(table, key)));
        }
    }

    private static async Task<IEnumerable<long>> SequencesAsync(ISessionGrain session) =>
        (await session.AllAsync()).Select(c => c.Sequence);
}

public sealed class SqliteRetentionContract(SqliteRetentionFixture fixture)
    : RetentionContract(fixture), IClassFixture<SqliteRetentionFixture>;

public sealed class PostgreSqlRetentionContract(PostgreSqlRetentionFixture fixture)
    : RetentionContract(fixture), IClassFixture<PostgreSqlRetentionFixture>;
