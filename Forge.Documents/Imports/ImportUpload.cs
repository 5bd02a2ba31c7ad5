using System.Runtime.CompilerServices;
using Forge.Documents.Compression;
using Forge.Documents.Earlier;
using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.Identity;
using Forge.Portability;

namespace Forge.Documents.Imports;

/// <summary>
/// Sends a document to a session in pieces. A session knows one format, so the document of the earlier tool is converted on
/// its way.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="calls">The calls to it, none of them made yet.</param>
/// <param name="limits">What bounds a conversion.</param>
/// <param name="enterConversion">Is called before one, and what it gives is disposed of after it; may refuse.</param>
internal sealed class ImportUpload(
    SessionAddress session, ISessionImport calls, EarlierLimits limits, Func<IDisposable>? enterConversion = null)
{
    /// <summary>Sends a document from where the stream is to its end.</summary>
    /// <param name="document">The document, decompressed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ImportRejectedException">The document is broken, or does not fit.</exception>
    public async Task<ImportResult> RunAsync(Stream document, CancellationToken cancellationToken)
    {
        var first = await ReadPieceAsync(document, cancellationToken);
        if (DocumentFormats.Of(first.Span) == DocumentFormat.Session)
        {
            await calls.BeginAsync(cancellationToken);
            return await SendAsync(PiecesAsync(first, document, cancellationToken), cancellationToken);
        }

        using var slot = enterConversion?.Invoke();
        using var earlier = new EarlierDocument(limits);
        await foreach (var piece in PiecesAsync(first, document, cancellationToken))
        {
            await earlier.ReadAsync(piece, cancellationToken);
        }

        await earlier.EndAsync(cancellationToken);
        var ticket = await calls.BeginAsync(cancellationToken);
        try
        {
            var result = await SendAsync(ConvertedAsync(earlier, ticket.At, cancellationToken), cancellationToken);
            return result with { Earlier = earlier.Report };
        }
        catch (ImportRejectedException refusal)
        {
            throw earlier.Explain(refusal);
        }
    }

    private async Task<ImportResult> SendAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var piece in pieces)
            {
                await calls.AppendAsync(piece, cancellationToken);
            }
        }
        catch
        {
            await calls.AbandonAsync();
            throw;
        }

        return await calls.CompleteAsync(cancellationToken);
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ConvertedAsync(
        EarlierDocument earlier, DateTimeOffset now, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pieces = new DocumentPieces();
        await foreach (var _ in earlier.WriteAsync(session, now, pieces.Output, cancellationToken))
        {
            foreach (var piece in pieces.TakeFull())
            {
                yield return piece;
            }
        }

        if (pieces.TakeRest() is { } rest)
        {
            yield return rest;
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync(
        ReadOnlyMemory<byte> first, Stream document, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var piece = first; ; piece = await ReadPieceAsync(document, cancellationToken))
        {
            if (!piece.IsEmpty)
            {
                yield return piece;
            }

            if (piece.Length < SessionDocument.PieceBytes)
            {
                yield break;
            }
        }
    }

    /// <summary>The next piece, in an array of its own: it is the session's once it is sent.</summary>
    private static async Task<ReadOnlyMemory<byte>> ReadPieceAsync(Stream document, CancellationToken cancellationToken)
    {
        var piece = new byte[SessionDocument.PieceBytes];
        return piece.AsMemory(0, await CompressedDocument.FillAsync(document, piece, cancellationToken));
    }
}
