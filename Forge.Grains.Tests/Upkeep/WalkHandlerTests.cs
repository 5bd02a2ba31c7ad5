using Forge.Catalog;
using Forge.Grains.Retention;
using Forge.Grains.Tenants;
using Forge.Grains.Tests.History;
using Forge.Grains.Tests.Sqlite;
using Forge.Grains.Upkeep;
using Forge.History.Rows;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;
using Forge.Tenants;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Upkeep;

/// <summary>A walk over sessions of several tenants, of which the settings of one cannot be read.</summary>
public sealed class WalkHandlerTests : IAsyncLifetime
{
    private readonly SqliteHistoryStore _store = TrialStore.New();
    private readonly FakeTimeProvider _time = new(HistoryRows.Start);
    private readonly HashSet<string> _broken = [];
    private readonly List<long> _keys = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _store.StartAsync(Cancel);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Walk_OneTenantsSettingsCannotBeRead_TheOthersAreFoundAndTheWalkGoesOn()
    {
        await MakeAsync("bad", "good", "bad", "good", "bad", "fine");
        _broken.Add("bad");
        using var tenants = Tenants();
        var handler = Handler(tenants);

        await StepAsync(handler);
        Assert.Equal([1], await FoundAsync());
        for (var turn = 0; turn < 6; turn++)
        {
            await StepAsync(handler);
        }

        Assert.Equal([1, 3, 5], await FoundAsync());
        Assert.Equal(0, (await _store.Upkeep.FindDueWorkAsync(DueWorkKind.Walk, 0, Cancel))!.Cursor);

        // The next walk asks again.
        _broken.Clear();
        _time.Advance(TimeSpan.FromHours(2));
        for (var turn = 0; turn < 3; turn++)
        {
            await StepAsync(handler);
        }

        Assert.Equal([0, 1, 2, 3, 4, 5], await FoundAsync());
    }

    [Fact]
    public async Task Walk_SettingsThatCannotBeReadForAMoment_AreAskedForAgainBeforeItGoesOn()
    {
        await MakeAsync("bad", "good", "good", "good");
        _broken.Add("bad");
        using var tenants = Tenants();
        var handler = Handler(tenants);
        await StepAsync(handler);
        await StepAsync(handler);
        _broken.Clear();

        await StepAsync(handler);

        Assert.Equal([0, 1], await FoundAsync());
    }

    [Fact]
    public async Task Walk_ActivityThatASiloLost_IsPutRight()
    {
        await MakeAsync("good", "good", "good");
        var session = new SessionScript(_store, HistoryRows.Address("late", "good"));
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await session.CreateAsync(HistoryRows.Checkpoint(2) with { CreatedAt = HistoryRows.Start.AddHours(1) });
        using var tenants = Tenants();
        var handler = Handler(tenants);
        Assert.NotEqual("late", (await ByActivityAsync())[0]);

        // Two sessions a turn.
        await StepAsync(handler);
        Assert.NotEqual("late", (await ByActivityAsync())[0]);
        await StepAsync(handler);

        Assert.Equal("late", (await ByActivityAsync())[0]);
        Assert.Equal(0, await _store.Upkeep.MendActivityAsync(0, long.MaxValue, Cancel));
    }

    private async Task<List<string>> ByActivityAsync() =>
        [.. (await _store.Catalog.ListSessionsAsync(
            TenantId.Parse("good"), new SessionFilter { Order = SessionOrder.Activity, Limit = 10 }, Cancel)).Rows
            .Select(r => r.Session.Value)];

    /// <summary>Makes a session of two checkpoints of each of these tenants, of which a policy keeps one.</summary>
    private async Task MakeAsync(params string[] tenants)
    {
        for (var i = 0; i < tenants.Length; i++)
        {
            var session = new SessionScript(_store, HistoryRows.Address($"s{i}", tenants[i]));
            await session.CreateAsync(HistoryRows.Checkpoints(1, 2));
            _keys.Add(session.Key);
        }
    }

    private async Task<List<int>> FoundAsync()
    {
        var found = new List<int>();
        for (var i = 0; i < _keys.Count; i++)
        {
            if (await _store.Upkeep.FindDueWorkAsync(DueWorkKind.Retain, _keys[i], Cancel) is not null)
            {
                found.Add(i);
            }
        }

        return found;
    }

    private TenantDefaults Tenants() => new(
        tenant => _broken.Contains(tenant.Value)
            ? Task.FromException<TenantSettings>(new SqliteException("a row of it is damaged", 11))
            : Task.FromResult(new TenantSettings()),
        _time,
        NullLogger<TenantDefaults>.Instance);

    private WalkHandler Handler(TenantDefaults tenants)
    {
        var options = Options.Create(new RetentionOptions { Policy = new RetentionPolicy { KeepRecent = 1 }, SweepRows = 2 });
        return new WalkHandler(
            _store.Upkeep, tenants,
            new WorkClaims(_store.Upkeep, options, new RetentionClock(_time, NullLogger<RetentionClock>.Instance), _time),
            options, NullLogger<WalkHandler>.Instance);
    }

    private static Task<bool> StepAsync(WalkHandler handler) => handler.Begin().StepAsync(Cancel);
}
