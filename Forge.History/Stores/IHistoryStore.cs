using Forge.Errors;

namespace Forge.History.Stores;

/// <summary>
/// The history of all sessions in one database, by role. Knows rows and versions, and nothing of what they mean. A host makes it,
/// starts it and disposes it; everybody else takes the roles that it needs.
/// </summary>
/// <remarks>
/// Every role is safe for concurrent use. Every method of one but <see cref="IHistoryCommits.CommitAsync"/> raises
/// <see cref="UnavailableException"/> if the database cannot be reached or does not answer in time, and
/// <see cref="OperationCanceledException"/> if it was cancelled.
/// </remarks>
internal interface IHistoryStore : IAsyncDisposable
{
    /// <summary>Writes what the sessions decided.</summary>
    IHistoryCommits Commits { get; }

    /// <summary>Reads of one session.</summary>
    ISessionReads Reads { get; }

    /// <summary>What happened to sessions.</summary>
    ISessionLog Log { get; }

    /// <summary>What happened to the sessions of a tenant.</summary>
    IFeed Feed { get; }

    /// <summary>Rows that no session shows yet.</summary>
    IStaging Staging { get; }

    /// <summary>What forks read.</summary>
    IForks Forks { get; }

    /// <summary>Reads of pending writes.</summary>
    IPendingWrites Writes { get; }

    /// <summary>Reads of effects.</summary>
    IEffects Effects { get; }

    /// <summary>Due work.</summary>
    IUpkeep Upkeep { get; }

    /// <summary>What verification reads and notes.</summary>
    IVerification Verification { get; }

    /// <summary>Lists across sessions.</summary>
    ISessionCatalog Catalog { get; }

    /// <summary>Who may come in, and what was done.</summary>
    IAccess Access { get; }

    /// <summary>Counts what there is.</summary>
    IUsage Usage { get; }

    /// <summary>Where creates were in traces.</summary>
    ITraces Traces { get; }

    /// <summary>The wrapped keys by which what is stored is encrypted.</summary>
    IDataKeys DataKeys { get; }

    /// <summary>Brings the schema up to date and checks that commits are durable. Called once, before anything else.</summary>
    /// <exception cref="UnsafeDurabilityException">The database would acknowledge what a crash can lose.</exception>
    /// <exception cref="SchemaTooNewException">A newer Forge has changed the schema so that this one must not touch it.</exception>
    /// <exception cref="DatabaseInUseException">Another process has the embedded database.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Answers once the database does.</summary>
    Task PingAsync(CancellationToken cancellationToken);
}
