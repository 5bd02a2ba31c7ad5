using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>Rows that no session shows until a commit takes them over: what an import brings, while it is being brought.</summary>
internal interface IStaging
{
    /// <summary>Notes that rows will be staged under a key, and from when on they may be removed as abandoned.</summary>
    Task BeginAsync(long key, DateTimeOffset abandonedAt, CancellationToken cancellationToken);

    /// <summary>
    /// Writes checkpoints with their tags, annotations and requirements that no session shows until a commit takes them over by
    /// <see cref="TookOver"/>.
    /// </summary>
    /// <param name="session">The session that will take them over.</param>
    /// <param name="key">The key.</param>
    /// <param name="checkpoints">The checkpoints.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    /// <exception cref="BatchRejectedException">
    /// Nothing was written: a sequence or id is there already under the key (<c>Duplicate</c>), or the staging was not begun
    /// or somebody claimed its removal (<c>Refused</c>), after which nobody would remove these rows.
    /// </exception>
    Task StageAsync(
        SessionAddress session, long key, IReadOnlyList<AnnotatedCheckpoint> checkpoints, CancellationToken cancellationToken);

    /// <summary>Writes pending writes of checkpoints that are staged under a key.</summary>
    /// <param name="session">The session that will take them over.</param>
    /// <param name="key">The key.</param>
    /// <param name="writes">The writes, with their seals.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    /// <exception cref="BatchRejectedException">As of checkpoints.</exception>
    Task StageWritesAsync(SessionAddress session, long key, IReadOnlyList<StoredWrite> writes, CancellationToken cancellationToken);

    /// <summary>Writes effects that no session has until a commit takes them over, as <see cref="StageAsync"/> does checkpoints.</summary>
    /// <param name="key">The key.</param>
    /// <param name="effects">Their rows, sealed for the session that is to take them over.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    /// <exception cref="BatchRejectedException">Nothing was written, as of <see cref="StageAsync"/>.</exception>
    Task StageEffectsAsync(long key, IReadOnlyList<StoredEffect> effects, CancellationToken cancellationToken);

    /// <summary>
    /// The first of what staged checkpoints require that is neither staged with them nor visible in the session that is to take them
    /// over, with the version of the session that it was looked for in; null if there is nothing.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<Versioned<Requirement?>> FindUnmetAsync(long key, SessionAddress session, CancellationToken cancellationToken);

    /// <summary>Lets what was staged under a key be removed at once.</summary>
    Task DiscardAsync(long key, CancellationToken cancellationToken);
}
