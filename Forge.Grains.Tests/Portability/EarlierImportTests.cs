using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Grains.Tests.Http;

namespace Forge.Grains.Tests.Portability;

/// <summary>The export document of the earlier single-process tool.</summary>
[Collection(HttpTests.Name)]
public sealed class EarlierImportTests(SiloServer server)
{
    private const string Json = "application/json";
    private static readonly string Golden = DocumentSamples.Golden("earlier-1.0.json");
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task Import_Golden_RenumbersKeepsTheOriginalsAndSaysSo()
    {
        var answer = await _session.PostAsync("/import", DocumentSamples.Bytes(Golden), Json);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(
            """{"imported":4,"skipped":0,"earlier":{"session":"7b1f7c52-5e0a-4c39-9a57-6f6d2f0c1e10","reordered":false,"renumbered":4,"idsReplaced":2,"timesAdjusted":1,"messagesReplaced":1,"otherSessions":1,"checksumsAbsent":2,"checksumsUnmatched":2,"ignored":["tool"],"notes":[{"index":0,"sequence":1,"changed":["sequence_number","checksum"]},{"index":1,"sequence":2,"changed":["sequence_number"]},{"index":2,"sequence":3,"changed":["timestamp","id","sequence_number"]},{"index":3,"sequence":4,"changed":["id","message","sequence_number","session_id","checksum"]}]}}""",
            answer.Text);
        var items = (await _session.GetAsync("/checkpoints?order=oldest")).Json.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["start", "edited", "again", "checkpoint 2"], items.Select(i => Text(i, "message")));
        Assert.Equal(["manual", "codeModified", "scheduled", "contextCompactionWarning"], items.Select(i => Text(i, "trigger")));
        Assert.Equal(
            ["2025-11-02T09:00:05.123456Z", "2025-11-02T09:05:00Z", "2025-11-02T09:05:00Z", "2025-11-02T09:06:00Z"],
            items.Select(i => Text(i, "createdAt")));
        Assert.Equal("11111111-1111-4111-8111-111111111111", Text(items[0], "id"));
        Assert.Equal("22222222-2222-4222-8222-222222222222", Text(items[1], "id"));
        Assert.Equal(4, items.Select(i => Text(i, "id")).Distinct().Count());
        Assert.Equal([0, 1, 2, 3], items.Select(i => i.TryGetProperty("parent", out var parent) && parent.ValueKind == JsonValueKind.Number ? parent.GetInt64() : 0));

