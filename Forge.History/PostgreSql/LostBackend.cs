using Forge.Errors;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// Ends the server process that was given a commit and lost its client. It may not even have read the commit yet, and
/// could carry it out after the head rows were looked at and found unchanged.
/// </summary>
internal static class LostBackend
{
    /// <returns>True, once it is gone. Its locks are gone before it is.</returns>
    /// <exception cref="UnavailableException">It does not end in time.</exception>
    public static async Task<bool> EndAsync(
        NpgsqlConnection connection, int process, PostgreSqlDatabase database, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT pg_terminate_backend(pid, $3) FROM pg_stat_activity WHERE pid = $1 AND application_name = $2
            """, connection);
        command.Parameters.AddValue(process);

        // Only a process of this very store: the number may long be that of another.
        command.Parameters.AddValue(database.ApplicationName);
        command.Parameters.AddValue((long)(database.CommandTimeout.TotalMilliseconds / 2));
        await command.ExecuteNonQueryAsync(cancellationToken);

        await using var check = new NpgsqlCommand(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND application_name = $2)", connection);
        check.Parameters.AddValue(process);
        check.Parameters.AddValue(database.ApplicationName);
        return await check.ExecuteScalarAsync(cancellationToken) is false
            ? true
            : throw new UnavailableException("The server process that a commit was given to does not end.");
    }
}
