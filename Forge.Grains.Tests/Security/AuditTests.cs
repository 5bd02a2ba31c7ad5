using System.Net;
using System.Text;
using Forge.Errors;
using Forge.Grains.Tests.Http;
using Forge.Identity;
using Forge.Silo.Security.Audit;
using Forge.Silo.Security.Callers;
using Forge.Silo.Security.Keys;
using Forge.Silo.Security.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Security;

/// <summary>What admins can know of.</summary>
public sealed class AuditTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeAccess _store = new();
    private readonly AuditTrail _audit;

    public AuditTests() => _audit = new AuditTrail(_store, Options.Create(new SecurityOptions()), _time, NullLogger<AuditTrail>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refuse_TheSameManyTimes_IsOneEntryWithACount()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _audit.Refuse("t", "key:1", "revoked");
        }

        await _audit.WriteAsync(Cancel);

        var entry = Assert.Single(_store.Audit);
        Assert.Equal(("t", "credential_refused", "key:1", "refused", "revoked; 1000 times"), (entry.Tenant, entry.Act, entry.Who, entry.Outcome, entry.Detail));
    }

    [Fact]
    public async Task Refuse_AsOftenAsAnybodyLikes_WritesABoundedNumberAndCountsTheRest()
    {
        var sent = 0;
        for (var second = 0; second < 600; second++)
        {
            for (var i = 0; i < 50; i++)
            {
                _audit.Refuse(null, $"key:{sent++}", "wrong secret");
            }

            await _audit.WriteAsync(Cancel);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        // Ten at first and ten a minute, over ten minutes.
        Assert.InRange(_store.Audit.Count, 100, 110);
        _time.Advance(TimeSpan.FromDays(1));
        for (var i = 0; i < 20 && _audit.HasEntries; i++)
        {
            await _audit.WriteAsync(Cancel);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.False(_audit.HasEntries);
        var leftOut = _store.Audit.Where(entry => entry.Act == "entries_left_out").Sum(entry => long.Parse(entry.Detail, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(sent, leftOut + _store.Audit.Count(entry => entry.Act == "credential_refused"));
    }

    [Fact]
    public async Task Refuse_OneKindAllTheTime_StarvesNoOther()
    {
        // Ten kinds use the first allowance up; from then on one comes in every six seconds.
        for (var i = 0; i < 10; i++)
        {
            _audit.Refuse(null, "", $"kind {i}");
        }

        await _audit.WriteAsync(Cancel);
        _audit.Refuse(null, "", "malformed");
        for (var i = 0; i < 200; i++)
        {
            _audit.Refuse("loud", $"key:{i}", "wrong secret");
        }

        _audit.Refuse(null, "", "unknown");
        _audit.Refuse("quiet", "key:1", "revoked");
        for (var round = 0; round < 6; round++)
        {
            _time.Advance(TimeSpan.FromSeconds(6.1));
            await _audit.WriteAsync(Cancel);
            _audit.Refuse(null, "", "malformed");
            _audit.Refuse("loud", "key:0", "wrong secret");
        }

        var told = _store.Audit.Skip(10).Select(entry => (entry.Tenant, entry.Act, entry.Detail)).ToList();
        Assert.Equal(
            [
                ("default", "credential_refused", "malformed"),
                ("loud", "credential_refused", "wrong secret; 2 times"),
                ("default", "entries_left_out", "100"),
                ("quiet", "credential_refused", "revoked"),
                ("default", "credential_refused", "unknown"),
                ("loud", "credential_refused", "wrong secret"),
            ],
            told);
    }

    [Fact]
    public async Task Write_EntryThatTheDatabaseNeverTakes_IsDroppedAlone()
    {
        _store.Rejected = "session:bad";
        _audit.Note("t", "session_deleted", "key:1", "session:one");
        _audit.Note("t", "session_deleted", "key:1", "session:bad");
        _audit.Note("t", "session_deleted", "key:1", "session:two");

        await _audit.WriteAsync(Cancel);

        Assert.Equal(["session:one", "session:two"], _store.Audit.Select(entry => entry.Target));
        Assert.False(_audit.HasEntries);
    }

    [Fact]
    public void Caller_NameThatNoDatabaseTakes_IsCleaned()
    {
        var caller = new Caller("s", TenantId.Default, "a\0b\ud83d", "jwt:" + new string('x', 195) + "\ud83d\ude00", GivenScopes.Read, null);
        Assert.Equal(("a\ufffdb\ufffd", "jwt:" + new string('x', 195)), (caller.Name, caller.Who));
    }

    [Fact]
    public async Task Write_DatabaseThatDoesNotTakeIt_IsDoneTheNextTime()
    {
        _audit.Note("t", "session_deleted", "key:1", "session:s");
        _audit.Refuse("t", "key:1", "revoked");
        _store.Failure = new UnavailableException("down");
        await Assert.ThrowsAsync<UnavailableException>(() => _audit.WriteAsync(Cancel));
        _audit.Refuse("t", "key:1", "revoked");
        _audit.Note("t", "session_cleared", "key:1", "session:s");
        _store.Failure = null;

        await _audit.WriteAsync(Cancel);

        Assert.Equal(["session_deleted", "session_cleared", "credential_refused"], _store.Audit.Select(entry => entry.Act));
        Assert.Equal("revoked; 2 times", _store.Audit[^1].Detail);
        Assert.False(_audit.HasEntries);
    }

    [Fact]
    public async Task Audit_OfARunningSilo_TellsAdminsOfTheirTenantWhatWasDoneAndRefused()
    {
        await using var silo = await SecuredSilo.StartAsync("Forge:Security:AuditRefusals=1000");
        using var admin = await silo.CallerAsync("a");
        using var other = await silo.CallerAsync("b");
        var (id, text) = await silo.KeyAsync("a", GivenScopes.Read);
        using var reader = silo.With(text);
        await new SessionHttp(admin, "s").CreateAsync("one");
        await new SessionHttp(admin, "s").PostAsync("/clear", "");
        await new SessionHttp(admin, "s").DeleteAsync();
        using var forbidden = await reader.DeleteAsync("/v1/sessions/s", Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        using var revoked = await admin.DeleteAsync($"/v1/keys/{id}", Cancel);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        using var refused = await reader.GetAsync("/v1/whoami", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        var told = await SecuredSilo.UntilAsync(
            () => ReadAsync(admin, 0), entries => entries.Any(entry => entry.StartsWith("credential_refused", StringComparison.Ordinal))
                && entries.Any(entry => entry.StartsWith("forbidden", StringComparison.Ordinal))
                && entries.Any(entry => entry.StartsWith("session_deleted", StringComparison.Ordinal)));

        Assert.Contains($"key_created key:{id} done", told);
        Assert.Contains($"key_revoked key:{id} done", told);
        Assert.Contains("session_cleared session:s done", told);
        Assert.Contains("session_deleted session:s done", told);
        Assert.Contains("credential_refused  refused", told);
        Assert.Contains("forbidden  refused", told);
        Assert.DoesNotContain(await ReadAsync(other, 0), entry => entry.Contains(id, StringComparison.Ordinal) || entry.Contains("session", StringComparison.Ordinal));
        Assert.Equal(told.Skip(2), await ReadAsync(admin, 2));
    }

    [Fact]
    public async Task Audit_CredentialsThatAreNobodys_AreToldToTheOperatorsTenant()
    {
        await using var silo = await SecuredSilo.StartAsync("Forge:Security:AuditTenant=operators");
        KeyText.Make(out var unknown);
        foreach (var token in (string[])["garbage", unknown])
        {
            using var caller = silo.With(token);
            using var response = await caller.GetAsync("/v1/sessions", Cancel);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }

        using var operators = await silo.CallerAsync("operators");
        var told = await SecuredSilo.UntilAsync(
            () => ReadAsync(operators, 0), entries => entries.Count(entry => entry == "credential_refused  refused") == 2);
        Assert.Equal(3, told.Count);
    }

    [Fact]
    public async Task Audit_ImportThatIsCutOff_IsToldAsDoneInPart()
    {
        await using var silo = await SecuredSilo.StartAsync();
        using var from = await silo.CallerAsync("a");
        using var to = await silo.CallerAsync("b");
        await new SessionHttp(from, "s").CreateAsync("one");
        using var exported = await from.GetAsync("/v1/export?compress=none", Cancel);
        var lines = (await exported.Content.ReadAsStringAsync(Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using var content = new StringContent(string.Join('\n', lines[..^1]) + "\n", Encoding.UTF8, "application/x-ndjson");

        using var imported = await to.PostAsync("/v1/import", content, Cancel);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, imported.StatusCode);
        var told = await SecuredSilo.UntilAsync(
            () => ReadAsync(to, 0), entries => entries.Any(entry => entry.StartsWith("tenant_imported", StringComparison.Ordinal)));
        Assert.Contains("tenant_imported  partial", told);
    }

    [Fact]
    public async Task Audit_ChangeThatFailed_IsNotToldAsDone()
    {
        await using var silo = await SecuredSilo.StartAsync();
        using var admin = await silo.CallerAsync("a");
        Assert.Equal(HttpStatusCode.NotFound, (await new SessionHttp(admin, "none").DeleteAsync()).Status);
        await new SessionHttp(admin, "s").CreateAsync("one");
        await new SessionHttp(admin, "s").DeleteAsync();

        var told = await SecuredSilo.UntilAsync(
            () => ReadAsync(admin, 0), entries => entries.Any(entry => entry.StartsWith("session_deleted", StringComparison.Ordinal)));

        Assert.Equal(["session_deleted session:s done"], told.Where(entry => entry.StartsWith("session_deleted", StringComparison.Ordinal)));
    }

    private static async Task<List<string>> ReadAsync(HttpClient client, long after)
    {
        using var response = await client.GetAsync($"/v1/audit?after={after}&limit=1000", Cancel);
        var page = (await HttpAnswer.ReadAsync(response)).Json;
        var items = page.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(1, items.Count).Select(n => after + n), items.Select(item => item.GetProperty("position").GetInt64()));
        Assert.Equal(after + items.Count, page.GetProperty("next").GetInt64());
        return [.. items.Select(item =>
            $"{item.GetProperty("act").GetString()} {item.GetProperty("target").GetString()} {item.GetProperty("outcome").GetString()}")];
    }
}
