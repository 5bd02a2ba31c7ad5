namespace Forge.History.Sql;

/// <summary>Runs work in transactions of one database.</summary>
internal interface ISqlDatabase
{
    SqlDialect Dialect { get; }

    /// <summary>Reads. All that the work reads is of one instant.</summary>
    /// <exception cref="Errors.UnavailableException">The database cannot be reached or does not answer in time.</exception>
    Task<T> ReadAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken);

    /// <summary>Does work and commits it, unless it gives it up.</summary>
    /// <exception cref="Errors.UnavailableException">The database cannot be reached or does not answer in time.</exception>
    Task<T> ChangeAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken);

    /// <summary>The same of work that removes rows, after which space may be given back.</summary>
    /// <exception cref="Errors.UnavailableException">The database cannot be reached or does not answer in time.</exception>
    Task<T> SweepAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken);
}
