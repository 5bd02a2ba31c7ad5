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
    public const int PieceBytes = 256 * 1024;

    private readonly string _target = $"session {session}";

    /// <summary>
    /// Sends the document from where the stream is to its end. Until the last call an import is seen by nobody, so one
    /// that broke off before it is begun again where the stream can be taken back.
    /// </summary>
    public Task<ImportResult> RunAsync(Stream document, CancellationToken cancellationToken)
    {
        var start = document.CanSeek ? document.Position : 0;
        var shape = new CallShape
        {
            Target = _target,
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
        var ticket = await retrier.RunAsync(
            CallShape.Read(_target), (_, token) => grain().BeginImportAsync(token), cancellationToken);
        try
        {
            await AppendAllAsync(ticket, document, cancellationToken);
        }
        catch
        {
            await AbandonAsync(ticket);
            throw;
        }

        try
        {
            return await retrier.RunAsync(
                Completing, (_, token) => grain().CompleteImportAsync(ticket, token), cancellationToken);
        }
        catch (BusyException)
        {
            // After any other failure the import is over, or may be taking effect at this moment.
            await AbandonAsync(ticket);
            throw;
        }
    }

    /// <summary>
    /// Never fails: what the import failed with is what the caller has to see, and one that cannot be abandoned now is seen
    /// by nobody and removed within an hour.
    /// </summary>
    private async Task AbandonAsync(ImportTicket ticket)
    {
        await SendAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        async Task SendAsync() => await grain().AbandonImportAsync(ticket);
    }

    private async Task AppendAllAsync(ImportTicket ticket, Stream document, CancellationToken cancellationToken)
    {
        for (var index = 0; ; index++)
        {
            // A new array each time: a call that was given up may still read the one before.
            var buffer = new byte[PieceBytes];
            var length = await document.ReadAtLeastAsync(buffer, PieceBytes, throwOnEndOfStream: false, cancellationToken);
            if (length > 0)
            {
                var number = index;
                await retrier.RunAsync(
                    Appending,
                    async (_, token) =>
                    {
                        await grain().AppendImportAsync(ticket, number, buffer.AsMemory(0, length), token);
                        return true;
                    },
                    cancellationToken);
            }

            if (length < PieceBytes)
            {
                return;
            }
        }
    }

    /// <summary>A piece has no request id: it is sent again only where it was turned away before it was looked at.</summary>
    private CallShape Appending => new() { Target = _target, RetryWhen = (failure, _) => failure is BusyException };

    private CallShape Completing =>
        new() { Target = _target, Changes = session, RetryWhen = (failure, _) => failure is BusyException };
}
