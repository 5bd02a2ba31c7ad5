using System.Net;
using System.Text;
using Forge.Grains.Tests.Http;
using Forge.Silo.Security.Callers;
using Forge.Silo.Security.Keys;

namespace Forge.Grains.Tests.Security;

/// <summary>Keys over HTTP, and what is told of them.</summary>
public sealed class KeyTests : IAsyncLifetime
{
    private SecuredSilo _silo = null!;

    public async ValueTask InitializeAsync() => _silo = await SecuredSilo.StartAsync("Forge:Security:Keys=5");

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    [Fact]
    public void Make_ManyTimes_ReadsBackAndIsFoundByScanners()
    {
        for (var i = 0; i < 1_000; i++)
        {
            var made = KeyText.Make(out var text);

            Assert.Matches("^forge_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$", text);
            var read = KeyText.Parse(text);
            Assert.Equal((made.Id, Convert.ToHexString(made.Hash)), (read!.Value.Id, Convert.ToHexString(read.Value.Hash)));
            Assert.Equal(made.Id, KeyText.ParseId(KeyText.IdOf(made.Id)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("forge_")]
    [InlineData("forge_0000000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("forge_8000000000000001_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("forge_000000000000000A_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("forge_0000000000000001_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A")]
    [InlineData("forge_0000000000000001_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ")]
    [InlineData("Forge_0000000000000001_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Parse_TextThatIsNoKey_IsNone(string text) => Assert.Null(KeyText.Parse(text));

    [Fact]
    public async Task Create_ByAnAdmin_IsToldOnceAndIsGood()
    {
        using var admin = await _silo.CallerAsync("a");
        var made = await PostAsync(admin, """{"name":"worker","scopes":["write"],"ends":"2100-01-01T00:00:00Z"}""");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal("no-store", Assert.Single(made.Headers["Cache-Control"]));
        Assert.Equal(
            ["id", "name", "tenant", "scopes", "created", "ends", "key"], made.Json.EnumerateObject().Select(property => property.Name));
        var key = made.Json.GetProperty("key").GetString()!;

        using var worker = _silo.With(key);
        var me = await GetAsync(worker, "/v1/whoami");
        Assert.Equal(
            """{"tenant":"a","name":"worker","scopes":["read","write"],"ends":"2100-01-01T00:00:00Z"}""", me.Text);
        var listed = await SecuredSilo.UntilAsync(
            () => GetAsync(admin, "/v1/keys"), answer => answer.Text.Contains("\"lastUsed\":\"2", StringComparison.Ordinal));
        Assert.DoesNotContain(key[^43..], listed.Text, StringComparison.Ordinal);
        Assert.Equal(
            ["of a test", "worker"], listed.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("""{"scopes":["read"]}""", "name")]
    [InlineData("""{"name":"","scopes":["read"]}""", "name")]
    [InlineData("""{"name":"a\u0000","scopes":["read"]}""", "name")]
    [InlineData("""{"name":"a"}""", "scopes")]
    [InlineData("""{"name":"a","scopes":[]}""", "scopes")]
    [InlineData("""{"name":"a","scopes":["root"]}""", "scopes")]
    [InlineData("""{"name":"a","scopes":["read"],"ends":"2020-01-01T00:00:00Z"}""", "ends")]
    [InlineData("""{"name":"a","scopes":["read"],"ends":"soon"}""", "ends")]
    [InlineData("""{"name":"a","scopes":["read"],"tenant":"b"}""", "tenant")]
    public async Task Create_WhatCannotBe_IsRefusedByItsField(string body, string field)
    {
        using var admin = await _silo.CallerAsync("a");
        (await PostAsync(admin, body)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
    }

    [Fact]
    public async Task Create_MoreThanATenantMayHave_IsRefusedUntilOneIsRevoked()
    {
        using var admin = await _silo.CallerAsync("many");
        var last = "";
        for (var i = 1; i < 5; i++)
        {
            last = (await PostAsync(admin, """{"name":"a","scopes":["read"]}""")).Json.GetProperty("id").GetString()!;
        }

        (await PostAsync(admin, """{"name":"a","scopes":["read"]}""")).MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded", "keys");
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(admin, last)).Status);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(admin, """{"name":"a","scopes":["read"]}""")).Status);
    }

    [Fact]
    public async Task Revoke_KeyOfAnotherTenant_IsAsOneThatNobodyHas()
    {
        var (id, text) = await _silo.KeyAsync("a", GivenScopes.Read);
        using var other = await _silo.CallerAsync("b");

        var foreign = await DeleteAsync(other, id);
        var unknown = await DeleteAsync(other, "0123456789abcdef");
        var malformed = await DeleteAsync(other, "x");
        foreign.MustRefuse(HttpStatusCode.NotFound, "key_not_found");
        Assert.Equal([Untraced(unknown), Untraced(unknown)], [Untraced(foreign), Untraced(malformed)]);
        using var still = _silo.With(text);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(still, "/v1/whoami")).Status);
        (await GetAsync(other, $"/v1/keys?cursor={id}")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "cursor");
        (await GetAsync(other, "/v1/keys?cursor=0123456789abcdef")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "cursor");
    }

    [Fact]
    public async Task Revoke_Key_IsRefusedAtOnceHereAndCanBeSaidAgain()
    {
        using var admin = await _silo.CallerAsync("a");
        var (id, text) = await _silo.KeyAsync("a", GivenScopes.Read);
        using var caller = _silo.With(text);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(caller, "/v1/whoami")).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(admin, id)).Status);

        (await GetAsync(caller, "/v1/whoami")).MustRefuse(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync(admin, id)).Status);
        using var still = await _silo.CallerAsync("a");
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(still, "/v1/whoami")).Status);
    }

    [Fact]
    public async Task Create_WhereOthersHaveEnded_CountsOnlyThoseThatAreGood()
    {
        for (var i = 0; i < 5; i++)
        {
            await _silo.BadKeyAsync("ended", isRevoked: false);
        }

        using var admin = await _silo.CallerAsync("ended");
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(admin, """{"name":"k","scopes":["read"]}""")).Status);
    }

    [Fact]
    public async Task Health_WhileSecurityIsOn_LooksNoKeyUpAndCountsNoSessions()
    {
        using var admin = await _silo.CallerAsync("a");
        var keys = (CheckedKeys)_silo.Services.GetService(typeof(CheckedKeys))!;

        var ready = await GetAsync(admin, "/health/ready");

        Assert.Equal((HttpStatusCode.OK, """{"status":"ready"}""", 0), (ready.Status, ready.Text, keys.Count));
    }

    [Fact]
    public async Task List_PageByPage_HasEachOnce()
    {
        using var admin = await _silo.CallerAsync("paged");
        for (var i = 0; i < 3; i++)
        {
            await PostAsync(admin, $$"""{"name":"k{{i}}","scopes":["read"]}""");
        }

        var (names, cursor) = (new List<string?>(), "");
        do
        {
            var page = (await GetAsync(admin, $"/v1/keys?limit=2{cursor}")).Json;
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()));
            cursor = page.GetProperty("next").GetString() is { } next ? $"&cursor={next}" : null;
        }
        while (cursor is not null);

        Assert.Equal(["of a test", "k0", "k1", "k2"], names);
    }

    private static string Untraced(HttpAnswer answer) => System.Text.RegularExpressions.Regex.Replace(answer.Text, "\"traceId\":\"[^\"]*\"", "");

    private static async Task<HttpAnswer> GetAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);
        return await HttpAnswer.ReadAsync(response);
    }

    private static async Task<HttpAnswer> DeleteAsync(HttpClient client, string id)
    {
        using var response = await client.DeleteAsync($"/v1/keys/{id}", TestContext.Current.CancellationToken);
        return await HttpAnswer.ReadAsync(response);
    }

    private static async Task<HttpAnswer> PostAsync(HttpClient client, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync("/v1/keys", content, TestContext.Current.CancellationToken);
        return await HttpAnswer.ReadAsync(response);
    }
}
