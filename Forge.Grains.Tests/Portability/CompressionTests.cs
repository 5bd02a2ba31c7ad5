using System.Net;
using System.Text;
using Forge.Client;
using Forge.Documents;
using Forge.Documents.Compression;
using Forge.Errors;
using Forge.Grains.Tests.Http;
using Forge.History.Deltas;

namespace Forge.Grains.Tests.Portability;

[Collection(HttpTests.Name)]
public sealed class CompressionTests(SiloServer server)
{
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Theory]
    [InlineData("", "gzip", "gzip")]
    [InlineData("", "gzip, zstd", "zstd")]
    [InlineData("", "gzip;q=1.0, zstd;q=0.5", "gzip")]
    [InlineData("", "zstd;q=0, br", null)]
    [InlineData("", "identity", null)]
    [InlineData("?compress=gzip", "zstd", "gzip")]
    [InlineData("?compress=zstd", null, "zstd")]
    [InlineData("?compress=none", "gzip", null)]
    public async Task Export_AsAsked_IsCompressedAndComesInAgain(string query, string? accept, string? encoding)
    {
        await _session.CreateAsync("one");

        var answer = await _session.GetAsync("/export" + query, accept is null ? [] : [("Accept-Encoding", accept)]);

        Assert.Equal(encoding, answer.Headers["Content-Encoding"].SingleOrDefault());
        Assert.Equal("Accept-Encoding", answer.Headers["Vary"].Single());
        Assert.Equal(DocumentSamples.Ndjson, answer.ContentType);
        var plain = encoding switch { "gzip" => DocumentSamples.Gunzip(answer.Body), "zstd" => DocumentSamples.Unzstd(answer.Body), _ => answer.Body };
        Assert.Equal((await _session.LinesAsync())[1..], DocumentSamples.Lines(Encoding.UTF8.GetString(plain))[1..]);
        var copy = SessionHttp.New(server);
        var taken = await copy.ImportAsync(answer.Body, encoding is null ? [] : [("Content-Encoding", encoding)]);
        Assert.Equal("""{"imported":1,"skipped":0}""", taken.Text);
    }

    [Fact]
    public async Task Export_UnknownCompression_IsRefused() =>
        (await _session.GetAsync("/export?compress=br")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "compress");

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task Import_CompressedDataCutOffOrBroken_ChangesNothing(string encoding)
    {
        var plain = DocumentSamples.Bytes(DocumentSamples.Golden("session-v1.ndjson"));
        var whole = encoding == "gzip" ? DocumentSamples.Gzip(plain) : DocumentSamples.Zstd(plain);
        var flipped = whole.ToArray();
        flipped[flipped.Length / 2] ^= 0x55;
        foreach (var broken in new[] { whole[..^20], whole[..(whole.Length / 2)], whole[..3], flipped, plain })
        {
            (await _session.ImportAsync(broken, ("Content-Encoding", encoding)))
                .MustRefuse(HttpStatusCode.UnprocessableEntity, "import_rejected");
            (await _session.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
        }
    }

    [Fact]
    public async Task Import_ZstdFrameThatAsksForAHugeWindow_IsRefused()
    {
        // A header without a single segment, whose window descriptor says 2^(10+17) bytes, and an empty last block.
        byte[] frame = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 17 << 3, 0x01, 0x00, 0x00];

        var answer = await _session.ImportAsync(frame, ("Content-Encoding", "zstd"));

        answer.MustRefuse(HttpStatusCode.UnprocessableEntity, "import_rejected");
        Assert.Contains("compressed", answer.Json.GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DocumentCompression.None)]
    [InlineData(DocumentCompression.Gzip)]
    [InlineData(DocumentCompression.Zstd)]
    public async Task Client_DocumentOfAnyKind_IsToldApartByItsBeginning(DocumentCompression compression)
    {
        var plain = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 100_000)));
        var document = new MemoryStream();
        await CompressedDocument.WriteAsync(document, compression, Pieces(plain), default);
        document.Position = 0;

        var read = new MemoryStream();
        await using (var stream = await CompressedDocument.DecompressAsync(document, default))
        {
            await stream.CopyToAsync(read, TestContext.Current.CancellationToken);
        }

        Assert.Equal(plain, read.ToArray());
        Assert.True(document.CanRead);
    }

    [Fact]
    public async Task Client_SourceFails_WritesNoEnd()
    {
        var document = new MemoryStream();

        await Assert.ThrowsAsync<UnavailableException>(
            () => CompressedDocument.WriteAsync(document, DocumentCompression.Gzip, Failing(), default));

        var whole = new MemoryStream();
        await CompressedDocument.WriteAsync(whole, DocumentCompression.Gzip, Pieces(new byte[1_000_000]), default);
        Assert.InRange(document.Length, 0, whole.Length - 1);
        Assert.False(document.ToArray().AsSpan().EndsWith(whole.ToArray().AsSpan(^8..)));
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Pieces(byte[] bytes)
    {
        foreach (var part in bytes.Chunk(1000))
        {
            await Task.Yield();
            yield return part;
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Failing()
    {
        await Task.Yield();
        yield return new byte[1_000_000];
        throw new UnavailableException("gone");
    }
}
