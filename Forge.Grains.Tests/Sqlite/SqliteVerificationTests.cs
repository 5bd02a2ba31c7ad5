using Forge.History.Sql;
using Forge.History.Sqlite;
using Forge.History.Verification;
using Microsoft.Data.Sqlite;

namespace Forge.Grains.Tests.Sqlite;

/// <summary>By which way a verification reads a long log.</summary>
public sealed class SqliteVerificationTests
{
    [Fact]
    public async Task EventsOf_LongLog_AreFoundByIndexes()
    {
        await using var store = await TrialStore.StartAsync();
        var statements = new StoredStatements(Dialect.Instance);

        Assert.Contains("events_checkpoints", Plan(statements.EventsOf), StringComparison.Ordinal);
        Assert.Contains("events_checkpoints", Plan(statements.MarksBytes), StringComparison.Ordinal);
        Assert.Contains("events_compactions", Plan(statements.Compactions), StringComparison.Ordinal);
        Assert.Contains("events_imports", Plan(statements.Imports), StringComparison.Ordinal);

        string Plan(SqlStatement statement)
        {
            using var connection = new SqliteConnection($"Data Source={Path.Combine(store.Folder, SqliteHistoryStore.FileName)};Pooling=False");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"EXPLAIN QUERY PLAN {statement.Text}";
            for (var i = 1; i <= statement.Names.Count; i++)
            {
                command.Parameters.AddWithValue($"?{i}", 1);
            }

            using var reader = command.ExecuteReader();
            var plan = new List<string>();
            while (reader.Read())
            {
                plan.Add(reader.GetString(3));
            }

            return string.Join('\n', plan);
        }
    }
}
