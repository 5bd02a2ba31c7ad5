using System.Net;
using System.Text.Json;
using Forge.Cli.Hosting;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>The commands of keys and of who one is, against a server that answers as one with keys does.</summary>
public sealed class KeyCommandTests
{
    private const string Key = """{"id":"k1","name":"ci","tenant":"default","scopes":["read","write"],"created":"2026-01-01T00:00:00Z","ends":null}""";

    [Fact]
    public async Task Create_ShowsTheKeyAloneOnTheOutput()
    {
        await using var silo = await StubSilo.StartAsync(_ => new StubAnswer(HttpStatusCode.Created, Key[..^1] + """,'key':"forge_secret"}""".Replace('\'', '"')));
        using var run = CommandLineRun.For(silo.Url);
        run.Variables["FORGE_KEY"] = "forge_admin";

        var result = await run.RunAsync("key", "create", "ci", "--scope", "read", "--scope", "write", "--ends", "2027-01-01T00:00:00Z");

        Assert.Equal((ExitCode.Done, "forge_secret\n"), (result.Code, result.Text));
        var request = Assert.Single(silo.Requests);
        Assert.Equal(("POST", "/v1/keys", "Bearer forge_admin"), (request.Method, request.Path, request.Authorization));
        Assert.Equal("""{"name":"ci","scopes":["read","write"],"ends":"2027-01-01T00:00:00.0000000Z"}""", request.Body);
    }

    [Fact]
    public async Task List_ShowsKeysPageByPage()
    {
        await using var silo = await StubSilo.StartAsync(request => StubAnswer.Ok(
            request.Path.Contains("cursor=c", StringComparison.Ordinal) ? $$"""{"items":[{{Key}}]}""" : $$"""{"items":[{{Key}}],"next":"c"}"""));
        using var run = CommandLineRun.For(silo.Url);

        var text = await run.DoneAsync("key", "list");
        var lines = await run.DoneAsync("key", "list", "--json");

        Assert.Equal(
            "KEY  CREATED               ENDS   SCOPES       NAME\nk1   2026-01-01 00:00:00Z  never  read, write  ci\nk1   2026-01-01 00:00:00Z  never  read, write  ci\n", text);
        Assert.All(lines.TrimEnd('\n').Split('\n'), line => Assert.Equal("k1", JsonDocument.Parse(line).RootElement.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Revoke_AsksFirstOnlyIfItIsADryRun()
    {
        await using var silo = await StubSilo.StartAsync(request =>
            request.Method == "DELETE" ? new StubAnswer(HttpStatusCode.NoContent, "") : StubAnswer.Ok($$"""{"items":[{{Key}}]}"""));
        using var run = CommandLineRun.For(silo.Url);

        Assert.StartsWith("Would revoke k1 (ci: read, write).", await run.DoneAsync("key", "revoke", "k1", "--dry-run"), StringComparison.Ordinal);
        Assert.Equal(ExitCode.NotFound, (await run.RunAsync("key", "revoke", "k2", "--dry-run")).Code);
        Assert.DoesNotContain(silo.Requests, request => request.Method == "DELETE");
        Assert.Equal("Revoked k1.\n", await run.DoneAsync("key", "revoke", "k1"));
        Assert.Equal(("DELETE", "/v1/keys/k1"), (silo.Requests.Last().Method, silo.Requests.Last().Path));
    }

    [Fact]
    public async Task WhoAmI_ShowsTenantAndScopes()
    {
        await using var silo = await StubSilo.StartAsync(_ => StubAnswer.Ok("""{"tenant":"acme","name":"ci","scopes":["read"],"ends":null}"""));
        using var run = CommandLineRun.For(silo.Url);

        var text = await run.DoneAsync("tenant", "whoami");

        Assert.Equal($"silo    {silo.Url}\ntenant  acme\nkey     ci\nscopes  read\nends    never\n", text);
    }
}
