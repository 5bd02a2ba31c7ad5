using Forge.Checkpoints;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

internal sealed class GetCheckpointAtHandler : OperationHandler<GetCheckpointAt, CheckpointSummary?>
{
    protected override async Task<CheckpointSummary?> RunAsync(
        LiveSession session, GetCheckpointAt operation, CancellationToken cancellationToken)
    {
        var filter = new ListFilter
        {
            Branch = SessionRules.CheckBranch(operation.Branch) ?? BranchNames.Main,
            To = operation.Time.ToUniversalTime(),
            Limit = 1,
        };
        while (true)
        {
            var read = await session.Reads.ListAsync(session.Address, filter, cancellationToken);
            session.NoteVersion(read.Version);
            if (read.Value is [var found])
            {
                return found.ToSummary();
            }

            if (read.Value.GoesOnAfter is not { } lookedTo)
            {
                return null;
            }

            // What was passed over is of other branches.
            filter = filter with { Before = lookedTo };
        }
    }
}
