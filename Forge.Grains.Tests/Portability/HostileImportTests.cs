using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Forge.Grains.Tests.Http;
using Forge.Grains.Tests.Sqlite;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Grains.Tests.Portability;

/// <summary>Documents that nobody wrote by accident: refused by a typed error, with nothing changed and memory bounded.</summary>
[Collection(HttpTests.Name)]
public sealed partial class HostileImportTests(SiloServer server)
{
    private readonly SessionHttp _session = SessionHttp.New(server);

    public static TheoryData<string> HostileNames { get; } = [.. Hostile.Keys];

    private static Dictionary<string, Func<byte[]>> Hostile => new()
    {
        ["half a surrogate pair as the first name"] = () => "{\"\\ud83d\":1}\n"u8.ToArray(),
        ["half a surrogate pair as a later name"] = () => DocumentSamples.With(l => l[1] = l[1].Replace("{\"sequence\"", "{\"\\ud83d\":1,\"sequence\"", StringComparison.Ordinal)),
        ["chain of half a byte"] = () => WithChain("\"abc\""),
        ["chain of another length"] = () => WithChain("\"abcd\""),
        ["chain that is no text"] = () => WithChain("5"),
        ["chain that is not hexadecimal"] = () => WithChain($"\"{new string('x', 64)}\""),
        ["nothing"] = () => [],
        ["white space"] = () => DocumentSamples.Bytes(new string(' ', 10_000)),
        ["an array"] = () => "[]"u8.ToArray(),
        ["deep line"] = () => DocumentSamples.With(l => l[1] = new string('[', 1_000_000)),
        ["deep state"] = () => WithState($"{new string('[', 64)}{new string(']', 64)}"),
        ["deep property"] = () => DocumentSamples.With(l => l[1] = $"{{\"x\":{new string('[', 100_000)}"),
        ["too many counted"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("\"count\":3", "\"count\":4", StringComparison.Ordinal)),
        ["too few counted"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("\"count\":3", "\"count\":2", StringComparison.Ordinal)),
        ["negative count"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("\"count\":3", "\"count\":-3", StringComparison.Ordinal)),
        ["enormous count"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("\"count\":3", "\"count\":1e400", StringComparison.Ordinal)),
        ["endless number"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("\"count\":3", $"\"count\":{new string('9', 100_000)}", StringComparison.Ordinal)),
        ["last sequence at the end"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("\"lastSequence\":5", "\"lastSequence\":9223372036854775807", StringComparison.Ordinal)),
        ["last sequence too low"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("\"lastSequence\":5", "\"lastSequence\":3", StringComparison.Ordinal)),
        ["current that is not there"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("\"current\":2", "\"current\":3", StringComparison.Ordinal)),
        ["same id twice"] = () => DocumentSamples.With(l => l[2] = l[2].Replace("000000000002", "000000000001", StringComparison.Ordinal)),
        ["same sequence twice"] = () => DocumentSamples.With(l => l[2] = l[2].Replace("\"sequence\":2", "\"sequence\":1", StringComparison.Ordinal)),
        ["sequences that fall"] = () => DocumentSamples.With(l => (l[1], l[2]) = (l[2], l[1])),
        ["negative sequence"] = () => DocumentSamples.With(l => l[1] = l[1].Replace("\"sequence\":1", "\"sequence\":-1", StringComparison.Ordinal)),
        ["negative size"] = () => DocumentSamples.With(l => l[2] = l[2].Replace("\"size\":4", "\"size\":-4", StringComparison.Ordinal)),
        ["another size"] = () => DocumentSamples.With(l => l[2] = l[2].Replace("\"size\":4", "\"size\":5", StringComparison.Ordinal)),
        ["another state"] = () => DocumentSamples.With(l => l[1] = l[1].Replace("{\"step\": 1", "{\"step\": 2", StringComparison.Ordinal)),
        ["another checksum"] = () => DocumentSamples.With(l => l[2] = Sha256().Replace(l[2], $"\"sha256\":\"{new string('0', 64)}\"")),
        ["bad base64"] = () => DocumentSamples.With(l => l[2] = l[2].Replace("\"stateBase64\":\"", "\"stateBase64\":\"*", StringComparison.Ordinal)),
        ["header in the middle"] = () => DocumentSamples.With(l => l.Insert(2, l[0])),
        ["two documents"] = () => DocumentSamples.With(l => l.AddRange(l.ToArray())),
        ["blank line"] = () => DocumentSamples.With(l => l.Insert(1, "")),
        ["many sessions"] = () => DocumentSamples.Bytes(DocumentSamples.Golden("tenant-v1.ndjson")),
        ["cut off line"] = () => DocumentSamples.With(_ => { })[..^40],
        ["line missing"] = () => DocumentSamples.With(l => l.RemoveAt(3)),
        ["NUL in a text"] = () => DocumentSamples.With(l => l[1] = l[1].Replace("found", "\\u0000", StringComparison.Ordinal)),
        ["NUL byte"] = () => DocumentSamples.With(l => l[1] = l[1].Replace("found", "\0", StringComparison.Ordinal)),
        ["half a surrogate pair"] = () => DocumentSamples.With(l => l[1] = l[1].Replace("found", "\\ud800", StringComparison.Ordinal)),
        ["invalid UTF-8"] = InvalidUtf8,
        ["property twice"] = () => DocumentSamples.With(l => l[1] = l[1].Replace("{\"sequence\":1", "{\"sequence\":1,\"sequence\":1", StringComparison.Ordinal)),
        ["newer version"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("\"version\":1", "\"version\":3,\"new\":[]", StringComparison.Ordinal)),
        ["time in the future"] = () => DocumentSamples.With(l => l[3] = l[3].Replace("2026-03-01", "2999-03-01", StringComparison.Ordinal)),
        ["times that fall"] = () => DocumentSamples.With(l => l[2] = l[2].Replace("12:00:02", "11:00:02", StringComparison.Ordinal)),
        ["annotations that fall"] = () => DocumentSamples.With(l => l[2] = l[2].Replace("\"position\":8", "\"position\":7", StringComparison.Ordinal)),
        ["annotation past the log"] = () => DocumentSamples.With(l => l[2] = l[2].Replace("\"position\":8", "\"position\":10", StringComparison.Ordinal)),
        ["unknown severity"] = () => DocumentSamples.With(l => l[2] = l[2].Replace("\"severity\":1", "\"severity\":3", StringComparison.Ordinal)),
        ["enormous severity"] = () => DocumentSamples.With(l => l[2] = l[2].Replace("\"severity\":1", "\"severity\":65537", StringComparison.Ordinal)),
        ["a million tags"] = () => DocumentSamples.With(l => l[1] = l[1].Replace("[\"b\"]", $"[{string.Join(',', Enumerable.Repeat("\"b\"", 1_000_000))}]", StringComparison.Ordinal)),
        ["a million annotations"] = () => DocumentSamples.With(l => l[2] = l[2].Replace(
            "{\"position\":7", string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{{\"position\":{i},\"at\":\"2026-03-01T12:30:00Z\",\"severity\":0,\"text\":\"x\"}},")) + "{\"position\":7", StringComparison.Ordinal)),
        ["state above any limit"] = () => WithState($"\"{new string('x', 64 * 1024 * 1024)}\""),
        ["retention of nothing"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("\"retention\":null", "\"retention\":{}", StringComparison.Ordinal)),
        ["settings of another kind"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("{\"team\":\"red\"}", "[1]", StringComparison.Ordinal)),
        ["settings with an unknown name"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("\"retention\":null", "\"retention\":null,\"owner\":1", StringComparison.Ordinal)),
        ["settings with a name of another case"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("\"retention\":null", "\"Retention\":null", StringComparison.Ordinal)),
        ["settings with a name twice"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("\"retention\":null", "\"retention\":null,\"retention\":null", StringComparison.Ordinal)),
        ["settings with a label twice"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("{\"team\":\"red\"}", "{\"team\":\"red\",\"team\":\"blue\"}", StringComparison.Ordinal)),
        ["settings with half a surrogate pair"] = () => DocumentSamples.With(l => l[0] = l[0].Replace("\"team\"", "\"\\ud83d\"", StringComparison.Ordinal)),
        ["settings of nothing"] = () => DocumentSamples.With(l => l[0] = SettingsOf().Replace(l[0], "\"settings\":null}")),
    };

    [Fact]
    public async Task Import_TimesOfAClockThatIsDaysAhead_AreTakenAndTold()
    {
        var ahead = TimeProvider.System.GetUtcNow().AddDays(2).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var document = DocumentSamples.With(l => l[3] = l[3].Replace("2026-03-01", ahead, StringComparison.Ordinal));

        var answer = (await _session.ImportAsync(document)).Json;

        Assert.Equal((3, 1), (answer.GetProperty("imported").GetInt64(), answer.GetProperty("early").GetInt64()));
        Assert.StartsWith(ahead, (await _session.GetAsync("/checkpoints/latest")).Json.GetProperty("createdAt").GetString(), StringComparison.Ordinal);
        Assert.StartsWith(ahead, (await _session.CreateAsync("next")).GetProperty("createdAt").GetString(), StringComparison.Ordinal);
        Assert.False((await SessionHttp.New(server).ImportAsync(DocumentSamples.With(_ => { }))).Json.TryGetProperty("early", out _));
    }

    [Theory]
    [MemberData(nameof(HostileNames))]
    public async Task Import_Hostile_IsRefusedWithNothingChanged(string name)
    {
        var document = Hostile[name]();
        Assert.NotEqual(DocumentSamples.Bytes(DocumentSamples.Golden("session-v1.ndjson")), document);

        (await _session.ImportAsync(document)).MustRefuse(HttpStatusCode.UnprocessableEntity, "import_rejected");
        (await _session.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");

        // Nor is one that has something already.
        await _session.CreateAsync("mine");
        var before = await _session.LinesAsync();
        (await _session.ImportAsync(document)).MustRefuse(HttpStatusCode.UnprocessableEntity, "import_rejected");
        Assert.Equal(before[1..], (await _session.LinesAsync())[1..]);
        Assert.Equal(1, (await _session.GetAsync("")).Json.GetProperty("version").GetInt64());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task Import_BombOfALineThatNeverEnds_IsRefusedAtTheLongestLine(string encoding)
    {
        // A gibibyte of spaces in about a megabyte.
        var bomb = new MemoryStream();
        using (var compressed = encoding == "gzip"
            ? new GZipStream(bomb, CompressionLevel.Fastest, leaveOpen: true)
            : (Stream)new ZstdSharp.CompressionStream(bomb, 1, leaveOpen: true))
        {
            compressed.Write(DocumentSamples.Bytes(DocumentSamples.Lines(DocumentSamples.Golden("session-v1.ndjson"))[0] + "\n{"));
            var spaces = new byte[1024 * 1024];
            Array.Fill(spaces, (byte)' ');
            for (var i = 0; i < 1024; i++)
            {
                compressed.Write(spaces);
            }
        }

        var answer = await _session.ImportAsync(bomb.ToArray(), ("Content-Encoding", encoding));

        answer.MustRefuse(HttpStatusCode.UnprocessableEntity, "import_rejected");
        Assert.Equal(2, answer.Json.GetProperty("line").GetInt64());
        Assert.Contains("longer than", answer.Json.GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_UploadIsAborted_WhatWasStagedIsRemoved()
    {
        var store = (SqliteHistoryStore)server.Services.GetRequiredService<IHistoryStore>();
        var rows = store.Count("checkpoints");
        var lines = DocumentSamples.Lines(DocumentSamples.Golden("session-v1.ndjson"));
        var pipe = new Pipe();
        using var abort = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, _session.Path + "/import")
        {
            Content = new StreamContent(pipe.Reader.AsStream()),
        };
        var upload = server.Client.SendAsync(request, abort.Token);
        await WriteAsync(pipe, lines[0].Replace("\"count\":3", "\"count\":2000", StringComparison.Ordinal)
            .Replace("\"lastSequence\":5", "\"lastSequence\":2000", StringComparison.Ordinal));
        for (var i = 1; i <= 1500; i++)
        {
            await WriteAsync(pipe, lines[2]
                .Replace("\"sequence\":2", $"\"sequence\":{i}", StringComparison.Ordinal)
                .Replace("\"parent\":1", "\"parent\":0", StringComparison.Ordinal)
                .Replace("000000000002", $"{i:D12}", StringComparison.Ordinal));
        }

        await UntilAsync(() => store.Count("checkpoints") > rows);
        (await _session.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
        await abort.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload);
        await UntilAsync(() => store.Count("checkpoints") <= rows);
        Assert.Equal("""{"imported":3,"skipped":0}""", (await _session.ImportAsync(DocumentSamples.With(_ => { }))).Text);
    }

    private static async Task WriteAsync(Pipe pipe, string line) =>
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), TestContext.Current.CancellationToken);

    /// <summary>Waits for what another thread does, and says nothing when it does it.</summary>
    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
        }
    }

    private static byte[] WithState(string state) => DocumentSamples.With(l =>
    {
        var bytes = DocumentSamples.Bytes(state);
        var checksum = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
        l[2] = Sha256().Replace(l[2], $"\"sha256\":\"{checksum}\"").Replace("\"size\":4", $"\"size\":{bytes.Length}", StringComparison.Ordinal);
        l[2] = StateBase64().Replace(l[2], _ => $"\"state\":{state}");
    });

    private static byte[] WithChain(string chain) =>
        DocumentSamples.With(l => l[0] = l[0].Replace("\"settings\"", $"\"chain\":{chain},\"settings\"", StringComparison.Ordinal));

    private static byte[] InvalidUtf8()
    {
        var document = DocumentSamples.With(_ => { });
        document[Encoding.UTF8.GetString(document).IndexOf("found", StringComparison.Ordinal)] = 0xFF;
        return document;
    }

    [GeneratedRegex("\"sha256\":\"[0-9a-f]{64}\"")]
    private static partial Regex Sha256();

    [GeneratedRegex("\"stateBase64\":\"[^\"]*\"")]
    private static partial Regex StateBase64();

    [GeneratedRegex("\"settings\":.*}$")]
    private static partial Regex SettingsOf();
}
