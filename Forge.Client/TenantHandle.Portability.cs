using System.Runtime.CompilerServices;
using Forge.Catalog;
using Forge.Client.Portability;
using Forge.Client.Retries;
using Forge.Documents;
using Forge.Documents.Compression;
using Forge.Documents.Tenants;
using Forge.Errors;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Client;

public sealed partial class TenantHandle
{
    /// <summary>
    /// Writes all sessions of the tenant as one NDJSON document, in memory that does not grow with them. Each session is as
    /// it was at one instant, and not all at the same: writes go on meanwhile. One that cannot be exported whole, since a
    /// row of it is damaged, says so at its end, and the others follow. After a failure what was written lacks the
    /// document's end, which an import notices.
    /// </summary>
    /// <param name="destination">Where the document goes; not closed.</param>
    /// <param name="compression">How the document is compressed.</param>
    /// <param name="prefix">Only sessions whose names begin so; empty for all.</param>
    /// <param name="skipDamaged">
    /// True to leave out checkpoints that are damaged, or that stand on damaged ones, so that the rest of their session comes in again.
    /// The silo reads each session twice for it.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was written, and what of which sessions was not.</returns>
    /// <exception cref="InvalidRequestException">The prefix is bad.</exception>
    /// <exception cref="UnavailableException">The export broke off: begin again, with a new stream.</exception>
    public async Task<TenantExportResult> ExportAsync(
        Stream destination,
        DocumentCompression compression = DocumentCompression.None,
        string prefix = "",
        bool skipDamaged = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var export = new TenantExport(
            Id, ListSessionsAsync, (session, token) => _client.Session(session, Id).ExportPiecesAsync(skipDamaged, token), _time);
        await CompressedDocument.WriteAsync(
            destination, compression, export.PiecesAsync(prefix, cancellationToken), cancellationToken);
        return export.Result;
    }

    /// <summary>
    /// Imports a document of many sessions, plain or compressed, into this tenant, whatever tenant it came from. Each
    /// session takes effect by itself, at one instant or not at all, as it arrives; one that is refused is passed over, and
    /// the answer says why.
    /// </summary>
    /// <param name="document">The document, read from where the stream is to its end; not closed.</param>
    /// <param name="cancellationToken">Gives up; the sessions before stay.</param>
    /// <exception cref="ImportRejectedException">The document is none of many sessions; nothing was changed.</exception>
    /// <exception cref="UnavailableException">
    /// The service went away meanwhile. The document can be imported again: what is there already, the same, is skipped.
    /// </exception>
    /// <exception cref="OutcomeUnknownException">As before, and one session may have taken effect.</exception>
    public async Task<TenantImportResult> ImportAsync(Stream document, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(document);
        await using var plain = await CompressedDocument.DecompressAsync(document, cancellationToken);
        return await new TenantImport(Calls).RunAsync(plain, cancellationToken);

        ImportCalls Calls(SessionId session)
        {
            var address = new SessionAddress(Id, session);
            return new ImportCalls(address, () => _grains.GetGrain<ISessionGrain>(address.ToGrainKey()), _retrier, _time);
        }
    }
}
