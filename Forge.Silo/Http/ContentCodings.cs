using System.IO.Compression;
using Forge.Documents;
using Forge.Documents.Compression;
using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Http;

/// <summary>
/// The codings that a body may come in, as <c>Content-Encoding</c> names them. Limits are of what it is decoded to.
/// </summary>
internal static class ContentCodings
{
    private static readonly Dictionary<string, Func<Stream, Stream>> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["gzip"] = body => CompressedDocument.Decompress(body, DocumentCompression.Gzip),
        ["zstd"] = body => CompressedDocument.Decompress(body, DocumentCompression.Zstd),
        ["br"] = body => new BrotliStream(body, CompressionMode.Decompress, leaveOpen: true),
        ["deflate"] = body => new ZLibStream(body, CompressionMode.Decompress, leaveOpen: true),
    };

    /// <summary>All of them, as a header lists them.</summary>
    public static string Names { get; } = string.Join(", ", Known.Keys);

    /// <summary>Lets the body be read decoded.</summary>
    /// <exception cref="UnsupportedBodyException">The coding is not known, or there are several.</exception>
    public static void Decode(HttpContext context)
    {
        var request = context.Request;
        var coding = request.Headers.ContentEncoding.ToString().Trim();
        if (coding.Length == 0 || coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        if (!Known.TryGetValue(coding, out var decode))
        {
            throw new UnsupportedBodyException("contentEncoding", $"must be one of {Names}, or left out");
        }

        var body = decode(request.Body);
        context.Response.RegisterForDisposeAsync(body);
        request.Body = body;

        // Both were of what came over the wire.
        request.ContentLength = null;
        request.Headers.Remove(HeaderNames.ContentEncoding);
    }
}
