using Forge.Client.Retries;
using Forge.Errors;
using Forge.Identity;
using Forge.Portability;
using Forge.Sessions;

namespace Forge.Client.Portability;

/// <summary>Sends a document to a session in pieces.</summary>
internal sealed class ImportUpload(SessionAddress session, Func<ISessionGrain> grain, Retrier retrier)
{
    /// <summary>How large a piece is, in bytes.</summary>
    public const int PieceBytes = ImportCalls.PieceBytes;

    /// <summary>
    /// Sends the document from where the stream is to its end. Until the last call an import is seen by nobody, so one
    /// that broke off before it is begun again where the stream can be taken back.
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
            (attempt, token) =>
            {
                if (attempt > 1)
                {
                    document.Position = start;
                }

                return SendAsync(document, token);
            },
            cancellationToken);
    }

    private async Task<ImportResult> SendAsync(Stream document, CancellationToken cancellationToken)
    {
        var calls = new ImportCalls(session, grain, retrier);
        await calls.BeginAsync(cancellationToken);
        try
        {
            await using var plain = await CompressedDocument.DecompressAsync(document, cancellationToken);
            await AppendAllAsync(calls, plain, cancellationToken);
        }
        catch
        {
            await calls.AbandonAsync();
            throw;
        }

        return await calls.CompleteAsync(cancellationToken);
    }

    private static async Task AppendAllAsync(ImportCalls calls, Stream document, CancellationToken cancellationToken)
    {
        while (true)
        {
            var buffer = new byte[PieceBytes];
            var length = await CompressedDocument.FillAsync(document, buffer, cancellationToken);
            if (length > 0)
            {
                await calls.AppendAsync(buffer.AsMemory(0, length), cancellationToken);
            }

            if (length < PieceBytes)
            {
                return;
            }
        }
    }
}
