using System.Collections.Concurrent;
using System.Globalization;
using Forge.Grains.Rules;
using Forge.History.Sqlite;
using Forge.History.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.Sqlite;

/// <summary>The quick store for tests that need some store: it starts in a millisecond and is gone when it is disposed of.</summary>
internal static class TrialStore
{
    public static async Task<SqliteHistoryStore> StartAsync()
    {
        var store = New();
        await store.StartAsync(TestContext.Current.CancellationToken);
        return store;
    }

    /// <summary>A store that is yet to be started.</summary>
    public static SqliteHistoryStore New() =>
        SqliteTrial.Create(new WriterOptions(), TimeProvider.System, NullLogger<SqliteHistoryStore>.Instance);

    /// <summary>Runs SQL behind a store's back, and answers with the first value that it gives.</summary>
    public static object? Execute(this SqliteHistoryStore store, string sql)
    {
        using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(store.Folder, SqliteHistoryStore.FileName)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    public static long Count(this SqliteHistoryStore store, string table, long? key = null) => Convert.ToInt64(
        store.Execute($"SELECT count(*) FROM {table}{(key is null ? "" : $" WHERE session_key = {key}")}"), CultureInfo.InvariantCulture);
}

/// <summary>Stores that are used one after another, each by one caller at a time under a session name of its own.</summary>
internal sealed class TrialStores : IAsyncDisposable
{
    private readonly ConcurrentBag<SqliteHistoryStore> _idle = [];
    private int _names;

    /// <summary>Lends a store. One that a caller failed with is not lent again.</summary>
    public async Task UseAsync(Func<SqliteHistoryStore, string, Task> use)
    {
        var store = _idle.TryTake(out var idle) ? idle : await TrialStore.StartAsync();
        try
        {
            await use(store, $"s{Interlocked.Increment(ref _names)}");
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }

        _idle.Add(store);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _idle)
        {
            await store.DisposeAsync();
        }
    }
}
