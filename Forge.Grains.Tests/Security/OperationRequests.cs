using System.Text;
using System.Text.Json.Nodes;
using Forge.Silo.Rpc;

namespace Forge.Grains.Tests.Security;

/// <summary>A request for each operation that is right for it, so that only the credential can be what is wrong.</summary>
internal static class OperationRequests
{
    private const string Line = """{"message":"m","state":{"a":1}}""";

    private static readonly Dictionary<string, string> Bodies = new(StringComparer.Ordinal)
    {
        ["createCheckpoint"] = Line,
        ["createCheckpoints"] = Line,
        ["restoreCheckpoint"] = "{}",
        ["annotateCheckpoint"] = """{"text":"note","severity":"info"}""",
        ["setTags"] = """{"tags":["a"]}""",
        ["putWrites"] = """{"writes":[{"task":"t","index":0,"name":"n","value":1}]}""",
        ["setSettings"] = "{}",
        ["compactSession"] = """{"keepRecent":1}""",
        ["claimSession"] = """{"owner":"w"}""",
        ["renewClaim"] = """{"lease":"PT1M"}""",
        ["forkSession"] = """{"checkpoint":"1","session":"forked"}""",
        ["beginEffect"] = """{"class":"idempotent","request":"r"}""",
        ["renewEffect"] = """{"epoch":1,"lease":"PT1M"}""",
        ["completeEffect"] = """{"epoch":1}""",
        ["failEffect"] = """{"epoch":1,"reason":"r"}""",
        ["resolveEffect"] = """{"epoch":1,"verdict":"completed","by":"p","why":"w"}""",
        ["verifySession"] = "{}",
        ["createKey"] = """{"name":"k","scopes":["read"]}""",
    };

    /// <summary>The request over HTTP.</summary>
    public static HttpRequestMessage Http(RpcOperation operation, string session = "s")
    {
        var request = new HttpRequestMessage(new HttpMethod(operation.Method), PathOf(operation, session));
        if (Bodies.TryGetValue(operation.Name, out var body))
        {
            var type = operation.Name == "createCheckpoints" ? "application/x-ndjson" : "application/json";
            request.Content = new StringContent(body, Encoding.UTF8, type);
        }
        else if (operation.IsStreamed && operation.Changes && operation.Name.StartsWith("import", StringComparison.Ordinal))
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/x-ndjson");
        }

        if (NeedsEpoch(operation))
        {
            request.Headers.Add("Forge-Epoch", "1");
        }

        return request;
    }

    /// <summary>The parameters by JSON-RPC.</summary>
    public static string Parameters(RpcOperation operation, string session = "s")
    {
        var parameters = new JsonObject();
        foreach (var (called, parameter) in operation.Parameters.Where(parameter => parameter.Value.Place == RpcPlace.Path))
        {
            parameters[called] = ValueOf(parameter.Name, session);
        }

        if (Bodies.TryGetValue(operation.Name, out var body))
        {
            if (operation.Parameters.FirstOrDefault(parameter => parameter.Value.Place == RpcPlace.Lines) is { Key: { } lines })
            {
                parameters[lines] = new JsonArray(JsonNode.Parse(body));
            }
            else
            {
                foreach (var (name, value) in JsonNode.Parse(body)!.AsObject())
                {
                    var called = operation.BodyNames.First(pair => pair.Value == name).Key;
                    parameters[called] = value?.DeepClone();
                }
            }
        }

        if (NeedsEpoch(operation))
        {
            parameters["epoch"] = "1";
        }

        if (operation.Name == "diffCheckpoints")
        {
            (parameters["from"], parameters["to"]) = ("1", "1");
        }
        else if (operation.Name == "getCheckpointAt")
        {
            parameters["time"] = "2100-01-01T00:00:00Z";
        }

        return parameters.ToJsonString();
    }

    private static bool NeedsEpoch(RpcOperation operation) => operation.Name is "renewClaim" or "releaseClaim";

    private static string PathOf(RpcOperation operation, string session) =>
        string.Join('/', operation.Path.Split('/').Select(part => part is ['{', .., '}'] ? ValueOf(part[1..^1], session) : part)) + operation.Name switch
        {
            "diffCheckpoints" => "?from=1&to=1",
            "getCheckpointAt" => "?time=2100-01-01T00:00:00Z",
            _ => "",
        };

    private static string ValueOf(string parameter, string session) => parameter switch
    {
        "session" => session,
        "checkpoint" => "1",
        "key" => "0123456789abcdef",
        _ => throw new ArgumentOutOfRangeException(nameof(parameter), parameter, "Say what this parameter is in a request."),
    };
}
