using Forge.Errors;
using Forge.Grains.Integrity;
using Forge.Grains.Tests.History;
using Forge.Grains.Tests.Sqlite;
using Forge.History.Rows;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Integrity;

public sealed class IntegritySweeperTests : IAsyncLifetime
{
    private readonly SqliteHistoryStore _store = TrialStore.New();
    private readonly FakeTimeProvider _time = new(HistoryRows.Start);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _store.StartAsync(Cancel);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Sweep_OneOfThreeSessionsDamaged_SaysWhichAndWaitsForTheInterval()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            await new MadeHistory(_store, HistoryRows.Address(name), 7).MakeAsync(5);
        }

        var key = (await _store.Reads.ReadHeadAsync(HistoryRows.Address("b"), Cancel))!.Head.Key;
        _store.Execute($"UPDATE sessions SET checkpoint_bytes = checkpoint_bytes + 1 WHERE session_key = {key}");

        await Sweeper().SweepAsync(Cancel);

        var summary = await new HistoryIntegrity(_store.Verification, new MendedRows()).SummarizeAsync(Cancel);
        Assert.Equal((3, 1), (summary.Sessions, summary.Damaged));
        Assert.Equal(["default/b"], summary.DamagedSessions);
        Assert.Equal(HistoryRows.Start, summary.DoneAt);
        Assert.Null(await ClaimAsync("other"));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.NotNull(await ClaimAsync("other"));
    }

    [Fact]
    public async Task Sweep_RoundOfASiloThatWentAway_GoesOnWhereItWas()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            await new MadeHistory(_store, HistoryRows.Address(name), 7).MakeAsync(5);
        }

        var begun = (await ClaimAsync("gone"))! with
        {
            StartedAt = _time.GetUtcNow(),
            Sessions = 1,
            AfterTenant = "default",
            AfterSession = "a",
        };
        Assert.True(await _store.Verification.SaveRoundAsync("gone", begun, _time.GetUtcNow().AddMinutes(2), Cancel));

        await Sweeper().SweepAsync(Cancel);
        Assert.Equal(1, (await _store.Verification.ReadRoundAsync(Cancel)).Sessions);

        _time.Advance(TimeSpan.FromMinutes(2));
        await Sweeper().SweepAsync(Cancel);

        Assert.Equal(3, (await _store.Verification.ReadRoundAsync(Cancel)).DoneSessions);
        Assert.False(await _store.Verification.SaveRoundAsync("gone", begun, null, Cancel));
    }

    public static TheoryData<Exception> Failures { get; } =
        [new UnavailableException("A statement took too long."), new OverflowException("poison"), new OperationCanceledException()];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Sweep_OneSessionCannotBeRead_CountsItAndVerifiesTheOthers(Exception failure)
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            await new MadeHistory(_store, HistoryRows.Address(name), 7).MakeAsync(5);
        }

        var poisoned = new ScriptedVerification(_store.Verification)
        {
            OnOpen = address => address.Session.Value == "b" ? throw failure : Task.CompletedTask,
        };

        await Sweeper(poisoned).SweepAsync(Cancel);

        var summary = await new HistoryIntegrity(_store.Verification, new MendedRows()).SummarizeAsync(Cancel);
        Assert.Equal((2, 0, 1), (summary.Sessions, summary.Damaged, summary.Unreadable));
        Assert.Equal(HistoryRows.Start, summary.DoneAt);
    }

    [Fact]
    public async Task Sweep_SessionThatCannotBeReadAtOnce_IsVerifiedWhenItCan()
    {
        await new MadeHistory(_store, HistoryRows.Address("a"), 7).MakeAsync(5);
        var attempts = 0;
        var shaky = new ScriptedVerification(_store.Verification)
        {
            OnOpen = _ => ++attempts < 3 ? throw new UnavailableException("Not now.") : Task.CompletedTask,
        };

        await Sweeper(shaky).SweepAsync(Cancel);

        var summary = await new HistoryIntegrity(_store.Verification, new MendedRows()).SummarizeAsync(Cancel);
        Assert.Equal((1, 0), (summary.Sessions, summary.Unreadable));
    }

    [Fact]
    public async Task Sweep_DatabaseGoesDown_StaysBeforeTheSessionThatItWasAt()
    {
        foreach (var name in new[] { "a", "b" })
        {
            await new MadeHistory(_store, HistoryRows.Address(name), 7).MakeAsync(5);
        }

        var (isDown, opened) = (true, new List<string>());
        var going = new ScriptedVerification(_store.Verification)
        {
            OnOpen = address =>
            {
                opened.Add(address.Session.Value);
                return isDown && address.Session.Value == "b" ? throw new UnavailableException("down") : Task.CompletedTask;
            },
            OnSave = () => isDown && opened[^1] == "b" ? throw new UnavailableException("down") : Task.CompletedTask,
        };
        var sweeper = Sweeper(going);
        await Assert.ThrowsAsync<UnavailableException>(() => sweeper.SweepAsync(Cancel));
        isDown = false;

        await sweeper.SweepAsync(Cancel);

        Assert.Equal(["a", "b", "b"], opened);
        Assert.Equal(2, (await _store.Verification.ReadRoundAsync(Cancel)).DoneSessions);
    }

    private Task<VerificationRound?> ClaimAsync(string owner) =>
        _store.Verification.ClaimRoundAsync(owner, _time.GetUtcNow(), TimeSpan.FromMinutes(2), Cancel);

    // So fast that nothing is waited for.
    private IntegritySweeper Sweeper(IVerification? verification = null) => new(
        verification ?? _store.Verification,
        _store.Catalog,
        Options.Create(new IntegrityOptions { BytesPerSecond = long.MaxValue, SessionsPerSecond = 1_000_000 }),
        _time,
        NullLogger<IntegritySweeper>.Instance);
}
