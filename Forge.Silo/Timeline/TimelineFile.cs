using System.IO.Compression;
using System.Security.Cryptography;

namespace Forge.Silo.Timeline;

/// <summary>A file of the page, as it is sent.</summary>
/// <param name="ContentType">Its media type.</param>
/// <param name="Plain">Its bytes.</param>
/// <param name="Compressed">The same by gzip, which browsers take over plain HTTP too.</param>
/// <param name="Tag">Its entity tag, quoted, of the bytes.</param>
/// <param name="CompressedTag">That of the compressed bytes: a strong tag is of one form alone.</param>
internal sealed record TimelineFile(string ContentType, byte[] Plain, byte[] Compressed, string Tag, string CompressedTag)
{
    /// <summary>Reads a file, and compresses it once for all who ask.</summary>
    /// <param name="name">Its name, whose ending says what it is.</param>
    /// <param name="content">What is in it.</param>
    public static TimelineFile Read(string name, Stream content)
    {
        using var plain = new MemoryStream();
        content.CopyTo(plain);
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(plain.GetBuffer().AsSpan(0, (int)plain.Length));
        }

        var bytes = plain.ToArray();
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes))[..32];
        return new TimelineFile(TypeOf(name), bytes, compressed.ToArray(), $"\"{digest}\"", $"\"{digest}-gzip\"");
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"The page has a file '{name}', and what '{other}' is is not known here."),
    };
}
