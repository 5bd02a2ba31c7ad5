using Forge.Documents;
using Forge.Errors;
using Forge.Silo.Http;
using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Portability;

/// <summary>How documents are compressed over HTTP.</summary>
internal static class DocumentEncoding
{
    private const string Gzip = "gzip";
    private const string Zstd = "zstd";

    /// <summary>
    /// How the caller wants an export: as the query <c>compress</c> says, else by the <c>Accept-Encoding</c> that it values
    /// most, zstd before gzip if it values both the same.
    /// </summary>
    /// <exception cref="InvalidRequestException">The query asks for what there is not.</exception>
    public static DocumentCompression Wanted(HttpRequest request, QueryReader query)
    {
        if (query.String("compress") is { } named)
        {
            return named switch
            {
                "none" => DocumentCompression.None,
                Gzip => DocumentCompression.Gzip,
                Zstd => DocumentCompression.Zstd,
                _ => throw new InvalidRequestException("compress", "must be none, gzip or zstd"),
            };
        }

        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted))
        {
            return DocumentCompression.None;
        }

        var (zstd, gzip) = (ValueOf(Zstd), ValueOf(Gzip));
        return zstd > 0 && zstd >= gzip ? DocumentCompression.Zstd
            : gzip > 0 ? DocumentCompression.Gzip
            : DocumentCompression.None;

        double ValueOf(string name) =>
            accepted.Where(a => a.Value.Equals(name, StringComparison.OrdinalIgnoreCase)).Max(a => (double?)(a.Quality ?? 1)) ?? 0;
    }

    /// <summary>Says in the headers how the answer is compressed.</summary>
    public static void Announce(HttpResponse response, DocumentCompression compression)
    {
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (compression != DocumentCompression.None)
        {
            response.Headers.ContentEncoding = compression == DocumentCompression.Gzip ? Gzip : Zstd;
        }
    }
}
