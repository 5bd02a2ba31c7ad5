using System.Net;
using System.Text.Json;
using Forge.Grains.Tests.Http;
using Forge.History.Deltas;

namespace Forge.Grains.Tests.Portability;

[Collection(HttpTests.Name)]
public sealed class TenantImportTests(SiloServer server)
{
    private readonly TenantHttp _tenant = new(server.Client);
    private readonly string _name = $"many-{Guid.NewGuid():N}";

    [Fact]
    public async Task Sessions_List_IsPagedByNameAndPrefix()
    {
        foreach (var i in new[] { 3, 1, 2 })
        {
            await Session($"-{i}").CreateAsync("one");
        }

        await Session("-2").DeleteAsync();
        var first = (await _tenant.GetAsync($"/sessions?prefix={_name}&limit=1")).Json;
        var second = (await _tenant.GetAsync($"/sessions?prefix={_name}&limit=1&cursor={first.GetProperty("next").GetString()}")).Json;

        Assert.Equal([$"{_name}-1"], Names(first));
        Assert.Equal([$"{_name}-3"], Names(second));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        var info = (await Session("-1").GetAsync("")).Text;
        Assert.Equal(info.Replace("\"forkCount\":0", "\"forkCount\":null", StringComparison.Ordinal), first.GetProperty("items")[0].GetRawText());
        Assert.Empty(Names((await _tenant.GetAsync("/sessions?prefix=nobody-")).Json));
    }

    [Theory]
    [InlineData("limit=0", "limit", 400)]
    [InlineData("limit=1001", "limit", 413)]
    [InlineData("cursor=x", "cursor", 400)]
    [InlineData("prefix=%20", "prefix", 400)]
    [InlineData("name=x", "name", 400)]
    public async Task Sessions_BadQuery_IsNamed(string query, string field, int status) =>
        (await _tenant.GetAsync("/sessions?" + query)).MustRefuse(
            (HttpStatusCode)status, status == 413 ? "limit_exceeded" : "invalid_request", field);

