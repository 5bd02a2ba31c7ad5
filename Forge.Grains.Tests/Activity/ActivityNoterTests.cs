using Forge.Catalog;
using Forge.Errors;
using Forge.Grains.Activity;
using Forge.Grains.Tests.History;
using Forge.Grains.Tests.Sqlite;
using Forge.Grains.Tests.Upkeep;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Forge.Identity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Activity;

/// <summary>When it is written down that sessions were active, and what becomes of it if that fails.</summary>
public sealed class ActivityNoterTests : IAsyncLifetime
{
    private readonly SqliteHistoryStore _store = TrialStore.New();
    private readonly ActivityNotes _notes = new();
    private readonly FakeTimeProvider _time = new(HistoryRows.Start);
    private readonly StartedLifetime _lifetime = new();
    private readonly List<SessionScript> _sessions = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _store.StartAsync(Cancel);
        foreach (var name in new[] { "a", "b" })
        {
            _sessions.Add(new SessionScript(_store, HistoryRows.Address(name)));
            await _sessions[^1].CommitAsync(c => c);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _lifetime.Dispose();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task Execute_ManyCommitsOfASession_AreWrittenDownOnceASecondLater()
    {
        var noted = new TaskCompletionSource<IReadOnlyList<long>>();
        var times = 0;
        using var noter = Noter(new ScriptedUpkeep(_store.Upkeep)
        {
            OnNote = _ =>
            {
                times++;
                return Task.CompletedTask;
            },

            // Not before: a stop while it is being written down has it written down again.
            OnNoted = keys => noted.TrySetResult(keys),
        });
        await noter.StartAsync(Cancel);
        await CreateAsync(_sessions[0], 1);
        await CreateAsync(_sessions[0], 2);
        await CreateAsync(_sessions[0], 3);

        while (!noted.Task.IsCompleted)
        {
            // Until the delay was begun, nothing of it goes by.
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.Equal([_sessions[0].Key], await noted.Task);
        await noter.StopAsync(Cancel);
        Assert.Equal(1, times);
        Assert.Equal(["a", "b"], await ByActivityAsync());
    }

    [Fact]
    public async Task Note_DatabaseThatFails_StaysNotedAndIsWrittenDownLater()
    {
        var fails = true;
        using var noter = Noter(new ScriptedUpkeep(_store.Upkeep)
        {
            OnNote = _ => fails ? throw new UnavailableException("no") : Task.CompletedTask,
        });
        await CreateAsync(_sessions[0], 5);

        await noter.NoteAsync(Cancel);
        Assert.Equal(["b", "a"], await ByActivityAsync());
        fails = false;
        await noter.NoteAsync(Cancel);

        Assert.Equal(["a", "b"], await ByActivityAsync());
        Assert.Empty(_notes.Take(10));
    }

    [Fact]
    public async Task Stop_WhatIsNotedStill_IsWrittenDown()
    {
        using var noter = Noter(_store.Upkeep);
        await noter.StartAsync(Cancel);
        await CreateAsync(_sessions[0], 5);

        await noter.StopAsync(Cancel);

        Assert.Equal(["a", "b"], await ByActivityAsync());
    }

    [Fact]
    public void Notes_BeyondTheirBound_AreLeftToTheWalk()
    {
        for (var key = 1; key <= ActivityNotes.Most + 10; key++)
        {
            _notes.Note(key);
            _notes.Note(key);
        }

        var taken = new List<long>();
        while (_notes.Take(999) is { Count: > 0 } some)
        {
            Assert.Equal(some.Order(), some);
            taken.AddRange(some);
        }

        Assert.Equal(ActivityNotes.Most, taken.Distinct().Count());
        Assert.Equal(ActivityNotes.Most, taken.Count);
        Assert.False(_notes.WaitAsync(Cancel).IsCompleted);
        _notes.Return([7, 8]);
        Assert.True(_notes.WaitAsync(Cancel).IsCompleted);
        Assert.Equal([7, 8], _notes.Take(10));
    }

    private ActivityNoter Noter(IUpkeep upkeep) => new(_notes, upkeep, _time, _lifetime, NullLogger<ActivityNoter>.Instance);

    private async Task CreateAsync(SessionScript session, int sequence)
    {
        await session.CreateAsync(HistoryRows.Checkpoint(sequence));
        _notes.Note(session.Key);
    }

    private async Task<IEnumerable<string>> ByActivityAsync() =>
        (await _store.Catalog.ListSessionsAsync(
            TenantId.Default, new SessionFilter { Order = SessionOrder.Activity, Limit = 10 }, Cancel)).Rows.Select(r => r.Session.Value);

    private sealed class StartedLifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _started = new();

        public StartedLifetime() => _started.Cancel();

        public CancellationToken ApplicationStarted => _started.Token;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication()
        {
        }

        public void Dispose() => _started.Dispose();
    }
}
