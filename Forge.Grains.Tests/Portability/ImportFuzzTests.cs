using System.Net;
using System.Text;
using System.Text.Json;
using CsCheck;
using Forge.Grains.Tests.Http;

namespace Forge.Grains.Tests.Portability;

/// <summary>
/// Documents changed at random: each comes in exactly as an independent reading of it says, or is refused by a typed error
/// and changes nothing.
/// </summary>
[Collection(HttpTests.Name)]
public sealed class ImportFuzzTests(SiloServer server)
{
    private const int Cases = 1000;

    private static readonly string[] Sources = ["session-v1.ndjson", "tenant-v1.ndjson", "earlier-1.0.json"];

    private static readonly Gen<Mutation> Mutations = Gen.Select(
        Gen.Enum<MutationKind>(), Gen.Double[0, 1], Gen.Double[0, 1], Gen.Byte, (kind, at, to, value) => new Mutation(kind, at, to, value));

    private static readonly Gen<byte[]> Sessions = Gen.Select(
        Mutations.List[1, 4], mutations => mutations.Aggregate(DocumentSamples.Bytes(DocumentSamples.Golden(Sources[0])), (d, m) => m.Apply(d)));

    private enum MutationKind
    {
        FlipByte,
        ReplaceDigit,
        Truncate,
        DeleteBytes,
        InsertByte,
        SwapLines,
        DuplicateLine,
        DeleteLine,
        RepeatDocument,
    }

