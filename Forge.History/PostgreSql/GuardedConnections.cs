using Forge.Errors;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>Work on a pooled connection, with the driver's failures as <see cref="UnavailableException"/>.</summary>
internal static class GuardedConnections
{
    /// <summary>Runs one statement that changes nothing.</summary>
    /// <exception cref="UnavailableException">The database cannot be reached or does not answer in time.</exception>
    public static async Task<T> ReadAsync<T>(
        this NpgsqlDataSource source, Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            return await source.RunOnceAsync(read, cancellationToken);
        }
        catch (NpgsqlException e) when (WasClosedByTheServer(e) && !cancellationToken.IsCancellationRequested)
        {
            // A pool can't know that the server was restarted before it uses a connection; the first to find out makes it
            // drop them all. What changes nothing can simply be asked once more.
            return await source.ChangeAsync(read, cancellationToken);
        }
        catch (Exception e) when (PostgreSqlErrors.IsFailure(e, cancellationToken))
        {
            throw PostgreSqlErrors.Unavailable(e);
        }
    }

    /// <summary>Runs what may change something, once.</summary>
    /// <exception cref="UnavailableException">The database cannot be reached or does not answer in time.</exception>
    public static async Task<T> ChangeAsync<T>(
        this NpgsqlDataSource source, Func<NpgsqlConnection, CancellationToken, Task<T>> change, CancellationToken cancellationToken)
    {
        try
        {
            return await source.RunOnceAsync(change, cancellationToken);
        }
        catch (Exception e) when (PostgreSqlErrors.IsFailure(e, cancellationToken))
        {
            throw PostgreSqlErrors.Unavailable(e);
        }
    }

    /// <summary>Opens a connection.</summary>
    /// <exception cref="UnavailableException">The database cannot be reached; nothing was sent.</exception>
    public static async ValueTask<NpgsqlConnection> OpenOrFailAsync(this NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        try
        {
            return await source.OpenConnectionAsync(cancellationToken);
        }
        catch (Exception e) when (PostgreSqlErrors.IsFailure(e, cancellationToken))
        {
            throw PostgreSqlErrors.Unavailable(e);
        }
    }

    private static async Task<T> RunOnceAsync<T>(
        this NpgsqlDataSource source, Func<NpgsqlConnection, CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return await run(connection, cancellationToken);
    }

    private static bool WasClosedByTheServer(NpgsqlException e) =>
        e is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown }
        || e is not PostgresException && e.InnerException is IOException and not { InnerException: TimeoutException };
}
