using Forge.Grains.Tests.History;
using Forge.History.PostgreSql;
using Forge.History.Sql;
using Forge.History.Verification;
using Npgsql;

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>By which way a verification reads a long log.</summary>
public sealed class PostgreSqlVerificationTests : PostgreSqlStoreTest
{
    [Fact]
    public async Task EventsOf_LongLog_AreFoundByIndexes()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var session = Session(await StartStoreAsync(database), "s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 3));
        await PostgreSqlServer.ExecuteAsync(database, $"""
            INSERT INTO events (session_key, position, kind, at, sequence, last_sequence, detail)
            SELECT {session.Key}, 10 + i, CASE WHEN i % 500 = 0 THEN 3 WHEN i % 501 = 0 THEN 7 ELSE i % 3 * 2 END, now(), i, i, repeat('x', 100)
            FROM generate_series(1, 20000) i
            """);
        await PostgreSqlServer.ExecuteAsync(database, "VACUUM ANALYZE");
        var statements = new StoredStatements(Dialect.Instance);

        Assert.Contains("events_checkpoints", await PlanAsync(statements.EventsOf), StringComparison.Ordinal);
        Assert.Contains("events_checkpoints", await PlanAsync(statements.MarksBytes), StringComparison.Ordinal);
        Assert.Contains("events_compactions", await PlanAsync(statements.Compactions), StringComparison.Ordinal);
        Assert.Contains("events_imports", await PlanAsync(statements.Imports), StringComparison.Ordinal);

        async Task<string> PlanAsync(SqlStatement statement)
        {
            var text = statement.Text;
            for (var i = statement.Names.Count; i > 0; i--)
            {
                text = text.Replace($"${i}", statement.Names[i - 1] switch
                {
                    "key" => $"{session.Key}",
                    "sequence" or "first" => "9000",
                    "last" => "9200",
                    "limit" => "500",
                    "bytes" => "1000000",
                    _ => "0",
                }, StringComparison.Ordinal);
            }

            await using var connection = new NpgsqlConnection(database);
            await connection.OpenAsync(Cancel);
            await using var command = new NpgsqlCommand($"EXPLAIN {text}", connection);
            await using var reader = await command.ExecuteReaderAsync(Cancel);
            var plan = new List<string>();
            while (await reader.ReadAsync(Cancel))
            {
                plan.Add(reader.GetString(0));
            }

            return string.Join('\n', plan);
        }
    }
}
