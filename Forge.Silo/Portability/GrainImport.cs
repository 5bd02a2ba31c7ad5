using Forge.Documents.Imports;
using Forge.Errors;
using Forge.Identity;
using Forge.Portability;
using Forge.Silo.Http;

namespace Forge.Silo.Portability;

/// <summary>The calls of one import, made straight to the session's grain.</summary>
internal sealed class GrainImport(SessionAddress session, SessionCalls calls, ILogger<GrainImport> logger) : ISessionImport
{
    private ImportTicket _ticket;
    private int _pieces;

    public async Task<ImportTicket> BeginAsync(CancellationToken cancellationToken) =>
        _ticket = await calls.CallAsync(session, grain => grain.BeginImportAsync(cancellationToken));

    public Task AppendAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken) =>
        calls.Grain(session).AppendImportAsync(_ticket, _pieces++, piece, cancellationToken);

    public async Task<ImportResult> CompleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await calls.Grain(session).CompleteImportAsync(_ticket, cancellationToken);
        }
        catch (BusyException)
        {
            // After any other failure the import is over, or may be taking effect at this moment.
            await AbandonAsync();
            throw;
        }
    }

    public async Task AbandonAsync()
    {
        try
        {
            await calls.Grain(session).AbandonImportAsync(_ticket);
        }
        catch (Exception exception)
        {
            // The caller is told what broke the import; what was staged is removed as abandoned later.
            logger.LogWarning(exception, "The import into session {Session} could not be abandoned.", session);
        }
    }
}
