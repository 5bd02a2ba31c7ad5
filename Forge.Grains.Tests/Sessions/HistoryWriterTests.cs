using System.Diagnostics.Metrics;
using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.Grains.Tests.Sqlite;
using Forge.History.Changes;
using Forge.History.Stores;
using Forge.History.Telemetry;
using Forge.History.Writing;
using Forge.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Sessions;

public sealed class HistoryWriterTests : IAsyncLifetime
{
    private readonly ScriptedHistoryStore _store = new(TrialStore.New());
    private readonly FakeTimeProvider _time = new();
    private readonly HistoryInstruments _instruments = new(null);
    private readonly HistoryWriter _writer;
    private long _key;

    public HistoryWriterTests() => _writer = NewWriter();

    public async ValueTask InitializeAsync() => await _store.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task Write_WhileABatchIsInFlight_GathersForTheNext()
    {
        var (entered, release) = _store.HoldNext();
        var first = _writer.WriteAsync(NewSession());
        await entered;
        var others = Enumerable.Range(0, 40).Select(_ => _writer.WriteAsync(NewSession())).ToArray();
        release();

        Assert.All(await Task.WhenAll([first, .. others]), o => Assert.Equal(CommitStatus.Committed, o.Status));
        Assert.Equal(2, _store.CommitCount);
    }

