using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Forge.Grains.Tests.PostgreSql;
using Forge.Grains.Tests.Sqlite;

namespace Forge.Grains.Tests.Processes;

/// <summary>
/// Callers of effects that are killed at each instant, and some at any: whoever comes next is told what is known, and the target sees no act
/// twice unless somebody has said that it may run again. <c>FORGE_EFFECT_KILLS</c> says how many; 15 by default.
/// </summary>
public sealed class KilledCallerTests
{
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("FORGE_EFFECT_KILLS") ?? "15", CultureInfo.InvariantCulture);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_OfACallerAtEachInstant_Sqlite_RepeatsNothingInSilence()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.StartAsync("--Forge:Data", Path.Combine(folder.Path, "data"));

        await KillAsync(silo, silo, Path.Combine(folder.Path, "target"));
    }

    [Fact]
    public async Task Kill_OfACallerAtEachInstantAskedOfAnotherSilo_PostgreSql_RepeatsNothingInSilence()
    {
        using var folder = new TemporaryFolder();
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        string[] settings = ["--Forge:Database", "PostgreSql", "--ConnectionStrings:Forge", database];
        await using (var one = await SiloProcess.StartAsync(settings))
        await using (var two = await SiloProcess.StartAsync(settings))
        {
            await KillAsync(one, two, Path.Combine(folder.Path, "target"));
        }

        await PostgreSqlServer.Shared.DropDatabaseAsync(database);
    }

    /// <param name="one">The silo that the callers who are killed speak to.</param>
    /// <param name="two">The silo that those speak to who come after them.</param>
    /// <param name="target">What the acts are done to.</param>
    private static async Task KillAsync(SiloProcess one, SiloProcess two, string target)
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        await File.WriteAllTextAsync(target, "", Cancel);
        for (var i = 0; i < Kills; i++)
        {
            // Each instant in its turn, and then one that chance says.
            var at = i % (EffectCaller.Instants.Count + 1);
            var instant = at < EffectCaller.Instants.Count ? EffectCaller.Instants[at] : null;
            var path = $"/v1/sessions/s{i % 3}/effects/k{i}";
            await EffectCaller.RunAsync(
                new Uri(one.Client.BaseAddress!, path), target, instant,
                instant is null ? TimeSpan.FromMilliseconds(random.Next(5, 120)) : TimeSpan.FromMinutes(1));
            await MustTellAsync(new Uri(two.Client.BaseAddress!, path), two, target, instant, path);
        }

        // Every effect is completed by now, and was done once.
        var acts = (await File.ReadAllLinesAsync(target, Cancel)).GroupBy(line => new Uri(line).AbsolutePath).ToDictionary(g => g.Key, g => g.Count());
        Assert.Equal(Kills, acts.Count);
        Assert.All(acts, act => Assert.Equal((act.Key, 1), (act.Key, act.Value)));
    }

    private static async Task MustTellAsync(Uri effect, SiloProcess silo, string target, string? instant, string path)
    {
        var told = await NextAsync(effect, target);
        var status = told.GetProperty("status").GetString();
        if (instant is not null)
        {
            Assert.Equal(instant is "before-begin" or "after-complete" ? "completed" : "unknown", status);
        }

        if (status == "unknown")
        {
            // What the target says is the only way to know.
            var isDone = (await File.ReadAllLinesAsync(target, Cancel)).Any(line => new Uri(line).AbsolutePath == path);
            using var resolved = await silo.Client.PostAsJsonAsync(
                $"{path}/resolve",
                new { epoch = told.GetProperty("epoch").GetInt64(), verdict = isDone ? "completed" : "retry", by = "test", why = "the target says so" },
                Cancel);
            Assert.Equal(HttpStatusCode.OK, resolved.StatusCode);
            told = await NextAsync(effect, target);
        }

        Assert.Equal("completed", told.GetProperty("status").GetString());
    }

    /// <summary>What the next caller is told, once the lease of the one before is over.</summary>
    private static async Task<JsonElement> NextAsync(Uri effect, string target)
    {
        while (true)
        {
            var told = await EffectCaller.RunAsync(effect, target);
            if (Assert.NotNull(told).GetProperty("status").GetString() != "running")
            {
                return told.Value;
            }
        }
    }
}
