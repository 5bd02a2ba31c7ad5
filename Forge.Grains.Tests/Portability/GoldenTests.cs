using System.Buffers;
using System.Net;
using System.Text;
using Forge.Checkpoints;
using Forge.Documents.Sessions;
using Forge.Grains.Portability;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.Grains.Tests.History;
using Forge.Grains.Tests.Http;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.Portability;

/// <summary>Documents of every version that was ever written, which must come in for ever.</summary>
[Collection(HttpTests.Name)]
public sealed class GoldenTests(SiloServer server)
{
    private readonly TenantHttp _tenant = new(server.Client);

    [Fact]
    public void Write_KnownSession_GivesTheGoldenBytes()
    {
        var at = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var head = new SessionHead
        {
            Key = 1,
            Version = 12,
            CreatedAt = at,
            LastSequence = 5,
            Head = 4,
            Current = 2,
            LastPosition = 9,
            Count = 3,
            Settings = SessionSettingsJson.Write(new() { Labels = new Dictionary<string, string> { ["team"] = "red" } }),
        };
        AnnotatedCheckpoint[] checkpoints =
        [
            new(Row(1, at.AddMicroseconds(1_123_457), "{\"step\": 1, \"notes\":[\"a\",\"ü\"], \"n\": 1.50e+2}"u8.ToArray()) with
            {
                Message = "found the \"cause\" – 検証", Tags = ["b"], FirstTags = ["a", "ü"], Trunk = true,
            }, []),
            new(Row(2, at.AddSeconds(2), [0, 10, 13, 255]) with
            {
                Parent = 1,
                Trigger = CheckpointTrigger.ToolCall,
                ContentType = "image/png",
            }, [new(7, at.AddMinutes(30), AnnotationSeverity.Warning, "look again"), new(8, at.AddMinutes(31), AnnotationSeverity.Info, "seen")]),
            new(Row(4, at.AddSeconds(4), "{\n \"spaced\" : 1.0 }\n"u8.ToArray()) with
            {
                Parent = 2, Tags = ["milestone"], Trigger = CheckpointTrigger.SignificantTimePassed,
            }, []),
        ];
        var output = new ArrayBufferWriter<byte>();
        var writer = new SessionDocumentWriter(output);
        var address = HistoryRows.Address("golden");

        writer.Write(DocumentRows.HeaderOf(address, new HeadRead(head, default, default), at.AddHours(1)));
        foreach (var checkpoint in checkpoints)
        {
            writer.Write(DocumentRows.CheckpointOf(address, checkpoint));
        }

        Assert.Equal(DocumentSamples.Golden("session-v1.ndjson"), Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public async Task Import_Session_ComesOutAsItWas()
    {
        var golden = DocumentSamples.Golden("session-v1.ndjson");
        var session = SessionHttp.New(server);

        Assert.Equal("""{"imported":3,"skipped":0}""", (await session.ImportAsync(DocumentSamples.Bytes(golden))).Text);

        Assert.Equal(DocumentSamples.Lines(golden)[1..], (await session.LinesAsync())[1..]);
        var info = (await session.GetAsync("")).Json;
        Assert.Equal(5, info.GetProperty("lastSequence").GetInt64());
        Assert.Equal(2, info.GetProperty("current").GetProperty("sequence").GetInt64());
        Assert.Equal("red", info.GetProperty("settings").GetProperty("labels").GetProperty("team").GetString());
        Assert.Equal("2026-03-01T12:00:00Z", info.GetProperty("createdAt").GetString());
    }

    [Fact]
    public async Task Import_SessionWithBranches_ComesOutAsItWas()
    {
        var golden = DocumentSamples.Golden("session-v2.ndjson");
        var session = SessionHttp.New(server);

        Assert.Equal("""{"imported":3,"skipped":0}""", (await session.ImportAsync(DocumentSamples.Bytes(golden))).Text);

        var lines = await session.LinesAsync();
        Assert.Equal(DocumentSamples.Lines(golden)[1..], lines[1..]);
        Assert.Contains("\"version\":2,", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"head\":2,\"current\":2,\"branches\":[{\"branch\":\"try it\",\"current\":1}],", lines[0], StringComparison.Ordinal);
        Assert.Equal(
            ["main 2 2 2", "try it 4 1 1"],
            (await session.GetAsync("/branches")).Json.GetProperty("items").EnumerateArray().Select(branch => string.Join(
                ' ', branch.GetProperty("branch").GetString(), branch.GetProperty("head").GetProperty("sequence").GetInt64(),
                branch.GetProperty("current").GetProperty("sequence").GetInt64(), branch.GetProperty("count").GetInt64())));
    }

    [Fact]
    public async Task Import_SessionInWhichOneRequiresOthers_ComesOutAsItWas()
    {
        var golden = DocumentSamples.Golden("session-v2-requires.ndjson");
        var session = SessionHttp.New(server);

        Assert.Equal("""{"imported":3,"skipped":0}""", (await session.ImportAsync(DocumentSamples.Bytes(golden))).Text);

        var lines = await session.LinesAsync();
        Assert.Equal(DocumentSamples.Lines(golden)[1..], lines[1..]);
        Assert.Contains("\"version\":2,", lines[0], StringComparison.Ordinal);
        Assert.Equal("[1,2]", (await session.GetAsync("/checkpoints/4")).Json.GetProperty("requires").GetRawText());
    }

    [Fact]
    public async Task Import_SessionWithEffects_ComesOutAsItWas()
    {
        var golden = DocumentSamples.Golden("session-v3.ndjson");
        var session = SessionHttp.New(server);

        Assert.Equal("""{"imported":3,"skipped":0,"effects":4}""", (await session.ImportAsync(DocumentSamples.Bytes(golden))).Text);

        var lines = await session.LinesAsync();
        Assert.Equal(DocumentSamples.Lines(golden)[1..], lines[1..]);
        Assert.Contains("\"version\":3,", lines[0], StringComparison.Ordinal);
        Assert.Equal("unknown", (await session.GetAsync("/effects/read-1")).Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Import_Tenant_ComesOutAsItWas()
    {
        var golden = DocumentSamples.Golden("tenant-v1.ndjson");

        var report = await _tenant.ImportAsync(DocumentSamples.Bytes(golden));

        Assert.Equal(HttpStatusCode.OK, report.Status);
        Assert.Equal(
            """{"imported":2,"skipped":0,"refused":0,"importedCheckpoints":4,"skippedCheckpoints":0,"sessions":[{"session":"golden-1","imported":3,"skipped":0},{"session":"golden-2","imported":1,"skipped":0}],"refusals":[],"problem":null}""",
            report.Text);
        var lines = DocumentSamples.Lines((await _tenant.GetAsync("/export?prefix=golden-")).Text);
        Assert.Equal(DocumentSamples.Lines(golden).Where(IsSettled), lines.Where(IsSettled));
        var again = await _tenant.ImportAsync(DocumentSamples.Bytes(golden));
        Assert.Equal((0, 2), (again.Json.GetProperty("imported").GetInt32(), again.Json.GetProperty("skipped").GetInt32()));
    }

    /// <summary>A header says when it was written, and an import is an event of its own.</summary>
    private static bool IsSettled(string line) =>
        !line.StartsWith("{\"forge\":\"session\"", StringComparison.Ordinal) && !line.StartsWith("{\"forge\":\"tenant\"", StringComparison.Ordinal);

    private static StoredCheckpoint Row(long sequence, DateTimeOffset at, byte[] state) => (HistoryRows.Checkpoint(sequence) with
    {
        Id = CheckpointId.Parse($"0198b1f2-0000-7000-8000-00000000000{sequence}"),
        CreatedAt = at,
        Message = $"{sequence}",
        Parent = 0,
    }).WithState(state);
}
