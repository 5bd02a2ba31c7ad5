namespace Forge.History.Sql;

/// <summary>Runs work in transactions of one database.</summary>
internal interface ISqlDatabase
{
    SqlDialect Dialect { get; }

    /// <summary>False while the disk is full, and nothing is written but what frees space.</summary>
    bool HasRoom { get; }

    /// <summary>Reads. All that the work reads is of one instant.</summary>
    /// <exception cref="Errors.UnavailableException">The database cannot be reached or does not answer in time.</exception>
    Task<T> ReadAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken);

    /// <summary>The one row of one query, which is of one instant by itself; the default for none.</summary>
    /// <exception cref="Errors.UnavailableException">The database cannot be reached or does not answer in time.</exception>
    Task<T?> ReadOneAsync<T>(
        SqlStatement statement, Func<SqlRow, T> read, CancellationToken cancellationToken, params SqlArgument[] arguments);

    /// <summary>Does work and commits it, unless it gives it up.</summary>
    /// <exception cref="Stores.BatchRejectedException">Nothing was written, because of what the rows hold.</exception>
    /// <exception cref="Errors.UnavailableException">The database cannot be reached or does not answer in time.</exception>
    Task<T> ChangeAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken);

    /// <summary>The same of work that removes rows, after which space may be given back.</summary>
    /// <exception cref="Errors.UnavailableException">The database cannot be reached or does not answer in time.</exception>
    Task<T> SweepAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken);

    /// <summary>
    /// Opens the database as it is now: what is read does not change while writes go on. Holds a connection until it is disposed.
    /// </summary>
    /// <exception cref="Errors.UnavailableException">The database cannot be reached or does not answer in time.</exception>
    Task<ISqlSnapshot> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Makes what removed rows held unreadable in the database's own files; false if something is in the way.</summary>
    Task<bool> PurgeAsync(CancellationToken cancellationToken);

    /// <summary>Gives free pages back to the file system for a moment; true if no more are free than may be.</summary>
    Task<bool> GiveBackSpaceAsync(CancellationToken cancellationToken);
}

/// <summary>A database at one instant; one read at a time.</summary>
internal interface ISqlSnapshot : IAsyncDisposable
{
    SqlDialect Dialect { get; }

    /// <summary>Reads, as of the instant.</summary>
    /// <exception cref="Errors.UnavailableException">The database cannot be reached or does not answer in time.</exception>
    Task<T> ReadAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken);
}
