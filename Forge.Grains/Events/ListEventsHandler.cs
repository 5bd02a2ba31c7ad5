using Forge.Errors;
using Forge.Events;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;

namespace Forge.Grains.Events;

internal sealed class ListEventsHandler : OperationHandler<ListEvents, EventPage>
{
    protected override async Task<EventPage> RunAsync(LiveSession session, ListEvents operation, CancellationToken cancellationToken)
    {
        PageRules.Require(operation.Limit, session.Services.Limits.PageItems);
        if (operation.After < 0)
        {
            throw new InvalidRequestException("after", "must not be negative");
        }

        var read = await SessionLogReader.ReadAsync(session, operation.After, operation.Limit, cancellationToken);
        return new EventPage(read.Events, read.Position < read.Last ? read.Position : null, read.Last);
    }
}