    [Fact]
    public async Task Write_ABatchOfItsOwnWaits_IsWrittenBesideTheOneInFlight()
    {
        var (entered, release) = _store.HoldNext();
        var first = _writer.WriteAsync(NewSession());
        await entered;

        Assert.All(
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _writer.WriteAsync(NewSession()))),
            o => Assert.Equal(CommitStatus.Committed, o.Status));
        Assert.False(first.IsCompleted);
        release();
        Assert.Equal(CommitStatus.Committed, (await first).Status);
    }

    [Fact]
    public async Task Write_TheStoreHasOneWriter_GathersHoweverMuchWaits()
    {
        _store.HasOneWriter = true;
        await using var writer = NewWriter();
        var (entered, release) = _store.HoldNext();
        var first = writer.WriteAsync(NewSession());
        await entered;
        var others = Enumerable.Range(0, 60).Select(_ => writer.WriteAsync(NewSession())).ToArray();
        release();

        Assert.All(await Task.WhenAll([first, .. others]), o => Assert.Equal(CommitStatus.Committed, o.Status));
        Assert.Equal(2, _store.CommitCount);
    }

    [Fact]
    public async Task Write_TheBatchInFlightIsSlow_IsWrittenBesideIt()
    {
        var (entered, release) = _store.HoldNext();
        var slow = _writer.WriteAsync(NewSession());
        await entered;
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(CommitStatus.Committed, (await _writer.WriteAsync(NewSession())).Status);
        Assert.False(slow.IsCompleted);
        release();
        Assert.Equal(CommitStatus.Committed, (await slow).Status);
    }

    [Fact]
    public async Task Write_TheBatchInFlightBecomesSlow_WhatWaitsForItIsWrittenBesideIt()
    {
        var (entered, release) = _store.HoldNext();
        var slow = _writer.WriteAsync(NewSession());
        await entered;
        var waiting = _writer.WriteAsync(NewSession());
        _time.Advance(TimeSpan.FromMilliseconds(40));
        Assert.Equal(1, _store.CommitCount);
        _time.Advance(TimeSpan.FromMilliseconds(40));

        Assert.Equal(CommitStatus.Committed, (await waiting.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)).Status);
        Assert.False(slow.IsCompleted);
        release();
        Assert.Equal(CommitStatus.Committed, (await slow).Status);
    }

    [Fact]
    public async Task Write_OneOfABatchIsRejected_TheOthersAreWritten()
    {
        var bad = NewSession();
        var (entered, release) = _store.HoldNext();
        var first = _writer.WriteAsync(NewSession());
        await entered;
        _store.OnCommit = (batch, commit) => batch.Commits.Contains(bad)
            ? throw new BatchRejectedException(CommitStatus.Refused, new InvalidOperationException("bad"))
            : commit(batch);
        var others = Enumerable.Range(0, 30).Select(_ => _writer.WriteAsync(NewSession())).ToArray();
        var refused = _writer.WriteAsync(bad);
        release();

        Assert.All(await Task.WhenAll([first, .. others]), o => Assert.Equal(CommitStatus.Committed, o.Status));
        Assert.Equal(CommitStatus.Refused, (await refused).Status);
    }

    [Fact]
    public async Task Dispose_WithWorkWaiting_WritesItAndRefusesMore()
    {
        var (entered, release) = _store.HoldNext();
        var accepted = Enumerable.Range(0, 20).Select(_ => _writer.WriteAsync(NewSession())).ToArray();
        await entered;
        var closing = _writer.DisposeAsync();
        await Assert.ThrowsAsync<UnavailableException>(() => _writer.WriteAsync(NewSession()));
        release();
        await closing;

        Assert.All(accepted, a => Assert.Equal(CommitStatus.Committed, a.Result.Status));
    }

    [Fact]
    public async Task Dispose_TheDatabaseHangs_RefusesWhatNoBatchHasTakenInTime()
    {
        var writer = NewWriter();
        var (entered, release) = _store.HoldNext();
        var taken = writer.WriteAsync(NewSession());
        await entered;
        var waiting = Enumerable.Range(0, 20).Select(_ => writer.WriteAsync(NewSession())).ToArray();
        var closing = writer.DisposeAsync().AsTask();
        _time.Advance(2 * new WriterOptions().CommandTimeout);
        await closing.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.All(await Task.WhenAll(waiting), outcome => Assert.Equal(CommitStatus.Unavailable, outcome.Status));
        Assert.False(taken.IsCompleted);
        release();
        Assert.Equal(CommitStatus.Committed, (await taken).Status);
        Assert.Equal(1, _store.CommitCount);
    }

    [Fact]
    public async Task Write_AListenerThatFails_CostsNoCommitAndNoLane()
    {
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (ReferenceEquals(instrument.Meter, _instruments.Meter))
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => throw new InvalidOperationException("a listener"));
        listener.Start();

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(CommitStatus.Committed, (await _writer.WriteAsync(NewSession())).Status);
        }
    }

    [Fact]
    public async Task Write_HalfOfARejectedBatchFindsNoDatabase_IsToldAsThat()
    {
        // Of a batch that was rejected both halves may be written, rejected, or worse; a listener hears of the one outcome.
        var outcomes = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (ReferenceEquals(instrument.Meter, _instruments.Meter) && instrument.Name == "forge.writer.batch.duration")
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) => outcomes.Add((string)tags[0].Value!));
        listener.Start();
        var bad = NewSession();
        var (entered, release) = _store.HoldNext();
        var first = _writer.WriteAsync(NewSession());
        await entered;
        _store.OnCommit = (batch, commit) => batch.Commits.Count > 2 ? throw new BatchRejectedException(CommitStatus.Refused, new InvalidOperationException("bad"))
            : batch.Commits.Contains(bad) ? throw new UnavailableException("down")
            : commit(batch);
        var (other, refused) = (_writer.WriteAsync(NewSession()), _writer.WriteAsync(bad));
        var third = _writer.WriteAsync(NewSession());
        release();

        Assert.All(await Task.WhenAll(first, other, third), outcome => Assert.Equal(CommitStatus.Committed, outcome.Status));
        Assert.Equal(CommitStatus.Unavailable, (await refused).Status);
        await _writer.DisposeAsync();
        Assert.Equal(["written", "unavailable"], outcomes);
    }

    private HistoryWriter NewWriter() => new(
        _store, new WriterOptions { LaneRecords = 50 }, _time, _instruments, NullLogger<HistoryWriter>.Instance);

    private SessionCommit NewSession()
    {
        _key++;
        var engine = new SessionEngine(
            new SessionAddress(TenantId.Default, SessionId.Parse($"s{_key}")), null, TimeSpan.FromHours(24), 1000);
        engine.SetSettings("{}", DateTimeOffset.UnixEpoch, null);
        engine.AssignKey(_key);
        return engine.BeginCommit(1, 1)!;
    }
}
