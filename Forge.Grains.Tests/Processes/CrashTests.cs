using System.Net;
using System.Text;
using System.Text.Json;
using Forge.Grains.Tests.PostgreSql;
using Forge.Grains.Tests.Sqlite;
using Xunit;

namespace Forge.Grains.Tests.Processes;

/// <summary>What survives a silo process that is killed, on each database.</summary>
public sealed class CrashTests
{
    private const int Callers = 8;
    private const int EnoughAcknowledged = 60;

    [Fact]
    public async Task Kill_SqliteSiloWhileItWrites_LosesNothingAcknowledged()
    {
        using var folder = new TemporaryFolder();
        await KillWhileWritingAsync("--Forge:Data", folder.Path);
    }

    [Fact]
    public async Task Kill_PostgreSqlSiloWhileItWrites_LosesNothingAcknowledged()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await KillWhileWritingAsync("--Forge:Database", "PostgreSql", "--ConnectionStrings:Forge", database);
        await PostgreSqlServer.Shared.DropDatabaseAsync(database);
    }

    [Fact]
    public async Task Start_SqliteFolderOfARunningSilo_IsRefusedAndTheRunningOneGoesOn()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.StartAsync("--Forge:Data", folder.Path);
        var (exitCode, output) = await SiloProcess.RunToEndAsync(
            "--urls", "http://127.0.0.1:0", "--Forge:SiloPort", "0", "--Forge:GatewayPort", "0", "--Forge:Data", folder.Path);

        Assert.Equal(1, exitCode);
        var line = Assert.Single(SiloProcess.OwnLinesOf(output));
        Assert.Contains("is in use by another silo", line, StringComparison.Ordinal);
        Assert.Contains(folder.Path, line, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, await CreateAsync(silo, "s", 1));
    }

    [Fact]
    public async Task Stop_WhileItWrites_DrainsWhatWasAccepted()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.StartAsync("--Forge:Data", folder.Path);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writers = WriteUntilItFailsAsync(silo, enough);
        await enough.Task.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, await silo.StopAsync());
        var acknowledged = await writers;
        Assert.Single(silo.OwnLines);
        await silo.StartAgainAsync();
        await MustHoldAsync(silo, acknowledged);
    }

    private static async Task KillWhileWritingAsync(params string[] settings)
    {
        await using var silo = await SiloProcess.StartAsync(settings);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writers = WriteUntilItFailsAsync(silo, enough);
        await enough.Task.WaitAsync(TestContext.Current.CancellationToken);
        await silo.KillAsync();
        var acknowledged = await writers;
        await silo.StartAgainAsync();
        await MustHoldAsync(silo, acknowledged);

        // The counter goes on after what may have been written without an answer: dense, and above all that was seen.
        var states = await ReadSequencesAsync(silo, "shared");
        Assert.Equal(HttpStatusCode.Created, await CreateAsync(silo, "shared", -1));
        Assert.Equal([.. states, states.Count + 1], await ReadSequencesAsync(silo, "shared"));
    }

    /// <summary>Several callers write to one session and each to one of its own, until the silo does not answer.</summary>
    private static async Task<List<(string Session, long Sequence, string State)>> WriteUntilItFailsAsync(
        SiloProcess silo, TaskCompletionSource enough)
    {
        var count = 0;
        var all = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            List<(string, long, string)> acknowledged = [];
            for (var i = 0; ; i++)
            {
                var session = i % 2 == 0 ? "shared" : $"own-{caller}";
                var state = $"{{\"caller\":{caller},\"i\":{i}}}";
                try
                {
                    using var response = await PostAsync(silo, session, state);
                    if (response.StatusCode != HttpStatusCode.Created)
                    {
                        return acknowledged;
                    }

                    var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
                    acknowledged.Add((session, answer.GetProperty("sequence").GetInt64(), state));
                }
                catch (HttpRequestException)
                {
                    return acknowledged;
                }

                if (Interlocked.Increment(ref count) == EnoughAcknowledged)
                {
                    enough.SetResult();
                }
            }
        }));
        enough.TrySetException(new InvalidOperationException("The silo stopped answering by itself."));
        return [.. all.SelectMany(item => item)];
    }

    private static async Task MustHoldAsync(SiloProcess silo, List<(string Session, long Sequence, string State)> acknowledged)
    {
        Assert.True(acknowledged.Count >= EnoughAcknowledged);
        Assert.Equal(acknowledged.Count, acknowledged.Select(a => (a.Session, a.Sequence)).Distinct().Count());
        foreach (var (session, sequence, state) in acknowledged)
        {
            Assert.Equal(state, await silo.Client.GetStringAsync(
                $"/v1/sessions/{session}/checkpoints/{sequence}/state", TestContext.Current.CancellationToken));
        }

        var shared = await ReadSequencesAsync(silo, "shared");
        Assert.Equal(Enumerable.Range(1, shared.Count).Select(i => (long)i), shared);
    }

    private static async Task<List<long>> ReadSequencesAsync(SiloProcess silo, string session)
    {
        var page = JsonDocument.Parse(await silo.Client.GetStringAsync(
            $"/v1/sessions/{session}/checkpoints?order=oldest&limit=1000", TestContext.Current.CancellationToken)).RootElement;
        return [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("sequence").GetInt64())];
    }

    private static async Task<HttpStatusCode> CreateAsync(SiloProcess silo, string session, int i)
    {
        using var response = await PostAsync(silo, session, $"{{\"i\":{i}}}");
        return response.StatusCode;
    }

    private static async Task<HttpResponseMessage> PostAsync(SiloProcess silo, string session, string state)
    {
        using var content = new StringContent($"{{\"message\":\"m\",\"state\":{state}}}", Encoding.UTF8, "application/json");
        return await silo.Client.PostAsync($"/v1/sessions/{session}/checkpoints", content, TestContext.Current.CancellationToken);
    }
}
