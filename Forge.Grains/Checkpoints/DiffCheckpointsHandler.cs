using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.History.Deltas;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Checkpoints;

internal sealed class DiffCheckpointsHandler : OperationHandler<DiffCheckpoints, CheckpointDifference>
{
    protected override async Task<CheckpointDifference> RunAsync(
        LiveSession session, DiffCheckpoints operation, CancellationToken cancellationToken)
    {
        try
        {
            return await CompareAsync(session, operation, cancellationToken);
        }
        catch (StateCorruptedException)
        {
            // States are decoded apart from the session here, so what it holds of them is put right first.
            await session.Rescue.MendHeldAsync(cancellationToken);
            return await CompareAsync(session, operation, cancellationToken);
        }
    }

    private static Task<CheckpointDifference> CompareAsync(
        LiveSession session, DiffCheckpoints operation, CancellationToken cancellationToken)
    {
        var address = session.Address;
        var other = operation.Session is { } named ? new SessionAddress(address.Tenant, SessionId.Parse(named.Value)) : address;
        return session.Services.Differences.RunAsync(
            async () =>
            {
                var from = await session.ReadAsync(operation.From, CheckpointParts.State, cancellationToken)
                    ?? throw await MissingAsync(session.Reads, address, operation.From, "from", cancellationToken);

                // A read of another session asks the database alone, as every read does, so that its grain need not be asked.
                var to = (other == address
                        ? await session.ReadAsync(operation.To, CheckpointParts.State, cancellationToken)
                        : (await session.Reads.ReadCheckpointAsync(other, operation.To, CheckpointParts.State, cancellationToken)).Value)
                    ?? throw await MissingAsync(session.Reads, other, operation.To, "to", cancellationToken);
                return () => (CheckpointReader.ToCheckpoint(address, from), CheckpointReader.ToCheckpoint(other, to));
            },
            cancellationToken);
    }

    private static async Task<ForgeException> MissingAsync(
        ISessionReads reads, SessionAddress address, CheckpointReference checkpoint, string field, CancellationToken cancellationToken) =>
        await reads.ReadHeadAsync(address, cancellationToken) is { Head.DeletedAt: not null }
            ? new SessionDeletedException(address)
            : new CheckpointNotFoundException(address, checkpoint.ToString(), field);
}
