using Forge.Errors;
using Forge.Grains.Retention;
using Forge.Grains.Tests.Client;
using Forge.Grains.Tests.History;
using Forge.Grains.Tests.Sqlite;
using Forge.Grains.Upkeep;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sqlite;
using Forge.Sessions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Upkeep;

/// <summary>Pieces of due work that fail whenever they are tried, among others of their kind.</summary>
public sealed class FailingWorkTests : IAsyncLifetime
{
    private readonly SqliteHistoryStore _store = TrialStore.New();
    private readonly FakeTimeProvider _time = new(HistoryRows.Start);
    private readonly IOptions<RetentionOptions> _options = Options.Create(new RetentionOptions());
    private readonly HashSet<long> _poison = [];
    private readonly List<long> _tried = [];

    public static TheoryData<Exception> Failures { get; } =
        [new UnavailableException("A statement took too long."), new OverflowException("poison"), new OperationCanceledException()];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _store.StartAsync(Cancel);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Sweep_PoisonPiecesFirst_OthersOfTheirKindAreDoneInTheSameTurn(Exception failure)
    {
        var upkeep = await NoteAsync(DueWorkKind.Trim, failure, poison: 12, sound: 3);

        await SweepAsync(upkeep, new TrimHandler(upkeep, Claims(upkeep), _options, NullLogger<TrimHandler>.Instance));

        Assert.Equal(15, _tried.Count);
        Assert.Equal(12, _store.Count("due_work"));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Sweep_PieceThatFailsAgainAndAgain_IsPutOffTwiceAsLongEachTime(Exception failure)
    {
        var upkeep = await NoteAsync(DueWorkKind.Reclaim, failure, poison: 1, sound: 0);
        var handler = new ReclaimHandler(upkeep, Claims(upkeep), _options, NullLogger<ReclaimHandler>.Instance);
        var minutes = new List<int>();
        for (var minute = 0; minute < 40; minute++)
        {
            var before = _tried.Count;
            await SweepAsync(upkeep, handler);
            if (_tried.Count > before)
            {
                minutes.Add(minute);
            }

            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal([0, 1, 3, 7, 15, 31], minutes);
        _poison.Clear();
        _time.Advance(TimeSpan.FromDays(1));
        await SweepAsync(upkeep, handler);
        Assert.Equal(0, _store.Count("due_work"));
    }

    [Fact]
    public async Task Sweep_PieceThatFailsOnAFullDisk_IsTriedAgainWithEachLeaseAndDoneOnceThereIsRoom()
    {
        var upkeep = await NoteAsync(DueWorkKind.Reclaim, new UnavailableException("The disk is full."), poison: 1, sound: 0);
        var handler = new ReclaimHandler(upkeep, Claims(upkeep), _options, NullLogger<ReclaimHandler>.Instance);
        upkeep.SaysRoom = false;
        for (var minute = 0; minute < 40; minute++)
        {
            await SweepAsync(upkeep, handler);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(40, _tried.Count);
        upkeep.SaysRoom = true;
        _poison.Clear();
        await SweepAsync(upkeep, handler);
        Assert.Equal(0, _store.Count("due_work"));
    }

    [Fact]
    public async Task Sweep_PieceThatFailedAndThenCameToItsEnd_StartsAnew()
    {
        var upkeep = await NoteAsync(DueWorkKind.Purge, new OverflowException("poison"), poison: 0, sound: 0);
        await _store.Upkeep.BeginWalkAsync(HistoryRows.Start, Cancel);
        var walk = (await _store.Upkeep.ClaimDueWorkAsync(DueWorkKind.Walk, "o", HistoryRows.Start, TimeSpan.FromMinutes(1), Cancel))!;
        await Claims(upkeep).PutOffAsync(walk, Cancel);
        Assert.Equal(1, (await _store.Upkeep.FindDueWorkAsync(DueWorkKind.Walk, 0, Cancel))!.Failures);

        await _store.Upkeep.FinishWorkAsync(walk, HistoryRows.Start, HistoryRows.Start, Cancel);

        Assert.Equal(0, (await _store.Upkeep.FindDueWorkAsync(DueWorkKind.Walk, 0, Cancel))!.Failures);
    }

    [Fact]
    public async Task Tidy_PurgeThatTakesLong_GoesOnBesideTheTurnsToCome()
    {
        var (purges, release) = (0, new TaskCompletionSource());
        await NoteAsync(DueWorkKind.Purge, new OverflowException("poison"), poison: 0, sound: 1);
        var upkeep = new ScriptedUpkeep(_store.Upkeep)
        {
            OnWork = _ =>
            {
                purges++;
                return release.Task;
            },
        };
        var purge = new PurgeHandler(upkeep, Claims(upkeep), _options, _time, NullLogger<PurgeHandler>.Instance);

        for (var turn = 0; turn < 3; turn++)
        {
            var tidy = purge.TidyAsync(Cancel);
            while (!tidy.IsCompleted)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }

            await tidy;
            Assert.Equal((1, 1), (purges, _store.Count("due_work")));
        }

        release.SetResult();
        await purge.TidyAsync(Cancel);
        Assert.Equal((1, 0), (purges, _store.Count("due_work")));
    }

    [Fact]
    public async Task Sweep_LaterClaimOfAStepFails_WhatWasBegunIsWaitedFor()
    {
        await NoteAsync(DueWorkKind.Retain, new OverflowException("poison"), poison: 0, sound: 2);
        var (claims, entered, failed, release) =
            (0, new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        var upkeep = new ScriptedUpkeep(_store.Upkeep)
        {
            OnClaim = async _ =>
            {
                if (++claims == 2)
                {
                    await entered.Task;
                    failed.SetResult();
                    throw new UnavailableException("down");
                }
            },
            OnWork = _ =>
            {
                entered.TrySetResult();
                return release.Task;
            },
        };
        var handler = new RetainHandler(
            upkeep, NoGrains(), Claims(upkeep), _options, new StartedLifetime(), NullLogger<RetainHandler>.Instance);

        var step = handler.Begin().StepAsync(Cancel);
        await failed.Task;
        for (var turn = 0; turn < 1000 && !step.IsCompleted; turn++)
        {
            await Task.Yield();
        }

        Assert.False(step.IsCompleted);
        release.SetResult();
        await Assert.ThrowsAsync<UnavailableException>(() => step);
        Assert.Equal(2, claims);
    }

    [Fact]
    public async Task Sweep_WorkThatFailsAndCannotBePutOff_IsToldOf()
    {
        await NoteAsync(DueWorkKind.Reclaim, new OverflowException("poison"), poison: 1, sound: 0);
        var upkeep = new ScriptedUpkeep(_store.Upkeep)
        {
            OnWork = _ => throw new OverflowException("poison"),
            OnPutOff = () => throw new UnavailableException("down"),
        };
        var log = new FailureLog();

        await SweepAsync(upkeep, new ReclaimHandler(upkeep, Claims(upkeep), _options, log));

        Assert.IsType<OverflowException>(Assert.Single(log.Failures));
    }

    /// <summary>Notes work for sessions, those that fail first.</summary>
    private async Task<ScriptedUpkeep> NoteAsync(DueWorkKind kind, Exception failure, int poison, int sound)
    {
        for (var i = 0; i < poison + sound; i++)
        {
            var session = new SessionScript(_store, HistoryRows.Address($"s{i}"));
            await session.CommitAsync(c => c with { Changes = [new Due(kind, HistoryRows.Start.AddSeconds(i - 100))] });
            if (i < poison)
            {
                _poison.Add(session.Key);
            }
        }

        return new ScriptedUpkeep(_store.Upkeep)
        {
            OnWork = key =>
            {
                _tried.Add(key);
                return _poison.Contains(key) ? throw failure : Task.CompletedTask;
            },
        };
    }

    private WorkClaims Claims(ScriptedUpkeep upkeep) => new(
        upkeep, _options, new RetentionClock(_time, NullLogger<RetentionClock>.Instance), _time);

    private Task SweepAsync(ScriptedUpkeep upkeep, IDueWorkHandler handler) => new Sweeper(
        [handler], [], Claims(upkeep), _options, _time, lifetime: null!, NullLogger<Sweeper>.Instance).SweepAsync(Cancel);

    /// <summary>Sessions that have nothing to do.</summary>
    private static IGrainFactory NoGrains() => new FakeCluster()
        .On<DateTimeOffset?>("ApplyRetention", _ => null).Grains;

    private sealed class FailureLog : ILogger<ReclaimHandler>
    {
        public List<Exception?> Failures { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Failures.Add(exception);
    }

    private sealed class StartedLifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted { get; } = new(canceled: true);

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication()
        {
        }
    }
}
