using Forge.Documents;
using Forge.Documents.Compression;

namespace Forge.Silo.Portability;

/// <summary>Sends a document as the answer, compressed as wanted.</summary>
internal static class DocumentAnswer
{
    public const string Ndjson = "application/x-ndjson";

    /// <param name="context">The request.</param>
    /// <param name="compression">How it is compressed.</param>
    /// <param name="pieces">The document. What fails before its first piece is still answered as a problem.</param>
    /// <param name="brokeOff">Is told what it broke off with.</param>
    public static async Task SendAsync(
        HttpContext context, DocumentCompression compression, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, Action<Exception> brokeOff)
    {
        await using var document = pieces.GetAsyncEnumerator(context.RequestAborted);
        var more = await document.MoveNextAsync();
        context.Response.ContentType = Ndjson;
        DocumentEncoding.Announce(context.Response, compression);
        try
        {
            // Not disposed of after a failure: that would write an end.
            var body = CompressedDocument.Compress(context.Response.Body, compression);
            while (more)
            {
                await body.WriteAsync(document.Current, context.RequestAborted);
                more = await document.MoveNextAsync();
            }

            await body.DisposeAsync();
            await context.Response.CompleteAsync();
        }
        catch (Exception exception)
        {
            // The status has gone out: only a connection that breaks off says that the document is not whole.
            if (!context.RequestAborted.IsCancellationRequested)
            {
                brokeOff(exception);
            }

            context.Abort();
        }
    }
}
