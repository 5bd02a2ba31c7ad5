using Forge.Grains.Sessions;

namespace Forge.Grains.Schedules;

internal sealed class RemindHandler : OperationHandler<Remind, DateTimeOffset?>
{
    protected override async Task<DateTimeOffset?> RunAsync(LiveSession session, Remind operation, CancellationToken cancellationToken) =>
        await session.ReadHeadAsync() is { Head.DeletedAt: null } ? await SessionReminder.RunAsync(session) : null;
}
