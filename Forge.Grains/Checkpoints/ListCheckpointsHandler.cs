using Forge.Checkpoints;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

internal sealed class ListCheckpointsHandler : OperationHandler<ListCheckpoints, CheckpointPage>
{
    protected override async Task<CheckpointPage> RunAsync(
        LiveSession session, ListCheckpoints operation, CancellationToken cancellationToken)
    {
        var query = operation.Query;
        var filter = session.Services.Rules.ToFilter(query);
        var page = query.IncludeStates
            ? await StatePage.ReadAsync(session, query, filter, cancellationToken)
            : await ReadAsync(session, query, filter, cancellationToken);
        if (page.Items.Count == 0)
        {
            await session.RequireNotDeletedAsync(cancellationToken);
        }

        return page;
    }

    private static async Task<CheckpointPage> ReadAsync(
        LiveSession session, CheckpointQuery query, ListFilter filter, CancellationToken cancellationToken)
    {
        if (await session.Held.ListAsync(filter, cancellationToken) is { } held)
        {
            CheckpointSummary[] shown = [.. held.Take(query.Limit).Select(one => one.ToSummary())];
            return new CheckpointPage(shown, held.Count > shown.Length ? PageCursor.Make(query.Order, shown[^1].Sequence) : null);
        }

        var read = await session.Reads.ListAsync(session.Address, filter, cancellationToken);
        session.NoteVersion(read.Version);
        var items = await session.ShowAsync(
            [.. read.Value.Take(query.Limit).Select(c => c.ToSummary())], read.Version, cancellationToken);
        var goesOnAfter = read.Value.Count > query.Limit ? items[^1].Sequence : read.Value.GoesOnAfter;
        return new CheckpointPage(items, goesOnAfter is { } last ? PageCursor.Make(query.Order, last) : null);
    }
}
