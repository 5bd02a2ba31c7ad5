using Forge.History.Stores;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// What every connection is asked once, when it is opened: whether it goes straight to a server that writes, and whether the
/// schema still admits this binary. Nothing is asked on the way of a commit.
/// </summary>
/// <remarks>
/// A newer Forge whose schema older ones must not write to ends their connections as it changes the level (<c>raise_level</c>,
/// docs/schema.md). The connections that they open then are refused here, after waiting for that change to be committed.
/// </remarks>
internal sealed class ConnectionCheck
{
    private const string Setting = "forge.store";
    private const string Identify = $"SELECT pg_backend_pid(), current_setting('{Setting}', true), pg_is_in_recovery()";
    private const string Level = "SELECT oldest_level FROM schema_level";
    private const string LevelToWriteAt = $"{Level} FOR SHARE";

    // Waits as those that write do: a read that went on beside the change would go on with a schema that it does not know. The lock
    // wants a transaction that may write, which those of connections for reading are not.
    private const string LevelToReadAt = $"BEGIN READ WRITE; {LevelToWriteAt}; COMMIT";

    private readonly string _mark = $"{Guid.NewGuid():N}";
    private volatile bool _hasSchema;

    /// <summary>The startup setting by which a connection is known to have got all of them.</summary>
    public string Option => $" -c {Setting}={_mark}";

    /// <summary>Says that the schema is there: from here on its level is looked at.</summary>
    public void SchemaIsThere() => _hasSchema = true;

    /// <summary>Checks a connection that was opened just now.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="writes">True if its transactions may write.</param>
    /// <exception cref="UnfitConnectionException">It will not do.</exception>
    public async Task CheckAsync(NpgsqlConnection connection, bool writes)
    {
        await using (var asked = new NpgsqlCommand(Identify, connection))
        {
            await using var answer = await asked.ExecuteReaderAsync();
            await answer.ReadAsync();
            if (answer.GetInt32(0) != connection.ProcessID)
            {
                throw UnfitConnectionException.Pooled("the server process that answers is another than the one that was connected to");
            }

            if (await answer.IsDBNullAsync(1) || answer.GetString(1) != _mark)
            {
                throw UnfitConnectionException.Pooled("settings given at the start of the connection did not reach the server");
            }

            if (answer.GetBoolean(2))
            {
                throw new UnfitConnectionException(
                    "The database server is a standby, which takes no writes and may be behind: ConnectionStrings:Forge must name the primary.");
            }
        }

        if (_hasSchema)
        {
            await using var level = new NpgsqlCommand(writes ? LevelToWriteAt : LevelToReadAt, connection);
            if (await level.ExecuteScalarAsync() is int oldest && oldest > PostgreSqlSchema.Level)
            {
                var cause = new SchemaTooNewException(oldest, PostgreSqlSchema.Level);
                throw new UnfitConnectionException(cause.Message, cause);
            }
        }
    }
}

/// <summary>A connection that cannot be worked with, whatever is tried.</summary>
internal sealed class UnfitConnectionException(string message, Exception? innerException = null)
    : NpgsqlException(message, innerException)
{
    public static UnfitConnectionException Pooled(string seen, Exception? innerException = null) => new(
        $"A connection pooler stands between Forge and PostgreSQL: {seen}. Forge pools its connections itself, and needs each of them " +
        "straight to the server: ConnectionStrings:Forge must name the server and not the pooler.", innerException);
}
