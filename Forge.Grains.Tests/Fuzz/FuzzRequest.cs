using System.IO.Compression;
using System.Net.Mime;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Forge.Checkpoints;
using Forge.Grains.Tests.Http;
using Forge.Grains.Tests.Portability;
using Forge.Silo.Checkpoints;
using Forge.Silo.Http;
using Forge.Silo.Timeline;

namespace Forge.Grains.Tests.Fuzz;

/// <summary>A request that is right for its route, or was, before some of its parts were changed.</summary>
internal sealed class FuzzRequest
{
    private static readonly string[] OddTexts =
    [
        "", "%20", "%00", "%ff", "%c0%af", "%ed%a0%80", "%zz", "%", "%2F", "%2f", "%252F", "+", "..", ".", "%2e%2e", "-1", "0", "1e9", "latest",
        "99999999999999999999", "00000000-0000-0000-0000-000000000000", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
        "2026-01-01T00:00:00%2B99:99", "true", "yes", "x%3D1", "bnVsbA", "%F0%9F%A7%AD", "{session}", "a%5Cb", "%E2%80%A8",
    ];

    private static readonly string[] OddHeaders =
    [
        "Forge-Epoch", "Forge-Anchor", "forge-tenant", "If-Match", "If-None-Match", "If-Unmodified-Since", "Content-Range", "Idempotency-Key", "Range", "Accept",
        "Accept-Encoding", "X-Forwarded-For", "Content-Language",
    ];

