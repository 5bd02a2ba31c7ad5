using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

/// <summary>What a store knows of earlier attempts, one thing at a time.</summary>
internal static class AttemptReads
{
    /// <summary>What is remembered under an id, a create whose row went included.</summary>
    public static async Task<RememberedRequest?> ReadRequestAsync(
        this ISessionReads reads, SessionAddress address, Guid id, CancellationToken cancellationToken) =>
        (await reads.ReadAttemptsAsync(address, [id], cancellationToken)).Value.Remembered is [var request] ? request : null;

    /// <summary>The creates that are known, from their rows or from what is remembered.</summary>
    public static async Task<Versioned<IReadOnlyList<EarlierCreate>>> ReadCreatesAsync(
        this ISessionReads reads, SessionAddress address, IReadOnlyList<CheckpointId> ids, CancellationToken cancellationToken)
    {
        var read = await reads.ReadAttemptsAsync(address, [.. ids.Select(id => id.Value)], cancellationToken);
        return new(read.Version, read.Value.Creates(address));
    }

    /// <summary>The sequences of the rows that are stored, hidden or not: each is its own memory of its create.</summary>
    public static async Task<IEnumerable<long>> ReadStoredAsync(
        this ISessionReads reads, SessionAddress address, IEnumerable<CheckpointId> ids, CancellationToken cancellationToken) =>
        (await reads.ReadAttemptsAsync(address, [.. ids.Select(id => id.Value)], cancellationToken)).Value
            .Rows.Select(create => create.Sequence).Order();
}
