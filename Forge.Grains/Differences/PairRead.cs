using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Differences;

/// <summary>Reads two checkpoints with their states: of one session as they are at one instant, of two each at its own.</summary>
internal sealed class PairRead(
    ISessionReads reads, SessionAddress address, CheckpointReference from, SessionAddress other, CheckpointReference to)
{
    /// <exception cref="CheckpointNotFoundException">One is not there.</exception>
    /// <exception cref="SessionDeletedException">A session was deleted.</exception>
    public async Task<(CheckpointRead From, CheckpointRead To)> RunAsync(CancellationToken cancellationToken)
    {
        var first = await ReadAsync(address, from, "from", CheckpointParts.State, cancellationToken);
        var second = await ReadAsync(other, to, "to", CheckpointParts.State, cancellationToken);
        while (address == other && first.Version != second.Version)
        {
            // The session went on between the two: what they name may be gone, or another one.
            first = await ReadAgainAsync(first, address, from, "from", cancellationToken);
            second = await ReadAgainAsync(second, other, to, "to", cancellationToken);
        }

        return (first.Value, second.Value);
    }

    /// <summary>
    /// Looks a checkpoint up again. Its state, which never changes, is read only if it is another one by now: between two short reads even a
    /// session that is written all the time soon stays as it is.
    /// </summary>
    private async Task<Versioned<CheckpointRead>> ReadAgainAsync(
        Versioned<CheckpointRead> before, SessionAddress session, CheckpointReference checkpoint, string field,
        CancellationToken cancellationToken)
    {
        var now = await ReadAsync(session, checkpoint, field, CheckpointParts.Summary, cancellationToken);
        return now.Value.Row.Id == before.Value.Row.Id
            ? now.With(before.Value with { Row = before.Value.Row with { Tags = now.Value.Row.Tags } })
            : await ReadAsync(session, checkpoint, field, CheckpointParts.State, cancellationToken);
    }

    private async Task<Versioned<CheckpointRead>> ReadAsync(
        SessionAddress session, CheckpointReference checkpoint, string field, CheckpointParts parts, CancellationToken cancellationToken)
    {
        var read = await reads.ReadCheckpointAsync(session, checkpoint, parts, cancellationToken);
        return read.Value is { } found ? read.With(found) : throw await MissingAsync(session, checkpoint, field, cancellationToken);
    }

    private async Task<ForgeException> MissingAsync(
        SessionAddress session, CheckpointReference checkpoint, string field, CancellationToken cancellationToken) =>
        await reads.ReadHeadAsync(session, cancellationToken) is { Head.DeletedAt: not null }
            ? new SessionDeletedException(session)
            : new CheckpointNotFoundException(session, checkpoint.ToString(), field);
}