    private static readonly string[] OddContentTypes =
    [
        "", ";", "application/json;", "application/json; charset=utf-16", "application/JSON", "text/plain", "application/json, text/plain",
        "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "*/*", "application/x-ndjson",
    ];

    private static readonly string[] Codings = ["gzip", "deflate", "br", "zstd", "identity", "compress", "gzip, br", "gzip,gzip", "*"];

    /// <summary>All of a state that has nothing in common with its base.</summary>
    private static readonly byte[] Between = [0, 1, 2];

    private readonly List<(string Name, string Value)> _query = [];
    private readonly List<(string Name, string Value)> _headers = [];
    private readonly string _path;
    private byte[]? _body;
    private string? _contentType;
    private bool _chunked;

    private FuzzRequest(FuzzRoute route, string path) => (Route, _path) = (route, path);

    public FuzzRoute Route { get; }

    /// <summary>True for the route whose bounds are checkpoints, and no times.</summary>
    private bool IsDifference => Route.Path.EndsWith("/diff", StringComparison.Ordinal);

    private string Target =>
        _path + (_query.Count == 0 ? "" : "?" + string.Join('&', _query.Select(pair => $"{pair.Name}={pair.Value}")));

    /// <param name="route">The route.</param>
    /// <param name="session">The session that it is about, and the beginning of the names of those that it makes.</param>
    /// <param name="epoch">The epoch of its claim; null if nobody has it.</param>
    /// <param name="random">The chance.</param>
    public static FuzzRequest Make(FuzzRoute route, string session, long? epoch, Random random)
    {
        var checkpoint = random.Next(8) == 0 ? random.Next(2) == 0 ? "latest" : "current" : $"{random.Next(1, 6)}";
        var target = IsImport(route) && random.Next(3) > 0 ? $"{session}-{random.Next()}" : session;
        var segments = route.Path.Replace("{session}", target, StringComparison.Ordinal)
            .Replace("{checkpoint}", checkpoint, StringComparison.Ordinal)
            .Replace("{key}", "k1", StringComparison.Ordinal)
            .Replace("{documentName}", "v1", StringComparison.Ordinal)
            .Replace("timeline/{file}", TimelineFiles.Names.First(name => name.StartsWith("timeline/", StringComparison.Ordinal)), StringComparison.Ordinal).Split('/');
        if (random.Next(12) == 0)
        {
            var at = random.Next(1, segments.Length);
            segments[at] = random.Next(2) == 0 ? OddTexts[random.Next(OddTexts.Length)] : segments[at] + OddTexts[random.Next(OddTexts.Length)];
        }

        var request = new FuzzRequest(route, string.Join('/', segments)) { _chunked = random.Next(5) == 0 };
        request.Fill(session, random);
        if (epoch is not null && route.Headers.Contains(Epochs.Header) && target == session && random.Next(8) > 0)
        {
            request._headers.Add((Epochs.Header, $"{epoch}"));
        }

        for (var n = random.Next(4); n > 0; n--)
        {
            request.Change(session, random);
        }

        return request;
    }

    /// <summary>A request that is right for its route as often as it can be told, with its JSON as it has to be.</summary>
    /// <param name="route">The route.</param>
    /// <param name="session">The session.</param>
    /// <param name="contentType">The media type of the body; that of none for a route without.</param>
    /// <param name="epoch">The epoch of the session's claim; null if nobody has it.</param>
    /// <param name="random">The chance.</param>
    public static FuzzRequest MakeRight(FuzzRoute route, string session, string contentType, long? epoch, Random random)
    {
        var request = new FuzzRequest(
            route,
            route.Path.Replace("{session}", session, StringComparison.Ordinal)
                .Replace("{checkpoint}", $"{random.Next(1, 4)}", StringComparison.Ordinal)
                .Replace("{key}", "k1", StringComparison.Ordinal));
        if (route.Bodies.FirstOrDefault(body => body.ContentType == contentType) is { ContentType: not null } body)
        {
            var lines = Enumerable.Range(0, contentType is MediaTypeNames.Application.Json ? 1 : 2)
                .Select(_ => Example(body.Schema, "", session, random));
            (request._contentType, request._body) = (contentType, Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        }

        request.FillQuery(session, random);
        if (epoch is not null)
        {
            request._headers.Add((Epochs.Header, $"{epoch}"));
        }

        return request;
    }

    /// <summary>The same by name, as a caller of JSON-RPC gives it.</summary>
    /// <param name="lines">What the lines of a body of lines are called together.</param>
    public string ToParameters(string lines)
    {
        List<(string Name, string Json)> parameters =
        [
            .. Route.Path.Split('/').Zip(_path.Split('/')).Where(part => part.First.StartsWith('{'))
                .Select(part => (part.First.Trim('{', '}'), JsonSerializer.Serialize(part.Second))),
        ];
        foreach (var name in _query.Select(pair => pair.Name).Distinct())
        {
            var values = _query.Where(pair => pair.Name == name).Select(pair => Uri.UnescapeDataString(pair.Value)).ToArray();
            Add(name, values is [var value] ? JsonSerializer.Serialize(value) : JsonSerializer.Serialize(values), isTaken: InPath(name));
        }

        parameters.AddRange(_headers.Select(header => (
            header.Name == RequestIds.Header ? "idempotencyKey" : "epoch", JsonSerializer.Serialize(header.Value))));
        if (_contentType is MediaTypeNames.Application.Json)
        {
            foreach (var property in JsonDocument.Parse(_body).RootElement.EnumerateObject())
            {
                // Where the body may also be bytes, the query is what stands in its place.
                var inQuery = Route.Bodies.Count == 1 && Route.Query.Any(parameter => parameter.Name == property.Name);
                Add(property.Name, property.Value.GetRawText(), isTaken: inQuery || InPath(property.Name));
            }
        }
        else if (_body is not null)
        {
            Add(lines, $"[{Encoding.UTF8.GetString(_body).Replace("\n", ",", StringComparison.Ordinal)}]", isTaken: false);
        }

        return $"{{{string.Join(',', parameters.Select(parameter => $"{JsonSerializer.Serialize(parameter.Name)}:{parameter.Json}"))}}}";

        bool InPath(string name) => Route.Path.Contains($"{{{name}}}", StringComparison.Ordinal);
        void Add(string name, string json, bool isTaken) =>
            parameters.Add((isTaken ? $"to{char.ToUpperInvariant(name[0])}{name[1..]}" : name, json));
    }

    /// <summary>True for a route that takes documents, which make sessions.</summary>
    public static bool IsImport(FuzzRoute route) => route.Path.EndsWith("/import", StringComparison.Ordinal);

    public async Task<HttpAnswer> SendAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var target = new Uri(
            client.BaseAddress!.GetLeftPart(UriPartial.Authority) + Target,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(Route.Method), target);
        if (_body is not null)
        {
            request.Content = _chunked ? new StreamContent(new Unmeasured(_body)) : new ByteArrayContent(_body);
            if (_contentType is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", _contentType);
            }
        }

        foreach (var (name, value) in _headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await client.SendAsync(request, cancellationToken);
        return await HttpAnswer.ReadAsync(response);
    }

    public override string ToString() =>
        $"{Route.Method} {Target}\n{string.Join('\n', _headers.Select(header => $"{header.Name}: {header.Value}"))}\nContent-Type: {_contentType}\n\n" +
        (_body is null ? "" : Encoding.UTF8.GetString(_body.AsSpan(0, Math.Min(_body.Length, 4_000))));

    private void Fill(string session, Random random)
    {
        if (Route.Bodies.Count > 0)
        {
            var (contentType, schema) = Route.Bodies[random.Next(Route.Bodies.Count)];
            _contentType = contentType;
            _body = BodyOf(contentType, schema, session, random);
        }

        FillQuery(session, random);
    }

    private void FillQuery(string session, Random random)
    {
        // What is not JSON has the rest in the query.
        var isJson = _contentType is MediaTypeNames.Application.Json;
        foreach (var (name, type) in Route.Query.Where(parameter =>
            IsWanted(parameter.Name) || (!isJson && !IsOfStateDifference(parameter.Name) && random.Next(3) == 0)))
        {
            _query.Add((name, Uri.EscapeDataString(
                IsDifference ? OfDifference(name) : IsFeed(name) ? "latest" : ExampleOf(name, type, session, random))));
        }

        if (Route.Headers.Contains(RequestIds.Header) && random.Next(4) == 0)
        {
            _headers.Add((RequestIds.Header, $"k{random.Next(1_000_000)}"));
        }

        bool IsWanted(string name) => IsDifference ? name == "from" || random.Next(2) == 0
            : name is "time" or "after" or "prefix" || (name == "message" && !isJson)
                || (_contentType == StateDifference.MediaType && IsOfStateDifference(name));
        bool IsOfStateDifference(string name) => Route.Bodies.Count > 2 && name is "base" or "front" or "end" or "sha256" or "contentType";
        bool IsFeed(string name) => Route.Operation == "readFeed" && name == "after";
        string OfDifference(string name) => name == "session" ? session : $"{random.Next(1, 4)}";
    }

    private byte[] BodyOf(string contentType, JsonElement schema, string session, Random random)
    {
        if (schema.TryGetProperty("properties", out _))
        {
            var lines = Enumerable.Range(0, contentType.Contains("ndjson", StringComparison.Ordinal) ? random.Next(1, 4) : 1)
                .Select(_ => Example(schema, "", session, random)).ToList();
            for (var n = random.Next(3); n > 0; n--)
            {
                var at = random.Next(lines.Count);
                lines[at] = lines[at].Changed(random);
            }

            return Encoding.UTF8.GetBytes(string.Join('\n', lines));
        }

        if (!IsImport(Route))
        {
            return contentType == StateDifference.MediaType ? [.. Between] : [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => (byte)random.Next(256))];
        }

        var document = DocumentSamples.Golden(
            !Route.Path.Contains('{', StringComparison.Ordinal) ? "tenant-v1.ndjson"
            : contentType is MediaTypeNames.Application.Json ? "earlier-1.0.json"
            : "session-v1.ndjson").Replace("golden", $"{session}-{random.Next()}", StringComparison.Ordinal);
        return random.Next(3) == 0 ? Encoding.UTF8.GetBytes(document)
            : ByteChanges.Document(
                contentType is MediaTypeNames.Application.Json
                    ? [JsonPart.Parse(document)]
                    : [.. DocumentSamples.Lines(document).Select(JsonPart.Parse)],
                random);
    }

    private void Change(string session, Random random)
    {
        switch (random.Next(9))
        {
            case 0:
                _query.Add((random.Next(2) == 0 ? "dryRun" : OddTexts[random.Next(OddTexts.Length)], OddTexts[random.Next(OddTexts.Length)]));
                break;
            case 1 when Route.Query.Count > 0:
                var (name, type) = Route.Query[random.Next(Route.Query.Count)];
                _query.Add((name, random.Next(3) == 0 ? Uri.EscapeDataString(ExampleOf(name, type, session, random)) : OddTexts[random.Next(OddTexts.Length)]));
                break;
            case 2:
                _headers.Add((OddHeaders[random.Next(OddHeaders.Length)], random.Next(3) == 0 ? "" : "\"1\""));
                break;
            case 3 when _body is not null:
                _body = ByteChanges.Change(_body, random);
                break;
            case 4 when _body is not null:
                _contentType = OddContentTypes[random.Next(OddContentTypes.Length)];
                break;
            case 5 when _body is not null:
                var coding = Codings[random.Next(Codings.Length)];
                _headers.Add(("Content-Encoding", coding));
                _body = random.Next(3) == 0 ? _body : Encode(coding, _body);
                break;
            case 6:
                _body ??= Encoding.UTF8.GetBytes("{\"dryRun\":true}");
                break;
            case 7 when _body is not null:
                _body = random.Next(2) == 0 ? [] : [.. _body, .. _body];
                break;
            default:
                break;
        }
    }

    /// <summary>A value that is right by the schema and its name, as often as it can be told.</summary>
    private static JsonPart Example(JsonElement schema, string name, string session, Random random)
    {
        if (schema.TryGetProperty("properties", out var properties))
        {
            var required = schema.TryGetProperty("required", out var names)
                ? names.EnumerateArray().Select(each => each.GetString()!).ToHashSet()
                : [];
            var isDifference = properties.TryGetProperty("difference", out _) && random.Next(4) == 0;
            var members = properties.EnumerateObject()
                .Where(property => required.Contains(property.Name)
                    || (property.Name is "state" or "difference" ? (property.Name == "difference") == isDifference
                    : property.Name is not ("stateBase64" or "valueBase64" or "expectedHead" or "writesUnder" or "requestSha256" or "resultBase64")
                        && (property.Name is "value" or "request" || random.Next(3) == 0)))
                .Select(property => (property.Name, Example(property.Value, property.Name, session, random)));
            return new JsonPart.Members([.. members]);
        }

        return FuzzRoute.TypeOf(schema) switch
        {
            "array" => new JsonPart.Items([.. Enumerable.Range(0, random.Next(3)).Select(_ =>
                Example(schema.GetProperty("items"), name, session, random))]),
            "object" => new JsonPart.Members([("team", new JsonPart.Raw("\"red\""))]),
            "integer" when name is "front" or "end" => new JsonPart.Raw("0"),
            "integer" => new JsonPart.Raw($"{random.Next(100_000, 200_000)}"),
            "boolean" => new JsonPart.Raw(random.Next(2) == 0 ? "true" : "false"),
            "string" => new JsonPart.Raw(JsonSerializer.Serialize(ExampleOf(name, "string", session, random))),
            _ => new JsonPart.Raw("""{"a":[1,"b",null]}"""),
        };
    }

    private static string ExampleOf(string name, string type, string session, Random random) => name switch
    {
        "trigger" => "toolCall",
        "severity" => "warning",
        "id" => new Guid(Enumerable.Range(0, 16).Select(_ => (byte)random.Next(256)).ToArray()).ToString(),
        "contentType" => "text/plain",
        "order" => "oldest",
        "compress" => "gzip",
        "parent" => random.Next(4) == 0 ? "none" : "1",
        "requires" => $"{random.Next(1, 4)}",
        "stateBase64" or "valueBase64" => "AAEC",
        "mode" => random.Next(2) == 0 ? "first" : "replace",
        "writesUnder" => $"{random.Next(1, 4)}",
        "time" or "to" => "2999-01-01T00:00:00Z",
        "from" => "2001-01-01T00:00:00Z",
        "lease" => "PT5M",
        "key" => $"k{random.Next(3)}",
        "class" => random.Next(2) == 0 ? "write" : "read",
        "status" => "running",
        "verdict" => "retry",
        "effects" => random.Next(2) == 0 ? "report" : "refuse",
        "epoch" => $"{random.Next(1, 3)}",
        "requestSha256" => new string('a', 64),
        "resultBase64" => "AAEC",
        "chain" => new string('a', 64),
        "prefix" => session,
        "session" => $"{session}-{random.Next()}",
        "checkpoint" or "base" or "have" => $"{random.Next(1, 4)}",
        "front" or "end" => "0",
        "sha256" => Convert.ToHexStringLower(SHA256.HashData(Between)),
        "betweenBase64" => Convert.ToBase64String(Between),

        "kind" => "created",
        "wait" => "0",

        // All sessions are verified from there on, of which there are none.
        "after" when type == "string" => "~",

        // No further than what has happened to it.
        "after" => $"{random.Next(4)}",

        // The background must find nothing to do: what it does is no refused request's doing.
        "automaticInterval" or "timeToLive" or "keepYoungerThan" => "P300D",
        _ when type is "integer" => $"{random.Next(1, 900)}",
        _ when type is "boolean" => random.Next(2) == 0 ? "true" : "false",
        _ => $"m{random.Next(100)}",
    };

    private static byte[] Encode(string coding, byte[] plain)
    {
        var encoded = new MemoryStream();
        using (Stream? encoder = coding switch
        {
            "gzip" => new GZipStream(encoded, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(encoded, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(encoded, CompressionLevel.Fastest, leaveOpen: true),
            "zstd" => new ZstdSharp.CompressionStream(encoded, leaveOpen: true),
            _ => null,
        })
        {
            (encoder ?? encoded).Write(plain);
        }

        return encoded.ToArray();
    }

    /// <summary>Bytes that do not say how many they are, so that they are sent in chunks.</summary>
    private sealed class Unmeasured(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
