using Forge.Checkpoints;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

internal sealed class GetCheckpointAtHandler : OperationHandler<GetCheckpointAt, CheckpointSummary?>
{
    /// <summary>How many are looked at first, since mostly the newest one is of the branch.</summary>
    private const int FirstLooked = 64;

    protected override async Task<CheckpointSummary?> RunAsync(
        LiveSession session, GetCheckpointAt operation, CancellationToken cancellationToken)
    {
        var first = new ListFilter
        {
            Branch = SessionRules.CheckBranch(operation.Branch) ?? BranchNames.Main,
            To = operation.Time.ToUniversalTime(),
            Limit = 1,
            MostLooked = FirstLooked,
        };
        var (filter, version) = (first, (long?)null);
        for (var round = 0; round < ChangeRunner.MaxRounds; round++)
        {
            var read = await session.Reads.ListAsync(session.Address, filter, cancellationToken);
            session.NoteVersion(read.Version);
            if (version is { } began && read.Version != began)
            {
                // What was passed over was right at another instant: all of it is looked at again, and more at once.
                (filter, version) = (first with { MostLooked = ListFilter.UsuallyLooked }, null);
                continue;
            }

            if (read.Value is [var found])
            {
                return await session.ShowAsync(found.ToSummary(), read.Version, cancellationToken);
            }

            if (read.Value.GoesOnAfter is not { } lookedTo)
            {
                await session.RequireNotDeletedAsync(cancellationToken);
                return null;
            }

            (filter, version) = (filter with { Before = lookedTo, MostLooked = ListFilter.UsuallyLooked }, read.Version);
        }

        throw ChangeRunner.KeepsChanging();
    }
}
