using System.IO.Compression;
using Forge.Errors;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Forge.Documents.Compression;

/// <summary>Compresses documents on their way out, and reads those that come compressed.</summary>
internal static class CompressedDocument
{
    private const int ZstdLevel = 3;

    /// <summary>The greatest window that a zstd frame may ask memory for: 8 MiB, which every level up to 19 keeps to.</summary>
    private const int MaxWindowLog = 23;

    /// <summary>How many bytes tell compressed documents apart from plain ones.</summary>
    private const int MagicBytes = 4;

    /// <summary>A stream that compresses into another, which stays open. Disposing of it writes the end.</summary>
    public static Stream Compress(Stream destination, DocumentCompression compression) => compression switch
    {
        DocumentCompression.None => new OpenStream(destination),
        DocumentCompression.Gzip => new GZipStream(destination, CompressionLevel.Fastest, leaveOpen: true),
        DocumentCompression.Zstd => new CompressionStream(destination, ZstdLevel, leaveOpen: true),
        _ => throw new InvalidRequestException("compression", "must be none, gzip or zstd"),
    };

    /// <summary>Writes pieces. After a failure the end is not written, so that the data shows that it was cut off.</summary>
    public static async Task WriteAsync(
        Stream destination, DocumentCompression compression, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces,
        CancellationToken cancellationToken)
    {
        var compressed = Compress(destination, compression);
        await foreach (var piece in pieces.WithCancellation(cancellationToken))
        {
            await compressed.WriteAsync(piece, cancellationToken);
        }

        await compressed.DisposeAsync();
    }

    /// <summary>A stream that reads another one's plain bytes; the other stays open.</summary>
    public static Stream Decompress(Stream source, DocumentCompression compression)
    {
        switch (compression)
        {
            case DocumentCompression.None:
                return new OpenStream(source);
            case DocumentCompression.Gzip:
                return new GZipStream(source, CompressionMode.Decompress, leaveOpen: true);
            case DocumentCompression.Zstd:
                var zstd = new DecompressionStream(source, leaveOpen: true);
                zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);
                return zstd;
            default:
                throw new InvalidRequestException("compression", "must be none, gzip or zstd");
        }
    }

    /// <summary>As <see cref="Decompress"/>, by how the document begins: no plain one begins as a compressed one does.</summary>
    public static async Task<Stream> DecompressAsync(Stream source, CancellationToken cancellationToken)
    {
        var start = new byte[MagicBytes];
        var length = await source.ReadAtLeastAsync(start, MagicBytes, throwOnEndOfStream: false, cancellationToken);
        return Decompress(new OpenStream(source, start.AsMemory(0, length)), CompressionOf(start.AsSpan(0, length)));
    }

    /// <summary>Fills a buffer as far as the document goes.</summary>
    /// <exception cref="ImportRejectedException">What is compressed is broken, or asks for too much memory.</exception>
    public static async Task<int> FillAsync(Stream document, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await document.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            throw new ImportRejectedException(
                0, $"what it is compressed by is broken or cut off: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    /// <summary>True if what is compressed is broken, cut off, or asks for too much memory.</summary>
    public static bool IsBroken(Exception exception) =>
        exception is InvalidDataException or ZstdException or EndOfStreamException

            // As Brotli's decoder has it.
            or InvalidOperationException { Source: "System.IO.Compression.Brotli" };

    private static DocumentCompression CompressionOf(ReadOnlySpan<byte> start) =>
        start.StartsWith<byte>([0x1F, 0x8B]) ? DocumentCompression.Gzip
        : start.SequenceEqual<byte>([0x28, 0xB5, 0x2F, 0xFD]) ? DocumentCompression.Zstd
        : DocumentCompression.None;
}
