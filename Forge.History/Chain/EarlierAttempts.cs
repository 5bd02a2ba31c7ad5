using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Chain;

/// <summary>What earlier attempts at some requests left behind, as of one instant.</summary>
/// <param name="Rows">The rows of creates that are there, without their states, whether anybody is shown them or not.</param>
/// <param name="Remembered">What is remembered: other changes, and creates whose rows went.</param>
internal sealed record EarlierAttempts(IReadOnlyList<StoredCheckpoint> Rows, IReadOnlyList<RememberedRequest> Remembered)
{
    /// <summary>True if there were none.</summary>
    public bool IsEmpty => Rows.Count == 0 && Remembered.Count == 0;

    /// <summary>The creates, in any order. A row is its own memory for as long as it is there.</summary>
    /// <param name="address">The session that they are of.</param>
    /// <exception cref="StateCorruptedException">What is remembered of one of them is damaged.</exception>
    public IReadOnlyList<EarlierCreate> Creates(SessionAddress address) =>
    [
        .. Rows.Select(EarlierCreate.Of),
        .. Remembered
            .Where(request => request.Kind == RemovedCreate.Kind && !Rows.Any(row => row.Id.Value == request.Id))
            .Select(request => RemovedCreate.Recall(address, request)),
    ];
}
