using System.Net;
using Forge.Grains.Tests.Http;
using Forge.Grains.Tests.PostgreSql;
using Forge.Silo.Hosting;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Tests.Security;

/// <summary>The command that makes the first key.</summary>
public sealed class KeyCommandTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_BeforeAndBesideASiloOnSqlite_MakesKeysThatItTakes()
    {
        using var folder = new TemporaryFolder();
        string[] database = [$"--Forge:Data={folder.Path}"];
        var (first, notes) = await RunAsync(["create", "--name", "first", .. database]);
        Assert.Matches("^forge_[0-9a-f]{16}_[A-Za-z0-9_-]{43}\n$", first.ReplaceLineEndings("\n"));
        Assert.DoesNotContain(first.Trim(), notes, StringComparison.Ordinal);

        await using var silo = await SecuredSilo.StartAsync("Forge:Database=Sqlite", $"Forge:Data={folder.Path}");
        await TriesAsync(silo, first.Trim(), database);
    }

    [Fact]
    public async Task Create_BesideASiloOnPostgreSql_MakesKeysThatItTakes()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        string[] settings = ["--Forge:Database", "PostgreSql", "--ConnectionStrings:Forge", database];
        var (first, _) = await RunAsync(["create", "--name=first", .. settings]);
        await using (var silo = await SecuredSilo.StartAsync("Forge:Database=PostgreSql", $"ConnectionStrings:Forge={database}"))
        {
            await TriesAsync(silo, first.Trim(), settings);
        }

        await PostgreSqlServer.Shared.DropDatabaseAsync(database);
    }

    [Fact]
    public async Task Create_InMemory_IsRefused()
    {
        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => RunAsync(["create", "--name", "first", "--Forge:Database", "Memory"]));
        Assert.Contains("Memory", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("make")]
    [InlineData("create")]
    [InlineData("create", "--name")]
    [InlineData("create", "--nam", "x")]
    [InlineData("revoke")]
    [InlineData("list", "--scopes", "read")]
    public async Task Run_CommandLineThatIsNone_SaysHowOneIs(params string[] args)
    {
        using var folder = new TemporaryFolder();
        var error = await Assert.ThrowsAsync<FormatException>(() => RunAsync([.. args, .. args.Length > 1 || args is ["create"] ? new[] { $"--Forge:Data={folder.Path}" } : []]));
        Assert.Contains("key create --name", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("revoke", "0123456789abcdef")]
    public async Task Run_FolderWithoutADatabase_SaysWhereNoneIsAndMakesNone(params string[] args)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "forge.db");

        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => RunAsync([.. args, $"--Forge:Data={folder.Path}"]));

        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
        var (_, notes) = await RunAsync(["create", "--name", "first", $"--Forge:Data={folder.Path}"]);
        Assert.Contains(file, notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_SettingsOfSecurityThatCannotBe_AreRefused()
    {
        using var folder = new TemporaryFolder();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => RunAsync(["create", "--name", "first", $"--Forge:Data={folder.Path}", "--Forge:Security:Keys=0"]));
        Assert.Contains("Forge:Security:Keys", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("--scopes", "root")]
    [InlineData("--ends", "2020-01-01T00:00:00Z")]
    [InlineData("--tenant", "a/b")]
    public async Task Create_WhatCannotBe_IsRefused(string option, string value)
    {
        using var folder = new TemporaryFolder();
        await Assert.ThrowsAsync<InvalidRequestException>(() => RunAsync(["create", "--name", "x", option, value, $"--Forge:Data={folder.Path}"]));
    }

    private static async Task TriesAsync(SecuredSilo silo, string first, string[] database)
    {
        using var admin = silo.With(first);
        Assert.Equal("admin", (await MeAsync(admin)).Json.GetProperty("scopes")[2].GetString());
        var (second, _) = await RunAsync(["create", "--name", "second", "--tenant", "other", "--scopes", "read", "--ends", "PT1H", .. database]);
        using var reader = silo.With(second.Trim());
        var me = await MeAsync(reader);
        Assert.Equal(("other", "second"), (me.Json.GetProperty("tenant").GetString(), me.Json.GetProperty("name").GetString()));
        Assert.NotNull(me.Json.GetProperty("ends").GetString());

        var (listed, _) = await RunAsync(["list", "--tenant", "other", .. database]);
        Assert.Contains("second", Assert.Single(listed.Trim().Split('\n')), StringComparison.Ordinal);
        var id = listed[..16];
        await Assert.ThrowsAsync<InvalidRequestException>(() => RunAsync(["revoke", id, .. database]));
        await RunAsync(["revoke", id, "--tenant", "other", .. database]);

        await SecuredSilo.UntilAsync(() => MeAsync(reader), answer => answer.Status == HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, (await MeAsync(admin)).Status);

        // The silo wrote meanwhile, and goes on.
        await new SessionHttp(admin, "s").CreateAsync("one");
    }

    private static async Task<HttpAnswer> MeAsync(HttpClient client)
    {
        using var response = await client.GetAsync("/v1/whoami", Cancel);
        return await HttpAnswer.ReadAsync(response);
    }

    private static async Task<(string Output, string Notes)> RunAsync(string[] args)
    {
        await using var output = new StringWriter();
        await using var notes = new StringWriter();
        await KeyCommand.RunAsync(args, output, notes);
        return (output.ToString(), notes.ToString());
    }
}
