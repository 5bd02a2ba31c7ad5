using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>Lists across sessions.</summary>
internal interface ISessionCatalog
{
    /// <summary>
    /// Living sessions of a tenant with their head rows and the ids of head and current, in one read of one instant: by rising name,
    /// compared ordinally, or by falling activity as far as that was noted (<see cref="IUpkeep.NoteActivityAsync"/>).
    /// </summary>
    Task<FoundPage<SessionRow, SessionPlace>> ListSessionsAsync(
        TenantId tenant, SessionFilter filter, CancellationToken cancellationToken);

    /// <summary>Visible checkpoints of living sessions of a tenant by their times, without their states, in one read of one instant.</summary>
    Task<FoundPage<CheckpointRow, CheckpointPlace>> ListCheckpointsAsync(
        TenantId tenant, CheckpointFilter filter, CancellationToken cancellationToken);

    /// <summary>
    /// The names of sessions that are not deleted, by rising tenant and session, compared ordinally; of one tenant or of all.
    /// </summary>
    /// <param name="tenant">The tenant; null for all.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">The most names.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<IReadOnlyList<SessionAddress>> ListSessionsAsync(
        TenantId? tenant, SessionAddress? after, int limit, CancellationToken cancellationToken);
}
