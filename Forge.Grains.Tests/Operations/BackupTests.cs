using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Forge.Grains.Tests.PostgreSql;
using Forge.Testing.PostgreSql;
using Microsoft.Data.Sqlite;

namespace Forge.Grains.Tests.Operations;

/// <summary>Each way of docs/operations.md to copy a database in use, and to move to another one: what is there then is whole.</summary>
public sealed class BackupTests
{
    private const int Sessions = 3;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task VacuumInto_OfASiloThatWrites_IsWhatASiloGoesOnWith()
    {
        using var folder = new TemporaryFolder();
        var copy = Directory.CreateDirectory(Path.Combine(folder.Path, "copy")).FullName;
        await using var silo = await OperatedSilo.StartAsync("--Forge:Data", Path.Combine(folder.Path, "data"));
        await silo.FillAsync(Sessions);
        await CopyWhileWritingAsync(silo, () =>
        {
            foreach (var file in (string[])["forge.db", "orleans.db"])
            {
                using var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "data", file)};Pooling=False");
                connection.Open();
                using var command = new SqliteCommand("VACUUM INTO $copy", connection);
                command.Parameters.AddWithValue("$copy", Path.Combine(copy, file));
                command.ExecuteNonQuery();
            }

            return Task.CompletedTask;
        });

        await using var restored = await OperatedSilo.StartAsync("--Forge:Data", copy);

        await MustGoOnAsync(silo, restored);
    }

    [Fact]
    public async Task Dump_OfASiloThatWrites_IsWhatASiloGoesOnWithInAnotherDatabase()
    {
        var (from, to) = (await PostgreSqlServer.Shared.CreateDatabaseAsync(), await PostgreSqlServer.Shared.CreateDatabaseAsync());
        using var folder = new TemporaryFolder();
        var dump = Path.Combine(folder.Path, "forge.dump");
        await using (var silo = await OperatedSilo.StartOnAsync(from))
        {
            await silo.FillAsync(Sessions);
            await CopyWhileWritingAsync(silo, () => Task.Run(() =>
            {
                // Without who is in the cluster, so that the restored one is a cluster of its own beside the first.
                Assert.SkipUnless(
                    DatabaseServer.TryRunClient("pg_dump", folder.Path, "-Fc", "--exclude-table-data=orleansmembership*", "-f", dump, "-d", Uri(from)),
                    "pg_dump is not installed.");
            }));
            Assert.True(DatabaseServer.TryRunClient("pg_restore", folder.Path, "--exit-on-error", "-d", Uri(to), dump));

            await using var restored = await OperatedSilo.StartOnAsync(to);

            await MustGoOnAsync(silo, restored);
        }

        await PostgreSqlServer.Shared.DropDatabaseAsync(from);
        await PostgreSqlServer.Shared.DropDatabaseAsync(to);
    }

    [Fact]
    public async Task ExportAndImport_FromSqliteToPostgreSql_BringsAllThatADocumentHas()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        using var folder = new TemporaryFolder();
        await using (var from = await OperatedSilo.StartAsync("--Forge:Data", folder.Path))
        await using (var to = await OperatedSilo.StartOnAsync(database))
        {
            await from.FillAsync(Sessions);
            using (var document = await from.Client.GetAsync("/v1/export", HttpCompletionOption.ResponseHeadersRead, Cancel))
            {
                using var content = new StreamContent(await document.Content.ReadAsStreamAsync(Cancel));
                content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/x-ndjson");
                using var imported = await to.Client.PostAsync("/v1/import", content, Cancel);
                Assert.Equal(HttpStatusCode.OK, imported.StatusCode);
                Assert.Equal(Sessions, (await imported.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("imported").GetInt32());
            }

            Assert.Equal(await from.LinesAsync(), await to.LinesAsync());
            Assert.Equal(await from.VerifyAsync(), await to.VerifyAsync());
            await to.Session("s0").CreateAsync("after the move");
            Assert.Equal([2, 3, 4, 5, 6], await to.SequencesAsync("s0"));
            var found = await to.Client.GetFromJsonAsync<JsonElement>("/v1/sessions?label=team:red", Cancel);
            Assert.Equal(Sessions, found.GetProperty("items").GetArrayLength());
        }

        await PostgreSqlServer.Shared.DropDatabaseAsync(database);
    }

    /// <summary>Copies while a session is written to, before and after which more is.</summary>
    private static async Task CopyWhileWritingAsync(OperatedSilo silo, Func<Task> copy)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await silo.Session("busy").CreateAsync("number 0");
        var writing = Task.Run(() => silo.WriteAsync("busy", end.Task), Cancel);
        try
        {
            await copy();
        }
        finally
        {
            end.SetResult();
            await writing;
        }

        await silo.Session("s0").CreateAsync("after the copy");
    }

    private static async Task MustGoOnAsync(OperatedSilo silo, OperatedSilo restored)
    {
        // All of one instant: of the busy one so many as there were then, and nothing of afterwards.
        var (sessions, checkpoints) = await restored.VerifyAsync();
        var busy = await restored.SequencesAsync("busy");
        Assert.Equal((Sessions + 1, (4 * Sessions) + busy.Count), (sessions, checkpoints));
        Assert.Equal(Enumerable.Range(1, busy.Count).Select(n => (long)n), busy);
        Assert.Equal([2, 3, 4, 5], await restored.SequencesAsync("s0"));
        Assert.Equal([2, 3, 4, 5, 6], await silo.SequencesAsync("s0"));

        // Two by now: what one is told is nothing to the other.
        await restored.Session("s1").CreateAsync("after the restore");
        Assert.Equal([2, 3, 4, 5, 6], await restored.SequencesAsync("s1"));
        Assert.Equal([2, 3, 4, 5], await silo.SequencesAsync("s1"));
        await silo.VerifyAsync();
    }

    private static string Uri(string connectionString)
    {
        var parts = new Npgsql.NpgsqlConnectionStringBuilder(connectionString);
        return $"host={parts.Host} port={parts.Port} user={parts.Username} dbname={parts.Database}{(parts.Password is { Length: > 0 } word ? $" password={word}" : "")}";
    }
}
