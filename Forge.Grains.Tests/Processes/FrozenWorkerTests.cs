using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Forge.Grains.Tests.PostgreSql;
using Forge.Grains.Tests.Sqlite;

namespace Forge.Grains.Tests.Processes;

/// <summary>
/// A worker process that is frozen while it holds the claim of a session, whose work another one takes over and finishes: when it is
/// thawed it is told so, and nothing of it is in the session but what was there before.
/// </summary>
public sealed class FrozenWorkerTests
{
    private const int EnoughAnswered = 15;
    private const string Session = "/v1/sessions/s";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Thaw_WorkerWhoseClaimWasTakenOver_Sqlite_IsToldAndWritesNothing()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.StartAsync("--Forge:Data", folder.Path);

        await FreezeAndThawAsync(silo, silo, kill: false);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thaw_WorkerWhoseClaimWasTakenOverThroughAnotherSilo_PostgreSql_IsToldAndWritesNothing(bool kill)
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        string[] settings = ["--Forge:Database", "PostgreSql", "--ConnectionStrings:Forge", database];
        await using (var one = await SiloProcess.StartAsync(settings))
        await using (var two = await SiloProcess.StartAsync(settings))
        {
            await FreezeAndThawAsync(one, two, kill);
        }

        await PostgreSqlServer.Shared.DropDatabaseAsync(database);
    }

    /// <param name="one">The silo that the worker speaks to.</param>
    /// <param name="two">The silo through which its claim is taken over.</param>
    /// <param name="kill">True to kill that one before the worker is thawed.</param>
    private static async Task FreezeAndThawAsync(SiloProcess one, SiloProcess two, bool kill)
    {
        Assert.Equal(1, await ClaimAsync(one, "first"));
        await using var worker = new WorkerProcess(new Uri(one.Client.BaseAddress!, Session), epoch: 1, "first");
        await worker.UntilAnsweredAsync(EnoughAnswered);
        await worker.FreezeAsync();

        Assert.Equal(2, await ClaimAsync(two, "second"));
        for (var i = 1; i <= 3; i++)
        {
            await CreateAsync(two, $"second {i}", epoch: 2);
        }

        if (kill)
        {
            var noticed = one.UntilItSaysAsync($"Silo S127.0.0.1:{two.SiloPort}:");
            await two.KillAsync();
            await noticed;
        }

        var answered = worker.Answers.Count;
        await worker.ThawAsync();
        await worker.UntilOverAsync();

        // Of what it had sent when it was frozen, one answer may have been on its way.
        var answers = worker.Answers;
        Assert.InRange(answers.Count, answered + 1, answered + 2);
        Assert.All(answers.SkipLast(1), answer => Assert.InRange(answer.Status, 200, 201));
        var (status, told) = answers[^1];
        Assert.Equal(
            (409, "superseded", 2, "second"),
            (status, told.GetProperty("code").GetString(), told.GetProperty("epoch").GetInt64(), told.GetProperty("owner").GetString()));
        await CreateAsync(one, "second 4", epoch: 2);

        var messages = await MessagesAsync(one, Session);
        Assert.Equal(
            [.. Enumerable.Range(1, answers.Count - 1).Select(i => $"first {i}"), "second 1", "second 2", "second 3", "second 4"], messages);
        await MustRefuseInACopyAsync(one);
    }

    /// <summary>What is exported and imported under another name refuses both as well.</summary>
    private static async Task MustRefuseInACopyAsync(SiloProcess silo)
    {
        var exported = await silo.Client.GetByteArrayAsync($"{Session}/export", Cancel);
        var status = await ImportAsync(silo, exported);
        for (var attempt = 1; status == HttpStatusCode.ServiceUnavailable && attempt < 20; attempt++)
        {
            // The copy may have been placed on the silo that was killed; what an attempt imported is skipped by the next.
            status = await ImportAsync(silo, exported);
        }

        Assert.Equal(HttpStatusCode.OK, status);
        var before = await MessagesAsync(silo, "/v1/sessions/copy");
        foreach (var epoch in new[] { 1, 2 })
        {
            await using var late = new WorkerProcess(new Uri(silo.Client.BaseAddress!, "/v1/sessions/copy"), epoch, "late");
            await late.UntilOverAsync();
            var (answered, told) = Assert.Single(late.Answers);
            Assert.Equal((409, "superseded", 2), (answered, told.GetProperty("code").GetString(), told.GetProperty("epoch").GetInt64()));
            Assert.Equal(JsonValueKind.Null, told.GetProperty("owner").ValueKind);
        }

        Assert.Equal(before, await MessagesAsync(silo, "/v1/sessions/copy"));
    }

    private static async Task<HttpStatusCode> ImportAsync(SiloProcess silo, byte[] exported)
    {
        using var document = new ByteArrayContent(exported);
        document.Headers.ContentType = new("application/x-ndjson");
        using var imported = await silo.Client.PostAsync("/v1/sessions/copy/import", document, Cancel);
        return imported.StatusCode;
    }

    private static async Task<long> ClaimAsync(SiloProcess silo, string owner)
    {
        using var response = await silo.Client.PostAsJsonAsync($"{Session}/claim", new { owner }, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("epoch").GetInt64();
    }

    private static async Task CreateAsync(SiloProcess silo, string message, long epoch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Session}/checkpoints")
        {
            Content = JsonContent.Create(new { message, state = 1 }),
        };
        request.Headers.Add("Forge-Epoch", epoch.ToString(CultureInfo.InvariantCulture));
        using var response = await silo.Client.SendAsync(request, Cancel);
        Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task<List<string>> MessagesAsync(SiloProcess silo, string session)
    {
        var page = await silo.Client.GetFromJsonAsync<JsonElement>($"{session}/checkpoints?order=oldest&limit=1000", Cancel);
        return [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("message").GetString()!)];
    }
}
