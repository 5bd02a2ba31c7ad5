using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Deltas;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;
using Orleans.Concurrency;

namespace Forge.Grains.Differences;

/// <summary>
/// Reads two checkpoints and has their states compared. The session's grain is no place for it: one that steps down ends only after the
/// requests it has, and answers nobody until then. Keeps nothing, so each silo has its own; one of them takes all calls, since what
/// bounds them is <see cref="StateDifferences"/>, which refuses and lets nobody wait.
/// </summary>
[StatelessWorker(1)]
[Reentrant]
internal sealed class DifferenceGrain(ISessionReads reads, StateDifferences differences) : Grain, IDifferenceGrain
{
    public Task<CheckpointDifference> DiffAsync(DiffCheckpoints operation, CancellationToken cancellationToken)
    {
        if (operation is null)
        {
            throw new InvalidRequestException("operation", "must be given");
        }

        var address = SessionAddress.ParseGrainKey(this.GetPrimaryKeyString());
        var other = operation.Session is { } named ? new SessionAddress(address.Tenant, SessionId.Parse(named.Value)) : address;
        return differences.RunAsync(
            async token =>
            {
                var read = await new PairRead(reads, address, operation.From, other, operation.To).RunAsync(token);
                return (await ToCheckpointAsync(address, read.From, token), await ToCheckpointAsync(other, read.To, token));
            },
            cancellationToken);
    }

    private async Task<Checkpoint> ToCheckpointAsync(SessionAddress address, CheckpointRead read, CancellationToken cancellationToken)
    {
        try
        {
            return CheckpointReader.ToCheckpoint(address, read);
        }
        catch (StateCorruptedException)
        {
            // The session's grain may still hold what was saved, and puts the row right then.
            var session = GrainFactory.GetGrain<ISessionGrain>(address.ToGrainKey());
            if (await session.RunAsync(new GetCheckpoint(read.Row.Id), cancellationToken) is { } rescued)
            {
                return rescued;
            }

            throw;
        }
    }
}