    [Fact]
    public async Task Import_ChangedSession_IsTakenAsItReadsOrRefused()
    {
        var taken = 0;
        await Sessions.SampleAsync(
            async document =>
            {
                var session = SessionHttp.New(server);
                var answer = await session.ImportAsync(document);
                if (answer.Status == HttpStatusCode.OK)
                {
                    taken++;
                    Assert.Equal(Read(document), Read((await session.GetAsync("/export")).Body));
                }
                else
                {
                    MustBeTyped(answer);
                    (await session.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
                }
            },
            iter: Cases, threads: 1, print: Print, writeLine: TestContext.Current.SendDiagnosticMessage);

        // Or the changes are too small or too great to tell anything.
        Assert.InRange(taken, Cases / 100, Cases / 2);
    }

    [Fact]
    public Task Import_ChangedEarlierDocument_IsTakenWholeOrRefused() => Mutations.List[1, 3].SampleAsync(
        async mutations =>
        {
            var document = mutations.Aggregate(DocumentSamples.Bytes(DocumentSamples.Golden(Sources[2])), (d, m) => m.Apply(d));
            var session = SessionHttp.New(server);
            var answer = await session.PostAsync("/import", document, "application/json");
            if (answer.Status == HttpStatusCode.OK)
            {
                using var read = JsonDocument.Parse(document);
                var count = read.RootElement.GetProperty("checkpoints").GetArrayLength();
                Assert.Equal(count, answer.Json.GetProperty("imported").GetInt32());
                for (var i = 0; i < count; i++)
                {
                    var state = (await session.GetAsync($"/checkpoints/{i + 1}/state")).Body;
                    Assert.Contains(
                        read.RootElement.GetProperty("checkpoints").EnumerateArray(),
                        c => c.GetProperty("state").GetRawText() == Encoding.UTF8.GetString(state));
                }
            }
            else
            {
                MustBeTyped(answer);
                (await session.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
            }
        },
        iter: Cases / 2, threads: 1, writeLine: TestContext.Current.SendDiagnosticMessage);

    [Fact]
    public Task ImportAll_ChangedDocument_CountsWhatIsThere() => Mutations.List[1, 4].SampleAsync(
        async mutations =>
        {
            var name = $"fuzz-{Guid.NewGuid():N}";
            var golden = DocumentSamples.Golden(Sources[1]).Replace("golden", name, StringComparison.Ordinal);
            var answer = await new TenantHttp(server.Client).ImportAsync(mutations.Aggregate(DocumentSamples.Bytes(golden), (d, m) => m.Apply(d)));
            var report = answer.Status == HttpStatusCode.OK ? answer.Json
                : answer.Json.TryGetProperty("report", out var part) ? part
                : (JsonElement?)null;
            if (answer.Status != HttpStatusCode.OK)
            {
                MustBeTyped(answer);
            }

            foreach (var session in report?.GetProperty("sessions").EnumerateArray() ?? default)
            {
                var info = await new SessionHttp(server.Client, session.GetProperty("session").GetString()!).GetAsync("");
                Assert.Equal(HttpStatusCode.OK, info.Status);
                Assert.True(info.Json.GetProperty("count").GetInt64() >= session.GetProperty("imported").GetInt64());
            }

            var there = (await new TenantHttp(server.Client).GetAsync($"/sessions?prefix={name}-")).Json.GetProperty("items").GetArrayLength();
            Assert.True(there <= (report?.GetProperty("sessions").GetArrayLength() ?? 0));
        },
        iter: Cases / 2, threads: 1, writeLine: TestContext.Current.SendDiagnosticMessage);

    private static void MustBeTyped(HttpAnswer answer)
    {
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Contains(answer.Code, new[] { "import_rejected", "limit_exceeded" });
    }

    /// <summary>What a document says, as far as it does not depend on when it was written.</summary>
    private static List<string> Read(byte[] document)
    {
        var lines = Encoding.UTF8.GetString(document).TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var header = lines[0];
        return
        [
            $"{header.GetProperty("createdAt").GetDateTimeOffset().UtcTicks / 10} {header.GetProperty("count").GetInt64()} " +
            $"{header.GetProperty("lastSequence").GetInt64()} {header.GetProperty("current").GetInt64()}",
            .. lines.Skip(1).Select(Line),
        ];
    }

    private static string Line(JsonElement line)
    {
        var state = line.TryGetProperty("state", out var json)
            ? Encoding.UTF8.GetBytes(json.GetRawText())
            : line.GetProperty("stateBase64").GetBytesFromBase64();
        var tags = line.GetProperty("tags").EnumerateArray().Select(t => t.GetString());
        var first = line.TryGetProperty("firstTags", out var given) ? string.Join('|', given.EnumerateArray().Select(t => t.GetString())) : "-";
        var notes = line.TryGetProperty("annotations", out var annotations) ? annotations.EnumerateArray() : default;
        return string.Join(
            ' ', line.GetProperty("sequence").GetInt64(), line.GetProperty("id").GetGuid(),
            line.GetProperty("createdAt").GetDateTimeOffset().UtcTicks / 10, line.GetProperty("parent").GetInt64(),
            line.GetProperty("message").GetString(), string.Join('|', tags), first,
            line.GetProperty("trigger").GetString()!.ToLowerInvariant(), line.GetProperty("contentType").GetString(),
            line.TryGetProperty("trunk", out var trunk) && trunk.GetBoolean(), Convert.ToBase64String(state),
            string.Join('|', notes.Select(n => $"{n.GetProperty("position").GetInt64()} {n.GetProperty("at").GetDateTimeOffset().UtcTicks / 10} " +
                $"{n.GetProperty("severity").GetInt32()} {n.GetProperty("text").GetString()}")));
    }

    private static string Print(byte[] document) => Encoding.UTF8.GetString(document);

    private sealed record Mutation(MutationKind Kind, double At, double To, byte Value)
    {
        public byte[] Apply(byte[] document)
        {
            if (document.Length < 2)
            {
                return document;
            }

            var at = (int)(At * (document.Length - 1));
            var length = Math.Min(1 + (int)(To * 40), document.Length - at);
            switch (Kind)
            {
                case MutationKind.FlipByte:
                    return [.. document[..at], (byte)(document[at] ^ (Value | 1)), .. document[(at + 1)..]];
                case MutationKind.ReplaceDigit:
                    // Of valid documents that differ there are more among these.
                    var digit = document.AsSpan(at).IndexOfAnyInRange((byte)'0', (byte)'9');
                    return digit < 0 ? document[..at]
                        : [.. document[..(at + digit)], (byte)('0' + (Value % 10)), .. document[(at + digit + 1)..]];
                case MutationKind.Truncate:
                    return document[..at];
                case MutationKind.DeleteBytes:
                    return [.. document[..at], .. document[(at + length)..]];
                case MutationKind.InsertByte:
                    return [.. document[..at], Value, .. document[at..]];
                case MutationKind.RepeatDocument:
                    return [.. document, .. document];
                default:
                    return ApplyToLines(document);
            }
        }

        private byte[] ApplyToLines(byte[] document)
        {
            var lines = Encoding.Latin1.GetString(document).Split('\n').ToList();
            var (one, other) = ((int)(At * (lines.Count - 1)), (int)(To * (lines.Count - 1)));
            switch (Kind)
            {
                case MutationKind.SwapLines: (lines[one], lines[other]) = (lines[other], lines[one]); break;
                case MutationKind.DuplicateLine: lines.Insert(other, lines[one]); break;
                default: lines.RemoveAt(one); break;
            }

            return Encoding.Latin1.GetBytes(string.Join('\n', lines));
        }
    }
}