    [Theory]
    [InlineData(null)]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task ExportAll_ThenImportAll_KeepsEverySession(string? encoding)
    {
        // More than a page of the catalog, and one that takes several pieces.
        for (var i = 0; i < 120; i++)
        {
            await Session($"-{i:D3}").CreateAsync($"of {i}");
        }

        for (var i = 0; i < 12; i++)
        {
            await Session("-050").PostAsync($"/checkpoints?message=m{i}", new byte[SiloServer.StateLimit], "a/b");
        }

        await Session("-empty").PutAsync("", "{}");
        var before = await ExportAsync();
        var answer = await _tenant.GetAsync($"/export?prefix={_name}&compress={encoding ?? "none"}");
        Assert.Equal(encoding, answer.Headers["Content-Encoding"].SingleOrDefault());
        foreach (var i in new[] { 5, 50 })
        {
            await Session($"-{i:D3}").DeleteAsync();
        }

        // Into other names, since a deleted one stays taken.
        var plain = encoding switch { "gzip" => DocumentSamples.Gunzip(answer.Body), "zstd" => DocumentSamples.Unzstd(answer.Body), _ => answer.Body };
        var renamed = DocumentSamples.Bytes(System.Text.Encoding.UTF8.GetString(plain).Replace(_name, $"{_name}x", StringComparison.Ordinal));
        var body = encoding switch { "gzip" => DocumentSamples.Gzip(renamed), "zstd" => DocumentSamples.Zstd(renamed), _ => renamed };
        var report = await _tenant.ImportAsync(body, encoding);

        Assert.Equal(HttpStatusCode.OK, report.Status);
        Assert.Equal((121, 0), (Int(report.Json, "imported"), Int(report.Json, "refused")));
        Assert.Equal(132, Int(report.Json, "importedCheckpoints"));
        Assert.Equal(
            before.Where(l => l.StartsWith("{\"sequence\"", StringComparison.Ordinal)),
            (await ExportAsync("x")).Where(l => l.StartsWith("{\"sequence\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ImportAll_SessionsThatAreRefused_ArePassedOverAndNamed()
    {
        var lines = DocumentSamples.Lines(DocumentSamples.Golden("tenant-v1.ndjson").Replace("golden", _name, StringComparison.Ordinal)).ToList();
        List<string> good = lines[1..6], other = lines[6..9];
        List<string> damaged = [.. good.Select(l => l.Replace("-1\"", "-damaged\"", StringComparison.Ordinal).Replace("\"size\":4,", "\"size\":5,", StringComparison.Ordinal))];
        List<string> partial = [.. other.Select(l => l.Replace("-2\"", "-partial\"", StringComparison.Ordinal))];
        partial[2] = partial[2].Replace("}", ",\"problem\":\"row 7 is damaged\"}", StringComparison.Ordinal);
        List<string> noEnd = [.. other[..2].Select(l => l.Replace("-2\"", "-open\"", StringComparison.Ordinal))];
        List<string> badName = [.. other.Select(l => l.Replace($"{_name}-2\"", "a b\"", StringComparison.Ordinal))];
        List<string> gone = [.. other.Select(l => l.Replace("-2\"", "-gone\"", StringComparison.Ordinal))];
        await Session("-gone").CreateAsync("x");
        await Session("-gone").DeleteAsync();
        List<string> document =
        [
            lines[0], .. damaged, .. partial, .. noEnd, .. badName, .. gone, .. good, .. other,
            "{\"forge\":\"tenantEnd\",\"sessions\":6,\"checkpoints\":10,\"incomplete\":1}",
        ];

        var report = await _tenant.ImportAsync(DocumentSamples.Bytes(document));

        Assert.Equal(HttpStatusCode.OK, report.Status);
        Assert.Equal((2, 5), (Int(report.Json, "imported"), Int(report.Json, "refused")));
        var refusals = report.Json.GetProperty("refusals").EnumerateArray()
            .Select(r => (r.GetProperty("session").GetString()!.Replace(_name, "", StringComparison.Ordinal),
                r.GetProperty("code").GetString(), Int(r, "line"))).ToList();
        Assert.Equal(
            [("-damaged", "import_rejected", 4), ("-partial", "import_rejected", 7), ("-open", "import_rejected", 10),
                ("a b", "invalid_request", 12), ("-gone", "session_deleted", 15)],
            refusals);
        Assert.Equal(2, (await _tenant.GetAsync($"/sessions?prefix={_name}")).Json.GetProperty("items").GetArrayLength());
        Assert.Equal(3, Int((await Session("-1").GetAsync("")).Json, "count"));
    }

    [Theory]
    [InlineData("no end", 8)]
    [InlineData("cut in a session", 7)]
    [InlineData("cut in a record", 1)]
    [InlineData("other totals", 9)]
    [InlineData("unknown record", 6)]
    [InlineData("line outside", 6)]
    [InlineData("goes on", 10)]
    [InlineData("two documents", 10)]
    [InlineData("endless record", 6)]
    public async Task ImportAll_BrokenDocument_SaysWhereAndWhatWasDoneBefore(string defect, int atLeast)
    {
        var lines = DocumentSamples.Lines(DocumentSamples.Golden("tenant-v1.ndjson").Replace("golden", _name, StringComparison.Ordinal)).ToList();
        switch (defect)
        {
            case "no end": lines.RemoveAt(9); break;
            case "cut in a session": lines.RemoveRange(7, 3); break;
            case "cut in a record": (lines[1], lines[2]) = ("{\"forge\":\"sess", ""); break;
            case "other totals": lines[9] = lines[9].Replace("\"checkpoints\":4", "\"checkpoints\":5", StringComparison.Ordinal); break;
            case "unknown record": lines.Insert(6, "{\"forge\":\"tomorrow\"}"); break;
            case "line outside": lines.Insert(6, lines[2]); break;
            case "goes on": lines.Add(""); break;
            case "two documents": lines.AddRange(lines.ToArray()); break;
            default: lines.Insert(6, $"{{\"forge\":\"session\",\"x\":\"{new string('x', 300_000)}\"}}"); break;
        }

        var answer = await _tenant.ImportAsync(DocumentSamples.Bytes(lines));

        answer.MustRefuse(HttpStatusCode.UnprocessableEntity, "import_rejected");
        Assert.InRange(Int(answer.Json, "line"), atLeast, atLeast + 2);
        var done = atLeast switch { 1 => 0, < 8 => 1, _ => 2 };
        Assert.Equal(done, Int(answer.Json.GetProperty("report"), "imported"));
        Assert.Equal(done, (await _tenant.GetAsync($"/sessions?prefix={_name}")).Json.GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense\n")]
    [InlineData("{\"forge\":\"tenant\",\"version\":2}\n")]
    [InlineData("{\"forge\":\"tenant\",\"version\":2,\"new\":1}\n")]
    [InlineData("{\"forge\":\"tenant\"}\n")]
    [InlineData("{\"forge\":\"tenant\",\"version\":1,\"new\":1}\n")]
    [InlineData("{\"forge\":\"tenant\",\"Version\":1}\n")]
    [InlineData("{\"forge\":\"tenant\",\"version\":\"1\"}\n")]
    [InlineData("{\"forge\":\"tenant\",\"version\":1,\"version\":1}\n")]
    [InlineData("{\"forge\":\"tenant\",\"version\":1,\"exportedAt\":\"\\ud800\"}\n")]
    [InlineData("{\"\\ud83d\":\"tenant\"}\n")]
    [InlineData("{\"forge\":\"tenantEnd\"}\n")]
    public async Task ImportAll_OfSomethingElse_IsRefused(string document) =>
        (await _tenant.ImportAsync(DocumentSamples.Bytes(document))).MustRefuse(HttpStatusCode.UnprocessableEntity, "import_rejected");

    [Fact]
    public async Task ImportAll_OfOneSession_SaysWhereItGoes()
    {
        var answer = await _tenant.ImportAsync(DocumentSamples.Bytes(DocumentSamples.Golden("session-v1.ndjson")));

        answer.MustRefuse(HttpStatusCode.UnprocessableEntity, "import_rejected");
        Assert.Contains("one session", answer.Json.GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    private static int Int(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private static IEnumerable<string> Names(JsonElement page) =>
        page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("session").GetString()!);

    private SessionHttp Session(string suffix) => new(server.Client, _name + suffix);

    private async Task<string[]> ExportAsync(string suffix = "") =>
        DocumentSamples.Lines((await _tenant.GetAsync($"/export?prefix={_name}{suffix}")).Text);
}
