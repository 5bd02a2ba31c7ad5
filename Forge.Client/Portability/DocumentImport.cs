using Forge.Client.Retries;
using Forge.Documents.Compression;
using Forge.Documents.Earlier;
using Forge.Documents.Imports;
using Forge.Errors;
using Forge.Identity;
using Forge.Portability;
using Forge.Sessions;

namespace Forge.Client.Portability;

/// <summary>Imports a document into a session, begun again if it broke off and that is safe.</summary>
internal sealed class DocumentImport(SessionAddress session, Func<ISessionGrain> grain, Retrier retrier, TimeProvider time, long? epoch)
{
    /// <summary>
    /// Sends the document from where the stream is to its end. Until the last call an import is seen by nobody, so one
    /// that broke off before it is begun again if the stream can be taken back.
    /// </summary>
    public Task<ImportResult> RunAsync(Stream document, CancellationToken cancellationToken)
    {
        var start = document.CanSeek ? document.Position : 0;
        var shape = new CallShape
        {
            Target = $"session {session}",
            Changes = session,
            RetryWhen = (failure, _) => document.CanSeek && failure is UnavailableException or SessionMovedException,
            HasDeadline = false,
        };
        return retrier.RunAsync(
            shape,
            async (attempt, token) =>
            {
                if (attempt > 1)
                {
                    document.Position = start;
                }

                await using var plain = await CompressedDocument.DecompressAsync(document, token);
                var upload = new ImportUpload(session, new ImportCalls(session, grain, retrier, time, epoch), EarlierLimits.OfClient);
                return await upload.RunAsync(plain, token);
            },
            cancellationToken);
    }
}
