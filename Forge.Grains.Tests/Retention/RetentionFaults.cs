using System.Collections.Concurrent;
using Forge.Checkpoints;
using Forge.Grains.Hosting;
using Forge.Grains.Tests.History;
using Forge.Grains.Tests.Sessions;
using Forge.History.Rows;
using Forge.Sessions;

namespace Forge.Grains.Tests.Retention;

/// <summary>Background compactions that take their time, and silos with defaults of their own.</summary>
public sealed class RetentionFaults
{
    private readonly ShiftedTime _time = new();
    private readonly ConcurrentBag<ScriptedHistoryStore> _stores = [];

    [Fact]
    public async Task Sweep_SlowSurvey_DelaysNoCreateAndTakesNoneOfThem()
    {
        await using var forge = await StartAsync(_ => { });
        var session = forge.Session("s");
        await session.SetSettingsAsync(new SessionSettings { Retention = new RetentionPolicy { KeepRecent = 3 } });
        await session.CreateBatchAsync([.. Enumerable.Range(0, 10).Select(i => Make.Checkpoint($"{i}"))]);
        var (surveyed, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        _stores.Single().AfterSurvey = () =>
        {
            surveyed.TrySetResult();
            return release.Task;
        };
        _time.Advance(TimeSpan.FromMinutes(2));
        var sweep = forge.SweepAsync();
        await surveyed.Task;

        // Acknowledged while the compaction has read what there is and decided nothing.
        for (var i = 11; i <= 15; i++)
        {
            Assert.Equal(i, (await session.CreateAsync($"{i}")).Sequence);
        }

        Assert.False(sweep.IsCompleted);
        release.SetResult();
        await sweep;
        Assert.Equal([13, 14, 15], (await session.AllAsync()).Select(c => c.Sequence));
    }

    [Fact]
    public async Task Sweep_OneSessionFails_TheOthersAndTheRowsGoOn()
    {
        await using var forge = await StartAsync(_ => { });
        var sessions = Enumerable.Range(0, 12).Select(i => forge.Session($"s{i}")).ToArray();
        foreach (var session in sessions)
        {
            await session.SetSettingsAsync(new SessionSettings { Retention = new RetentionPolicy { KeepRecent = 1 } });
            await session.CreateBatchAsync([.. Enumerable.Range(0, 3).Select(i => Make.Checkpoint($"{i}"))]);
        }

        var failures = 0;
        _stores.Single().AfterSurvey = () => Interlocked.Increment(ref failures) == 1
            ? throw new Errors.UnavailableException("this once")
            : Task.CompletedTask;

        _time.Advance(TimeSpan.FromMinutes(2));
        await forge.SweepAsync();
        await forge.SweepAsync();
        Assert.Equal(11, await CountAsync(1));
        _time.Advance(TimeSpan.FromMinutes(2));
        await forge.SweepAsync();

        Assert.Equal(12, await CountAsync(1));

        async Task<int> CountAsync(int left)
        {
            var infos = await Task.WhenAll(sessions.Select(s => s.GetInfoAsync()));
            return infos.Count(i => i!.Count == left);
        }
    }

    [Fact]
    public async Task Sweep_CreatesOfASessionWhereNothingIsTooOld_GoThroughItNotAgain()
    {
        await using var forge = await StartAsync(_ => { });
        var session = forge.Session("s");
        await session.SetSettingsAsync(new SessionSettings { Retention = new RetentionPolicy { KeepYoungerThan = TimeSpan.FromHours(1) } });
        var surveys = CountSurveys();
        for (var i = 0; i < 50; i++)
        {
            await session.CreateAsync($"{i}");
            _time.Advance(TimeSpan.FromMinutes(1));
            await forge.SweepAsync();
        }

        Assert.InRange(surveys(), 1, 2);
        for (var i = 0; i < 20; i++)
        {
            await session.CreateAsync($"{i}");
            _time.Advance(TimeSpan.FromMinutes(1));
            await forge.SweepAsync();
        }

        // Since the first was an hour old, one a minute goes.
        Assert.InRange(surveys(), 8, 14);
        Assert.InRange((await session.GetInfoAsync())!.Count, 59, 61);
    }

    [Fact]
    public async Task Sweep_CreatesThatTakeThePlaceOfOthers_LetThemGoAnIntervalLater()
    {
        await using var forge = await StartAsync(_ => { });
        var session = forge.Session("s");
        await session.SetSettingsAsync(new SessionSettings { Retention = new RetentionPolicy { KeepRecent = 2, KeepTags = ["keep"] } });
        await session.CreateAsync("0", "keep");
        for (var i = 1; i < 10; i++)
        {
            await session.CreateAsync($"{i}");
            _time.Advance(TimeSpan.FromMinutes(1.1));
            await forge.SweepAsync();

            Assert.Equal(Math.Min(i, 2) + 1, (await session.GetInfoAsync())!.Count);
        }
    }

    [Fact]
    public async Task Sweep_IdleSessionsWithAPolicy_AreGoneThroughOnceADay()
    {
        await using var forge = await StartAsync(_ => { });
        var sessions = Enumerable.Range(0, 5).Select(i => forge.Session($"s{i}")).ToArray();
        foreach (var session in sessions)
        {
            await session.SetSettingsAsync(new SessionSettings { Retention = new RetentionPolicy { KeepTags = ["keep"] } });
            await session.CreateAsync("1", "keep");
            await session.CreateAsync("2");
            await session.CreateAsync("3");
        }

        _time.Advance(TimeSpan.FromMinutes(2));
        await forge.SweepAsync();
        Assert.All(await Task.WhenAll(sessions.Select(s => s.GetInfoAsync())), info => Assert.Equal(2, info!.Count));
        var surveys = CountSurveys();
        for (var hour = 0; hour < 22; hour++)
        {
            _time.Advance(TimeSpan.FromHours(1));
            await forge.SweepAsync();
        }

        Assert.Equal(0, surveys());
        _time.Advance(TimeSpan.FromHours(3));
        await forge.SweepAsync();
        Assert.Equal(5, surveys());
    }

    [Fact]
    public async Task SetTags_TheOneThatACheckpointStayedFor_LetsItGoAnIntervalLater()
    {
        await using var forge = await StartAsync(_ => { });
        var session = forge.Session("s");
        await session.SetSettingsAsync(new SessionSettings { Retention = new RetentionPolicy { KeepTags = ["keep"] } });
        await session.CreateAsync("1", "keep");
        await session.CreateAsync("2", "keep");
        await session.CreateAsync("3");
        _time.Advance(TimeSpan.FromMinutes(2));
        await forge.SweepAsync();
        await session.SetTagsAsync(2, []);

        _time.Advance(TimeSpan.FromMinutes(2));
        await forge.SweepAsync();

        Assert.Equal([1, 3], (await session.AllAsync()).Select(c => c.Sequence));
    }

    [Fact]
    public async Task Delete_TheOneThatRequiredACheckpoint_LetsItGoAnIntervalLater()
    {
        await using var forge = await StartAsync(_ => { });
        var session = forge.Session("s");
        await session.SetSettingsAsync(new SessionSettings { Retention = new RetentionPolicy { KeepTags = ["keep"] } });
        await session.CreateAsync("1");
        await session.CreateAsync(Make.Checkpoint("2") with { Tags = ["keep"], Requires = [1], Parent = CheckpointReference.None });
        await session.CreateAsync(Make.Checkpoint("3") with { Parent = 1 });
        _time.Advance(TimeSpan.FromMinutes(2));
        await forge.SweepAsync();
        Assert.Equal([1, 2, 3], (await session.AllAsync()).Select(c => c.Sequence));
        await session.DeleteAsync(2);

        _time.Advance(TimeSpan.FromMinutes(2));
        await forge.SweepAsync();

        Assert.Equal([3], (await session.AllAsync()).Select(c => c.Sequence));
    }

    [Fact]
    public async Task Import_MoreThanThePolicyKeeps_IsCutAnIntervalLater()
    {
        await using var forge = await StartAsync(_ => { });
        var (origin, session) = (forge.Session("origin"), forge.Session("s"));
        await origin.SetSettingsAsync(new SessionSettings { Retention = new RetentionPolicy { KeepRecent = 2 } });
        await origin.CreateBatchAsync([.. Enumerable.Range(0, 6).Select(i => Make.Checkpoint($"{i}"))]);
        await session.ImportAllAsync(await origin.ExportAllAsync());

        _time.Advance(TimeSpan.FromMinutes(2));
        await forge.SweepAsync();

        Assert.Equal([5, 6], (await session.AllAsync()).Select(c => c.Sequence));
    }

    [Fact]
    public async Task Sweep_DefaultOfTheSilo_HoldsWhereNobodySaysOtherwise()
    {
        await using var forge = await StartAsync(options => options.Retention.Policy = new RetentionPolicy { KeepRecent = 2 });
        var (plain, own, ofTenant) = (forge.Session("plain"), forge.Session("own"), forge.Session("tenant", "t"));
        await own.SetSettingsAsync(new SessionSettings { Retention = new RetentionPolicy { KeepRecent = 3 } });
        await forge.Tenant("t").SetSettingsAsync(new global::Forge.Tenants.TenantSettings { Retention = new RetentionPolicy { KeepRecent = 4 } });
        foreach (var session in new[] { plain, own, ofTenant })
        {
            await session.CreateBatchAsync([.. Enumerable.Range(0, 9).Select(i => Make.Checkpoint($"{i}"))]);
        }

        Assert.Equal(7, (await plain.CompactAsync(null, dryRun: true)).Deleted);
        _time.Advance(TimeSpan.FromMinutes(2));
        await forge.SweepAsync();

        Assert.Equal(2, (await plain.GetInfoAsync())!.Count);
        Assert.Equal(3, (await own.GetInfoAsync())!.Count);
        Assert.Equal(4, (await ofTenant.GetInfoAsync())!.Count);
    }

    [Fact]
    public async Task Sweep_ClockJumpsAheadForAWhile_NothingGoesForItsAge()
    {
        var time = new JumpingTime();
        await using var forge = await StartAsync(_ => { }, time);
        var (session, aged) = (forge.Session("s"), forge.Session("aged"));
        await session.SetSettingsAsync(new SessionSettings { TimeToLive = TimeSpan.FromDays(1) });
        await aged.SetSettingsAsync(new SessionSettings { Retention = new RetentionPolicy { KeepYoungerThan = TimeSpan.FromDays(1) } });
        foreach (var each in new[] { session, aged })
        {
            await each.CreateAsync("1");
            await each.CreateAsync("2");
        }

        await forge.SweepAsync();
        time.Jump(TimeSpan.FromDays(2));
        await forge.SweepAsync();
        Assert.Equal(0, (await aged.CompactAsync(null)).Deleted);
        time.Jump(TimeSpan.FromDays(-2));
        await forge.SweepAsync();

        Assert.Equal(2, (await session.GetInfoAsync())!.Count);
        Assert.Equal(2, (await aged.GetInfoAsync())!.Count);
    }

    [Fact]
    public async Task Sweep_WorkNotedWhileTheClockWasAhead_IsDoneWhenItIsRight()
    {
        var time = new JumpingTime();
        await using var forge = await StartAsync(_ => { }, time);
        var session = forge.Session("s");
        await session.CreateAsync("1");
        var store = _stores.Single();
        var key = (await store.ReadHeadAsync(HistoryRows.Address("s"), default))!.Head.Key;
        time.Jump(TimeSpan.FromDays(10));
        await session.DeleteSessionAsync();
        time.Jump(TimeSpan.FromDays(-10));

        await forge.SweepAsync();

        Assert.Null(await store.Upkeep.FindDueWorkAsync(DueWorkKind.Erase, key, default));
    }

    [Fact]
    public async Task Sweep_WorkNotedAfterTheClockJumpedAhead_IsDoneWhileItIsDoubted()
    {
        var time = new JumpingTime();
        await using var forge = await StartAsync(_ => { }, time);
        var (session, pruned) = (forge.Session("s"), forge.Session("pruned"));
        await session.CreateAsync("1");
        await pruned.CreateAsync("1");
        await pruned.CreateAsync("2");
        var store = _stores.Single();
        var (key, prunedKey) = (await KeyAsync("s"), await KeyAsync("pruned"));
        time.Jump(TimeSpan.FromHours(2));
        await session.DeleteSessionAsync();
        await pruned.DeleteAsync(1);

        await forge.SweepAsync();

        Assert.Null(await store.Upkeep.FindDueWorkAsync(DueWorkKind.Erase, key, default));
        Assert.Null(await store.Upkeep.FindDueWorkAsync(DueWorkKind.Reclaim, prunedKey, default));

        async Task<long> KeyAsync(string name) => (await store.ReadHeadAsync(HistoryRows.Address(name), default))!.Head.Key;
    }

    [Fact]
    public async Task Import_SweepBetweenItsPiecesAfterTheClockJumpedAhead_GoesOn()
    {
        var time = new JumpingTime();
        await using var forge = await StartAsync(_ => { }, time);
        var origin = forge.Session("origin");
        for (var i = 0; i < 5; i++)
        {
            await origin.CreateAsync($"{i}");
        }

        var document = await origin.ExportAllAsync();
        var session = forge.Session("s");
        time.Jump(TimeSpan.FromDays(3));
        var ticket = await session.BeginImportAsync();
        await session.AppendImportAsync(ticket, 0, document.AsMemory(0, document.Length / 2));
        await forge.SweepAsync();
        await session.AppendImportAsync(ticket, 1, document.AsMemory(document.Length / 2));

        Assert.Equal(5, (await session.CompleteImportAsync(ticket)).Imported);
    }

    [Fact]
    public async Task Create_AutomaticAfterTheClockWasSetBack_IsTakenOnceAndThenThrottled()
    {
        var time = new JumpingTime();
        await using var forge = await StartAsync(_ => { }, time);
        var session = forge.Session("s");
        var automatic = Make.Checkpoint("auto") with { Trigger = CheckpointTrigger.SignificantTimePassed };
        time.Jump(TimeSpan.FromDays(2));
        var ahead = await session.CreateAsync("ahead");
        time.Jump(TimeSpan.FromDays(-2));

        var taken = await session.CreateAsync(automatic);

        Assert.Equal(CreateOutcome.Created, taken.Outcome);
        Assert.Equal(ahead.CreatedAt, taken.Checkpoint!.CreatedAt);
        Assert.Equal(CreateOutcome.NotTaken, (await session.CreateAsync(automatic)).Outcome);
    }

    [Theory]
    [InlineData(-10, CreateOutcome.NotTaken)]
    [InlineData(-240, CreateOutcome.NotTaken)]
    [InlineData(-400, CreateOutcome.Created)]
    [InlineData(200, CreateOutcome.NotTaken)]
    [InlineData(400, CreateOutcome.Created)]
    public async Task Create_AutomaticAfterAStepOfTheClock_IsTakenIfTheStepIsMoreThanTheInterval(int seconds, CreateOutcome outcome)
    {
        var time = new JumpingTime();
        await using var forge = await StartAsync(_ => { }, time);
        var session = forge.Session("s");
        var automatic = Make.Checkpoint("auto") with { Trigger = CheckpointTrigger.SignificantTimePassed };

        await session.CreateAsync("1");
        time.Jump(TimeSpan.FromSeconds(seconds));

        Assert.Equal(outcome, (await session.CreateAsync(automatic)).Outcome);
        Assert.Equal(CreateOutcome.NotTaken, (await session.CreateAsync(automatic)).Outcome);
    }

    [Fact]
    public async Task Sweep_ClockSetBackAfterWorkWasNoted_TheNextCreatesNoteTheirOwn()
    {
        var time = new JumpingTime();
        await using var forge = await StartAsync(_ => { }, time);
        var session = forge.Session("s");
        await session.SetSettingsAsync(new SessionSettings { Retention = new RetentionPolicy { KeepRecent = 3 } });
        await session.CreateBatchAsync([.. Enumerable.Range(0, 10).Select(i => Make.Checkpoint($"{i}"))]);
        time.Jump(TimeSpan.FromDays(-1));
        time.Pass(TimeSpan.FromMinutes(2));
        await session.CreateAsync("11");
        time.Pass(TimeSpan.FromMinutes(2));

        await forge.SweepAsync();

        Assert.Equal(3, (await session.GetInfoAsync())!.Count);
    }

    private Func<int> CountSurveys()
    {
        var surveys = 0;
        _stores.Single().AfterSurvey = () =>
        {
            Interlocked.Increment(ref surveys);
            return Task.CompletedTask;
        };
        return () => surveys;
    }

    private Task<ForgeCluster> StartAsync(Action<ForgeOptions> configure, TimeProvider? time = null) => ForgeCluster.StartAsync(new ClusterSetup(1, options =>
    {
        options.Database = ForgeDatabase.Memory;
        options.Retention.SweepInterval = TimeSpan.FromDays(1);
        configure(options);
    })
    {
        Time = time ?? _time,
        Decorate = store =>
        {
            var scripted = new ScriptedHistoryStore(store);
            _stores.Add(scripted);
            return scripted;
        },
    });
}
