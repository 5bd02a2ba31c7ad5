using Forge.Documents.Imports;
using Forge.Errors;
using Forge.Identity;
using Forge.Portability;
using Forge.Silo.Http;

namespace Forge.Silo.Portability;

/// <summary>The calls of one import, made straight to the session's grain.</summary>
/// <param name="session">The session.</param>
/// <param name="calls">Calls of grains.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
/// <param name="epoch">The epoch of the claim that the import is made under; null for none.</param>
internal sealed class GrainImport(
    SessionAddress session, SessionCalls calls, TimeProvider time, ILogger<GrainImport> logger, long? epoch = null) : ISessionImport
{
    /// <summary>A queue or a slot that is full for a moment must not end a document of many sessions; after these it does.</summary>
    private static readonly TimeSpan[] Waits =
        [TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(800), TimeSpan.FromSeconds(2)];

    /// <summary>How long a caller, who waits for the failure, is kept by what is only tidying up.</summary>
    private static readonly TimeSpan AbandonPatience = TimeSpan.FromSeconds(2);

    private ImportTicket _ticket;
    private int _pieces;

    public async Task<ImportTicket> BeginAsync(CancellationToken cancellationToken) =>
        _ticket = await WhileBusyAsync(
            () => calls.CallAsync(session, grain => grain.BeginImportAsync(cancellationToken)), cancellationToken);

    public Task AppendAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken) =>
        calls.Grain(session).AppendImportAsync(_ticket, _pieces++, piece, cancellationToken);

    public async Task<ImportResult> CompleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await WhileBusyAsync(
                () => calls.Grain(session).CompleteImportAsync(_ticket with { Epoch = epoch }, cancellationToken), cancellationToken);
        }
        catch
        {
            // Whatever it was: an import that is over, or takes effect at this moment, is not harmed by it, and one that is left
            // would keep its slot and its rows until it is found idle.
            await AbandonAsync();
            throw;
        }
    }

    private async Task<T> WhileBusyAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        foreach (var wait in Waits)
        {
            try
            {
                return await call();
            }
            catch (BusyException)
            {
                // Nothing was changed.
                await Task.Delay(wait, time, cancellationToken);
            }
        }

        return await call();
    }

    public async Task AbandonAsync()
    {
        try
        {
            await calls.Grain(session).AbandonImportAsync(_ticket).WaitAsync(AbandonPatience, time);
        }
        catch (Exception exception)
        {
            // The caller is told what broke the import; what was staged is removed as abandoned later.
            logger.LogWarning(exception, "The import into session {Session} could not be abandoned.", session);
        }
    }
}