        var document = JsonNode.Parse(Golden)!["checkpoints"]!.AsArray();
        for (var i = 0; i < 4; i++)
        {
            var state = (await _session.GetAsync($"/checkpoints/{i + 1}/state")).Text;
            Assert.Contains(state, Golden, StringComparison.Ordinal);
            Assert.Equal(document[i]!["state"]!["note"]!.GetValue<string>(), JsonNode.Parse(state)!["note"]!.GetValue<string>());
            var note = (await _session.GetAsync($"/checkpoints/{i + 1}")).Json.GetProperty("annotations").EnumerateArray().Single();
            var originals = JsonNode.Parse(Text(note, "text"))!;
            Assert.Equal("info", Text(note, "severity"));
            Assert.Equal(document[i]!["sequence_number"]!.GetValue<long>(), originals["sequence_number"]!.GetValue<long>());
            foreach (var name in new[] { "id", "session_id", "timestamp", "checksum" })
            {
                Assert.Equal(document[i]![name]?.GetValue<string>(), originals[name]?.GetValue<string>());
            }
        }
    }

    [Fact]
    public async Task Import_GoldenAgain_IsSkippedAndGoesOn()
    {
        await _session.PostAsync("/import", DocumentSamples.Bytes(Golden), Json);

        var again = await _session.PostAsync("/import", DocumentSamples.Bytes(Golden), Json);

        Assert.Equal((0, 4), (again.Json.GetProperty("imported").GetInt32(), again.Json.GetProperty("skipped").GetInt32()));
        Assert.Equal(5, (await _session.CreateAsync("next")).GetProperty("sequence").GetInt64());
        var copy = SessionHttp.New(server);
        Assert.Equal("""{"imported":5,"skipped":0}""", (await copy.ImportAsync((await _session.GetAsync("/export")).Body)).Text);
    }

    [Fact]
    public async Task Import_GoldenCompressedAndCompact_IsTheSame()
    {
        var compact = DocumentSamples.Bytes(JsonNode.Parse(Golden)!.ToJsonString());

        var answer = await _session.PostAsync("/import", DocumentSamples.Gzip(compact), Json, ("Content-Encoding", "gzip"));

        Assert.Equal(4, answer.Json.GetProperty("imported").GetInt32());
    }

    [Theory]

    // The tool was started anew and counts from the beginning: times go on, and the document's order stands.
    [InlineData("0@1 1@2 0@3 1@4", "0@1 1@2 0@3 1@4", 0, false)]

    // The clock was set back: the numbers go on, and times that fall are those before them.
    [InlineData("0@5 1@3 1@4 2@6", "0@5 1@5 1@5 2@6", 2, false)]

    // Files in no order.
    [InlineData("2@3 0@1 1@2", "0@1 1@2 2@3", 0, true)]
    [InlineData("1@4 0@3 1@2 0@1", "0@1 0@3 1@3 1@4", 1, true)]
    [InlineData("7@1", "7@1", 0, false)]
    public async Task Import_NumbersAndTimes_DecideTheOrder(string given, string expected, int adjusted, bool reordered)
    {
        var answer = await ImportAsync(given.Split(' ').Select(Checkpoint));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var earlier = answer.Json.GetProperty("earlier");
        Assert.Equal(reordered, earlier.GetProperty("reordered").GetBoolean());
        Assert.Equal(adjusted, earlier.GetProperty("timesAdjusted").GetInt32());
        var items = (await _session.GetAsync("/checkpoints?order=oldest")).Json.GetProperty("items").EnumerateArray();
        Assert.Equal(expected.Split(' '), items.Select(i => $"{Text(i, "message")}@{DateTimeOffset.Parse(Text(i, "createdAt"), null).Second}"));

        JsonObject Checkpoint(string text) => new()
        {
            ["id"] = Guid.NewGuid(),
            ["timestamp"] = $"2025-11-02T09:00:0{text[2]}Z",
            ["sequence_number"] = text[0] - '0',
            ["message"] = text[..1],
            ["tags"] = new JsonArray(),
            ["state"] = new JsonObject(),
            ["trigger"] = "Manual",
        };
    }

    [Fact]
    public async Task Import_ChecksumThatIsOfTheState_IsNotReported()
    {
        var checkpoint = Valid();
        checkpoint["checksum"] = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(DocumentSamples.Bytes(checkpoint["state"]!.ToJsonString())));

        var earlier = (await ImportAsync([checkpoint])).Json.GetProperty("earlier");

        Assert.Equal((0, 0), (earlier.GetProperty("checksumsAbsent").GetInt32(), earlier.GetProperty("checksumsUnmatched").GetInt32()));
    }

    [Fact]
    public async Task Import_ManyCheckpoints_ReportIsBounded()
    {
        var answer = await ImportAsync(Enumerable.Range(0, 3000).Select(i => Valid(i)));

        Assert.Equal(3000, answer.Json.GetProperty("imported").GetInt32());
        Assert.Equal(3000, answer.Json.GetProperty("earlier").GetProperty("renumbered").GetInt32());
        Assert.Equal(100, answer.Json.GetProperty("earlier").GetProperty("notes").GetArrayLength());
        Assert.Equal(3000, (await _session.GetAsync("")).Json.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Import_TimeInTheFuture_IsTheTimeOfTheImport()
    {
        var checkpoint = Valid();
        checkpoint["timestamp"] = "2999-01-01T00:00:00Z";

        Assert.Equal(1, (await ImportAsync([checkpoint])).Json.GetProperty("earlier").GetProperty("timesAdjusted").GetInt32());
        Assert.Equal(2, (await _session.CreateAsync("next")).GetProperty("sequence").GetInt64());
    }

    [Fact]
    public async Task Import_TimeAfterTheDocumentWasWritten_ComesInAgainAsTheSame()
    {
        JsonObject[] checkpoints = [Valid(), Valid(1), Valid(2)];
        checkpoints[1]["timestamp"] = "2999-01-01T00:00:00Z";
        checkpoints[2]["timestamp"] = "2999-01-02T00:00:00Z";
        await ImportAsync(checkpoints.Select(checkpoint => checkpoint.DeepClone().AsObject()));

        var again = await ImportAsync(checkpoints);

        Assert.Equal((0, 3), (again.Json.GetProperty("imported").GetInt32(), again.Json.GetProperty("skipped").GetInt32()));
        Assert.Equal("2025-11-02T10:00:00Z", Text((await _session.GetAsync("/checkpoints/3")).Json, "createdAt"));
    }

    [Fact]
    public async Task Import_NoCheckpoints_MakesNoSession()
    {
        Assert.Equal(0, (await ImportAsync([])).Json.GetProperty("imported").GetInt32());
        (await _session.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
    }

    public static TheoryData<string, string> Broken { get; } = new()
    {
        { "version", "\"2.0\"" },
        { "version", "1" },
        { "session_id", "null" },
        { "session_id", "5" },
        { "checkpoints", "{}" },
        { "checkpoints", "[1]" },
        { "checkpoints.sequence_number", "-1" },
        { "checkpoints.sequence_number", "1.5" },
        { "checkpoints.sequence_number", "1e300" },
        { "checkpoints.sequence_number", "null" },
        { "checkpoints.timestamp", "\"yesterday\"" },
        { "checkpoints.timestamp", "null" },
        { "checkpoints.message", "\"\\u0000\"" },
        { "checkpoints.message", "5" },
        { "checkpoints.tags", "[\"\"]" },
        { "checkpoints.tags", "\"a\"" },
        { "checkpoints.trigger", "\"Whim\"" },
        { "checkpoints.trigger", "\"ToolCall\"" },
        { "checkpoints.trigger", "{\"Automatic\":\"Manual\"}" },
        { "checkpoints.trigger", "{\"Automatic\":\"Whim\"}" },
        { "checkpoints.trigger", "{\"Other\":1}" },
        { "checkpoints.trigger", "{}" },
        { "checkpoints.id", "5" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task Import_BadValue_IsRefusedWithNothingChanged(string path, string value)
    {
        var document = JsonNode.Parse(Golden)!.AsObject();
        var parts = path.Split('.');
        (parts.Length == 1 ? document : document["checkpoints"]![1]!.AsObject())[parts[^1]] = JsonNode.Parse(value);

        await MustRefuseAsync(DocumentSamples.Bytes(document.ToJsonString()));
    }

    [Theory]
    [InlineData("cut off")]
    [InlineData("goes on")]
    [InlineData("deep")]
    [InlineData("no version")]
    [InlineData("no checkpoints")]
    [InlineData("checkpoints twice")]
    [InlineData("no state")]
    [InlineData("large state")]
    [InlineData("endless")]
    [InlineData("invalid UTF-8")]
    [InlineData("twice in a checkpoint")]
    public async Task Import_BrokenDocument_IsRefusedWithNothingChanged(string defect)
    {
        var bytes = DocumentSamples.Bytes(defect switch
        {
            "cut off" => Golden[..^8],
            "goes on" => Golden + Golden,
            "deep" => Golden.Replace("\"working_dir\":", $"\"x\": {new string('[', 200)}{new string(']', 200)}, \"working_dir\":", StringComparison.Ordinal),
            "no version" => Golden.Replace("\"version\": \"1.0\",", "", StringComparison.Ordinal),
            "no checkpoints" => "{\"version\":\"1.0\",\"session_id\":\"x\"}",
            "checkpoints twice" => Golden.Replace("\"tool\": {", "\"checkpoints\": [], \"tool\": {", StringComparison.Ordinal),
            "no state" => Golden.Replace("\"state\":", "\"other\":", StringComparison.Ordinal),
            "large state" => Golden.Replace("\"LANG\"", $"\"{new string('x', SiloServer.StateLimit)}\"", StringComparison.Ordinal),
            "endless" => Golden.Replace("\"LANG\"", $"\"{new string('x', 64 * 1024 * 1024)}\"", StringComparison.Ordinal),
            "twice in a checkpoint" => Golden.Replace("\"trigger\":", "\"message\": \"m\", \"trigger\":", StringComparison.Ordinal),
            _ => Golden,
        });
        if (defect == "invalid UTF-8")
        {
            bytes[bytes.AsSpan().IndexOf("start"u8)] = 0xFF;
        }

        await MustRefuseAsync(bytes);
    }

    private async Task MustRefuseAsync(byte[] document)
    {
        (await _session.PostAsync("/import", document, Json)).MustRefuse(HttpStatusCode.UnprocessableEntity, "import_rejected");
        (await _session.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
    }

    private Task<HttpAnswer> ImportAsync(IEnumerable<JsonObject> checkpoints)
    {
        var document = new JsonObject
        {
            ["checkpoints"] = new JsonArray([.. checkpoints]),
            ["session_id"] = "s",
            ["exported_at"] = "2025-11-02T10:00:00Z",
            ["version"] = "1.0",
        };
        return _session.PostAsync("/import", Encoding.UTF8.GetBytes(document.ToJsonString()), Json);
    }

    private static JsonObject Valid(int number = 0) => new()
    {
        ["id"] = Guid.NewGuid(),
        ["timestamp"] = "2025-11-02T09:00:00Z",
        ["sequence_number"] = number,
        ["message"] = "m",
        ["state"] = new JsonObject { ["of"] = number },
    };

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
