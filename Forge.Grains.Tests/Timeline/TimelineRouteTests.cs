using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using Forge.Grains.Tests.Http;
using Forge.Silo.Timeline;

namespace Forge.Grains.Tests.Timeline;

/// <summary>How the files of the page are served.</summary>
[Collection(HttpTests.Name)]
public sealed partial class TimelineRouteTests(SiloServer server)
{
    /// <summary>What all files may have together, as they are sent.</summary>
    private const int MostBytes = 150 * 1024;

    [Theory]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")]
    [InlineData("text/html")]
    public async Task Root_AskedForHtml_AnswersThePage(string accept)
    {
        using var response = await GetAsync("/", accept);

        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("<div id=\"app\">", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("no-cache", response.Headers.CacheControl?.ToString());
        Assert.Contains("Accept", response.Headers.Vary);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("*/*")]
    [InlineData("text/plain")]
    [InlineData("application/json, text/html;q=0")]
    public async Task Root_AskedForNoHtml_AnswersText(string? accept)
    {
        using var response = await GetAsync("/", accept);

        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("Accept", response.Headers.Vary);
    }

    [Fact]
    public async Task Files_HaveThePolicyAndAreNotGuessedAt()
    {
        foreach (var path in Paths())
        {
            using var response = await GetAsync(path, "text/html");

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
                + "frame-ancestors 'none'",
                response.Headers.GetValues("Content-Security-Policy").Single());
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
        }
    }

    [Fact]
    public async Task Files_OfANameWithADigest_AreKeptForEver()
    {
        foreach (var name in TimelineFiles.Names.Where(name => name != "index.html"))
        {
            using var response = await GetAsync($"/{name}", null);

            Assert.Matches(@"^timeline/[a-z]+-[A-Za-z0-9_-]{8}\.(js|css|svg)$", name);
            Assert.Equal("public, max-age=31536000, immutable", response.Headers.CacheControl?.ToString());
        }
    }

    [Fact]
    public async Task Files_KnownToTheBrowser_AreNotSentAgain()
    {
        foreach (var path in Paths())
        {
            using var first = await GetAsync(path, "text/html");
            using var again = await GetAsync(path, "text/html", ("If-None-Match", first.Headers.ETag!.ToString()));
            using var other = await GetAsync(path, "text/html", ("If-None-Match", "\"other\""));

            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
            Assert.Equal(first.Headers.ETag, again.Headers.ETag);
            Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        }
    }

    [Fact]
    public async Task Files_OfAnotherForm_HaveAnotherTag()
    {
        foreach (var path in Paths())
        {
            using var plain = await GetAsync(path, "text/html", ("Accept-Encoding", "identity"));
            using var packed = await GetAsync(path, "text/html", ("Accept-Encoding", "gzip"));
            using var known = await GetAsync(path, "text/html", ("Accept-Encoding", "gzip"), ("If-None-Match", packed.Headers.ETag!.ToString()));
            using var other = await GetAsync(path, "text/html", ("Accept-Encoding", "gzip"), ("If-None-Match", plain.Headers.ETag!.ToString()));

            Assert.NotEqual(plain.Headers.ETag, packed.Headers.ETag);
            Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
            Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        }
    }

    [Fact]
    public async Task Files_AskedForTheirHeadAlone_AnswerAsTheyWouldWithoutTheBody()
    {
        foreach (var path in Paths())
        {
            using var whole = await GetAsync(path, "text/html");
            using var request = new HttpRequestMessage(HttpMethod.Head, path);
            request.Headers.TryAddWithoutValidation("Accept", "text/html");
            using var head = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
            Assert.Equal(whole.Headers.ETag, head.Headers.ETag);
            Assert.Equal(whole.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Files_AskedForCompressed_AreTheSameInLess()
    {
        var sum = 0L;
        foreach (var path in Paths())
        {
            using var plain = await GetAsync(path, "text/html", ("Accept-Encoding", "br, gzip;q=0"));
            using var packed = await GetAsync(path, "text/html", ("Accept-Encoding", "gzip, deflate, br"));
            var sent = await packed.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            await using var unpacked = new GZipStream(new MemoryStream(sent), CompressionMode.Decompress);
            using var whole = new MemoryStream();
            await unpacked.CopyToAsync(whole, TestContext.Current.CancellationToken);

            Assert.Empty(plain.Content.Headers.ContentEncoding);
            Assert.Equal(["gzip"], packed.Content.Headers.ContentEncoding);
            Assert.Contains("Accept-Encoding", packed.Headers.Vary);
            Assert.Equal(await plain.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), whole.ToArray());
            sum += sent.Length;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{sum:N0} bytes in all");
        Assert.InRange(sum, 1, MostBytes);
    }

    [Fact]
    public async Task File_ThatIsNotThere_IsAProblem()
    {
        using var response = await GetAsync("/timeline/none.js", null);
        var answer = await HttpAnswer.ReadAsync(response);

        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal("route_not_found", answer.Json.GetProperty("code").GetString());
    }

    [Fact]
    public void Files_NameNoAddressOutside()
    {
        foreach (var name in TimelineFiles.Names)
        {
            var text = System.Text.Encoding.UTF8.GetString(TimelineFiles.Find(name)!.Plain);

            // The names of the languages of a document are no addresses that anybody asks.
            Assert.DoesNotContain(
                Address().Matches(text).Select(match => match.Value), found => !found.StartsWith("http://www.w3.org/", StringComparison.Ordinal));
            if (name == "index.html")
            {
                Assert.DoesNotMatch("<script(?![^>]* src=)|<style|\\son[a-z]+=|\\sstyle=", text);
            }
        }
    }

    private static IEnumerable<string> Paths() => TimelineFiles.Names.Select(name => name == "index.html" ? "/" : $"/{name}");

    private async Task<HttpResponseMessage> GetAsync(string path, string? accept, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    [GeneratedRegex("""(https?:)?//[a-z0-9-]+(\.[a-z0-9-]+)+[^\s"'`)]*""", RegexOptions.IgnoreCase)]
    private static partial Regex Address();
}
