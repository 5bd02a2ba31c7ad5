using System.IO.Compression;
using System.Text;
using Forge.Grains.Tests.Http;
using Forge.History.Deltas;

namespace Forge.Grains.Tests.Portability;

/// <summary>Documents for tests of their import, and how they are taken apart.</summary>
internal static class DocumentSamples
{
    public const string Ndjson = "application/x-ndjson";

    public static string Golden(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Portability", "Golden", name));

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Bytes(IEnumerable<string> lines) => Bytes(string.Concat(lines.Select(line => line + "\n")));

    public static string[] Lines(string document) => document.TrimEnd('\n').Split('\n');

    /// <summary>The golden session with some of its lines changed.</summary>
    public static byte[] With(Action<List<string>> change)
    {
        var lines = Lines(Golden("session-v1.ndjson")).ToList();
        change(lines);
        return Bytes(lines);
    }

    public static byte[] Gzip(byte[] bytes)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }

    public static byte[] Gunzip(byte[] bytes)
    {
        var plain = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress))
        {
            gzip.CopyTo(plain);
        }

        return plain.ToArray();
    }

    public static byte[] Zstd(byte[] bytes) => new ZstdSharp.Compressor().Wrap(bytes).ToArray();

    public static byte[] Unzstd(byte[] bytes) => new ZstdSharp.Decompressor().Unwrap(bytes).ToArray();

    public static Task<HttpAnswer> ImportAsync(this SessionHttp session, byte[] document, params (string, string)[] headers) =>
        session.PostAsync("/import", document, Ndjson, headers);

    /// <summary>The export of a session, line by line.</summary>
    public static async Task<string[]> LinesAsync(this SessionHttp session) => Lines((await session.GetAsync("/export")).Text);
}

/// <summary>The routes of a tenant over HTTP.</summary>
internal sealed class TenantHttp(HttpClient client)
{
    public async Task<HttpAnswer> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1" + path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return await HttpAnswer.ReadAsync(response);
    }

    public async Task<HttpAnswer> ImportAsync(byte[] document, string? encoding = null)
    {
        using var content = new ByteArrayContent(document);
        if (encoding is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }

        using var response = await client.PostAsync("/v1/import", content, TestContext.Current.CancellationToken);
        return await HttpAnswer.ReadAsync(response);
    }
}
