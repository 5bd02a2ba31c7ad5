using Forge.Catalog;
using Forge.Documents.Imports;
using Forge.Documents.Tenants;
using Forge.Grains.Hosting;
using Forge.Grains.Portability;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.Identity;
using Forge.Portability;
using Forge.Silo.Http;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Portability;

/// <summary>Takes documents out of grains and into them for HTTP callers, by calls that go straight to the grains.</summary>
internal sealed class DocumentTransfer(
    IGrainFactory grains, SessionCalls calls, PortabilitySlots slots, IOptions<LimitsOptions> options, TimeProvider time,
    ILogger<GrainImport> logger)
{
    /// <summary>
    /// An export arrives in pieces of up to 256 KiB; this many cross from the grain at once. Orleans would bring a hundred.
    /// </summary>
    private const int PiecesPerAnswer = 4;

    /// <summary>The document of one session in pieces, cut anywhere.</summary>
    public IAsyncEnumerable<byte[]> ExportAsync(SessionAddress session, bool skipDamaged, CancellationToken cancellationToken)
    {
        var grain = calls.Grain(session);
        return (skipDamaged ? grain.ExportSoundAsync(cancellationToken) : grain.ExportAsync(cancellationToken)).WithBatchSize(PiecesPerAnswer);
    }

    /// <summary>The document of the tenant's sessions whose names begin so, in pieces cut anywhere.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ExportAsync(
        TenantId tenant, string prefix, bool skipDamaged, CancellationToken cancellationToken)
    {
        var catalog = grains.GetGrain<ICatalogGrain>(SessionAddress.ToGrainKey(tenant));
        var export = new TenantExport(
            tenant, catalog.ListSessionsAsync, (session, token) => ExportAsync(new SessionAddress(tenant, session), skipDamaged, token), time);
        return export.PiecesAsync(prefix, cancellationToken);
    }

    /// <summary>Imports the document of one session, which may be that of the earlier tool.</summary>
    /// <param name="session">The session.</param>
    /// <param name="epoch">The epoch of the claim that it is made under; null for none.</param>
    /// <param name="document">The document.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<ImportResult> ImportAsync(SessionAddress session, long? epoch, Stream document, CancellationToken cancellationToken)
    {
        var limits = new SessionRules(options.Value).ToEarlier();
        return new ImportUpload(session, new GrainImport(session, calls, time, logger, epoch), limits, slots.EnterConversion)
            .RunAsync(document, cancellationToken);
    }

    /// <summary>Imports a document of many sessions.</summary>
    public Task<TenantImportResult> ImportAsync(TenantId tenant, Stream document, CancellationToken cancellationToken) =>
        new TenantImport(session => new GrainImport(new SessionAddress(tenant, session), calls, time, logger))
            .RunAsync(document, cancellationToken);
}
