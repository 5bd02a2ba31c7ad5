using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Forge.Claims;
using Forge.Errors;
using Forge.Grains.Tests.Retention;
using Forge.Grains.Tests.Sessions;
using Forge.History.Stores;
using Forge.Sessions;

namespace Forge.Grains.Tests.Claims;

/// <summary>What is kept of claims: in the log, in documents, and beside the work of the background.</summary>
public abstract partial class ClaimContract
{
    [Fact]
    public async Task Log_OfClaims_TellsEachAndItsEnd()
    {
        var session = Forge.Session(Make.Id());
        await session.RunAsync(new ClaimSession("a"));
        var claim = await session.RunAsync(new ClaimSession("b", Lease));
        await session.RunAsync(new RenewClaim(Lease) { Epoch = 2 });
        await session.RunAsync(new ReleaseClaim { Epoch = 2 });

        var entries = (await fixture.Store.Log.ReadAsync(AddressOf(session), 0, 100, long.MaxValue, Cancel))!.Entries;

        Assert.Equal([typeof(ClaimedEntry), typeof(ClaimedEntry), typeof(ReleasedEntry)], entries.Select(e => e.GetType()));
        Assert.Equal(
            [(1, "a", null), (2, "b", (claim.Until!.Value - DateTimeOffset.UnixEpoch).Ticks / 10), (2, "b", (long?)null)],
            entries.Cast<EventEntry>().Select(e => (e.Detail!.Epoch!.Value, e.Detail.Owner, e.Detail.Until)));
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Sweep_OfAClaimedSession_AppliesItsPolicyAndItsTimeToLive()
    {
        var session = Forge.Session(Make.Id());
        await session.SetSettingsAsync(new SessionSettings
        {
            Retention = new RetentionPolicy { KeepRecent = 2 },
            TimeToLive = TimeSpan.FromDays(2),
        });
        await session.RunAsync(new ClaimSession("a"));
        for (var i = 1; i <= 5; i++)
        {
            await session.CreateAsync(Make.Checkpoint($"{i}") with { Epoch = 1 });
        }

        await fixture.SweepAfterAsync(RetentionFixture.Interval * 2);
        Assert.Equal([4, 5], (await session.AllAsync()).Select(c => c.Sequence));
        Assert.Equal("a", (await session.RunAsync(new GetClaim()))!.Owner);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);

        await fixture.SweepAfterAsync(TimeSpan.FromDays(3));
        await fixture.SweepAfterAsync(TimeSpan.FromDays(1));
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.GetInfoAsync());
    }

    [Fact]
    public async Task Sweep_OfASessionThatWasClaimedAndNoMore_EndsItWithItsTenantsTimeToLive()
    {
        var tenant = Make.Id("t");
        await Forge.Tenant(tenant).SetSettingsAsync(new() { TimeToLive = TimeSpan.FromDays(1) });
        var session = Forge.Session(Make.Id(), tenant);
        await session.RunAsync(new ClaimSession("a"));

        await fixture.SweepAfterAsync(RetentionFixture.Interval * 2);
        Assert.NotNull(await session.GetInfoAsync());
        await fixture.SweepAfterAsync(TimeSpan.FromDays(2));

        await Assert.ThrowsAsync<SessionDeletedException>(() => session.GetInfoAsync());
    }

    [Fact]
    public async Task Trim_OfEventsOfClaims_LeavesASessionThatVerifies()
    {
        var session = Forge.Session(Make.Id());
        for (var i = 1; i <= 20; i++)
        {
            await session.RunAsync(new ClaimSession($"w{i}"));
            await session.CreateAsync(Make.Checkpoint($"{i}") with { Epoch = i });
        }

        await fixture.SweepAfterAsync(TimeSpan.FromDays(30));
        await fixture.Store.Upkeep.TrimEventsAsync(
            await fixture.KeyAsync(session), 0, 3, fixture.Time.GetUtcNow(), fixture.Time.GetUtcNow(), 1000, Cancel);

        var entries = (await fixture.Store.Log.ReadAsync(AddressOf(session), 0, 100, long.MaxValue, Cancel))!.Entries;
        Assert.Contains(entries, e => e is GapEntry);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
        Assert.Equal(20, (await session.RunAsync(new GetClaim()))!.Epoch);
    }

    [Fact]
    public async Task Import_IntoASessionThatWasNeverUsed_GoesOnFromTheEpochAndNobodyHasIt()
    {
        var origin = await TwiceClaimedAsync();
        var document = await origin.ExportAllAsync();
        Assert.Equal(2, JsonDocument.Parse(Encoding.UTF8.GetString(document).Split('\n')[0]).RootElement.GetProperty("claimEpoch").GetInt64());
        var copy = Forge.Session(Make.Id());

        Assert.Equal(2, (await copy.ImportAllAsync(document)).Imported);

        Assert.Equal(new SessionClaim(2, null, null), await copy.RunAsync(new GetClaim()));
        foreach (var epoch in new long[] { 1, 2 })
        {
            await Assert.ThrowsAsync<ClaimSupersededException>(() => copy.CreateAsync(Make.Checkpoint() with { Epoch = epoch }));
        }

        Assert.True((await copy.VerifyOnceAsync()).IsIntact);
        Assert.Equal(3, (await copy.CreateAsync("3")).Sequence);
        Assert.Equal(3, (await copy.RunAsync(new ClaimSession("c"))).Epoch);
        Assert.True((await copy.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Import_IntoASessionThatIsThere_TakesTheGreaterEpochUnlessSomebodyHasIt()
    {
        var (free, held) = (Forge.Session(Make.Id()), Forge.Session(Make.Id()));
        await free.CreateAsync("1");
        await held.CreateAsync("1");
        await held.RunAsync(new ClaimSession("a"));
        var document = LaterDocument(fixture.Time.GetUtcNow(), claimEpoch: 7);

        await ImportAsync(free, null);
        await ImportAsync(held, 1);

        Assert.Equal(new SessionClaim(7, null, null), await free.RunAsync(new GetClaim()));
        Assert.Equal(new SessionClaim(1, "a", null), await held.RunAsync(new GetClaim()));
        await held.CreateAsync(Make.Checkpoint() with { Epoch = 1 });
        Assert.True((await free.VerifyOnceAsync()).IsIntact);
        Assert.True((await held.VerifyOnceAsync()).IsIntact);

        async Task ImportAsync(ISessionGrain session, long? epoch)
        {
            var ticket = await session.BeginImportAsync();
            await session.AppendImportAsync(ticket, 0, document);
            Assert.Equal(1, (await session.CompleteImportAsync(ticket with { Epoch = epoch })).Imported);
        }
    }

    [Fact]
    public async Task Export_OfASessionThatWasNeverClaimed_SaysNothingOfClaims()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();

        Assert.DoesNotContain("claimEpoch", Encoding.UTF8.GetString(await session.ExportAllAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("null")]
    [InlineData("9223372036854775807")]
    public async Task Import_WithAnEpochThatCanBeNone_IsRefused(string epoch)
    {
        var document = Encoding.UTF8.GetString(LaterDocument(fixture.Time.GetUtcNow(), 7)).Replace("\"claimEpoch\":7", $"\"claimEpoch\":{epoch}", StringComparison.Ordinal);

        var refusal = await Assert.ThrowsAsync<ImportRejectedException>(
            () => Forge.Session(Make.Id()).ImportAllAsync(Encoding.UTF8.GetBytes(document)));

        Assert.Equal(1, refusal.Line);
    }

    /// <summary>A document of one checkpoint whose sequence is above those of any session here.</summary>
    private static byte[] LaterDocument(DateTimeOffset time, long? claimEpoch = null)
    {
        var (state, at) = ("[]"u8.ToArray(), time.ToString("O"));
        var epoch = claimEpoch is { } value ? $",\"claimEpoch\":{value}" : "";
        return Encoding.UTF8.GetBytes(
            $$"""
            {"forge":"session","version":1,"exportedAt":"{{at}}","createdAt":"{{at}}","count":1,"lastSequence":100,"lastPosition":200,"head":100,"current":100{{epoch}}}
            {"sequence":100,"id":"{{Guid.NewGuid()}}","createdAt":"{{at}}","parent":0,"message":"m","tags":[],"trigger":"manual","contentType":"application/json","size":2,"sha256":"{{Convert.ToHexStringLower(SHA256.HashData(state))}}","state":[]}

            """.ReplaceLineEndings("\n"));
    }
}
