using System.Net;
using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Grains.Tests.Fuzz;
using Forge.Grains.Tests.Http;
using Forge.Silo.Rpc;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Grains.Tests.Rpc;

/// <summary>Every operation of HTTP by its name, with the same answer.</summary>
[Collection(HttpTests.Name)]
public sealed class RpcOperationTests(SiloServer server)
{
    private const int Rounds = 12;
    private const string Ndjson = "application/x-ndjson";
    private const string Lines = "checkpoints";

    /// <summary>What streams, and is for HTTP alone: a new route that does has to be named here.</summary>
    private static readonly string[] OverHttpAlone = ["exportAll", "exportSession", "importAll", "importSession", "verifyAll"];

    /// <summary>What is refused while security is off, by both.</summary>
    private static readonly string[] WithSecurityAlone = ["createKey", "revokeKey"];

    /// <summary>What two sessions that went the same way do not have the same.</summary>
    private static readonly HashSet<string> OfEachItsOwn =
    [
        "id", "createdAt", "chain", "at", "until", "activeAt", "updatedAt", "forkedAt", "requestId", "next", "integrity", "storedBytes", "freedBytes",
        "targetKey", "begunAt", "changedAt",
    ];

    private readonly string _prefix = $"rpc-{Guid.NewGuid():N}";

    [Fact]
    public async Task AnyRoute_ByItsOperationId_AnswersAsHttp()
    {
        var routes = (await FuzzRoute.AllAsync(server)).Where(route => route.Operation is not null).ToList();
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);
        Assert.Equal(
            routes.Select(route => route.Operation!).Order(StringComparer.Ordinal),
            server.Services.GetRequiredService<RpcOperations>().All.Keys.Order(StringComparer.Ordinal));
        HashSet<string> succeeded = [];
        foreach (var route in routes.Where(route => !OverHttpAlone.Contains(route.Operation)))
        {
            for (var round = 0; round < Rounds; round++)
            {
                if (await CompareAsync(client, route, round))
                {
                    succeeded.Add(route.Operation!);
                }
            }
        }

        Assert.Equal(routes.Select(route => route.Operation!).Except(OverHttpAlone).Except(WithSecurityAlone).Order(StringComparer.Ordinal), succeeded.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task AnyRoute_ThatStreams_SaysThatItIsForHttpAlone()
    {
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);
        foreach (var operation in OverHttpAlone)
        {
            var reply = await client.CallAsync(operation, """{"session":"s"}""");
            reply.MustRefuse(501, "not_available_by_rpc");
            Assert.Equal(operation, server.Routes().Single(route => route.Path == reply.Problem.GetProperty("path").GetString()
                && route.Method == reply.Problem.GetProperty("method").GetString()).Route.Metadata
                .GetMetadata<Microsoft.AspNetCore.Routing.IEndpointNameMetadata>()!.EndpointName);
        }

        Assert.Equal(
            OverHttpAlone,
            server.Services.GetRequiredService<RpcOperations>().All.Values.Where(operation => operation.IsStreamed)
                .Select(operation => operation.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task AnyOperation_ParameterThatItDoesNotHave_IsRefusedByName()
    {
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);
        foreach (var operation in server.Services.GetRequiredService<RpcOperations>().All.Values.Where(operation => !operation.IsStreamed))
        {
            var known = operation.Parameters.Where(parameter => parameter.Value.Place == RpcPlace.Path)
                .Select(parameter => $"\"{parameter.Key}\":\"1\"").ToList();
            (await client.CallAsync(operation.Name, $$"""{{{string.Join(',', known.Append("\"bogus\":1"))}}}"""))
                .MustRefuse(-32602, "invalid_request", "bogus");
            foreach (var name in operation.Parameters.Keys)
            {
                var shouted = name.ToUpperInvariant();
                (await client.CallAsync(operation.Name, $$"""{"{{shouted}}":null}""")).MustRefuse(-32602, "invalid_request", shouted);
            }
        }
    }

    [Fact]
    public async Task Create_AnyJson_IsKeptAsTheVeryBytes()
    {
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);
        string[] states =
        [
            "1.0", "1e2", "-0.0", "{ }", "[1 ,2]", "{\"a\":1,\"a\":2}", "\"\\u0041\\/\"", "null", "{\n\t\"b\" : [ ] ,\"a\":1E+2 }", "12345678901234567890.10",
            "{\"session\":\"x\",\"message\":\"y\"}", new string('[', 5_000) + new string(']', 5_000),
        ];
        for (var i = 0; i < states.Length; i++)
        {
            var session = $"{_prefix}-{i}";
            await client.ResultAsync("createCheckpoint", $$"""{ "state" :  {{states[i]}}  , "message":"m","session":"{{session}}"}""");
            await client.ResultAsync("createCheckpoints", $$"""{"session":"{{session}}","checkpoints":[ {"state": {{states[i]}} ,"message":"m"} ]}""");
            var http = new SessionHttp(server.Client, session);
            Assert.Equal(states[i], (await http.GetAsync("/checkpoints/1/state")).Text);
            Assert.Equal(states[i], (await http.GetAsync("/checkpoints/2/state")).Text);
            var got = await client.CallAsync("getCheckpoint", $$"""{"session":"{{session}}","checkpoint":1}""");
            Assert.Contains($"\"state\":{states[i]}", got.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Change_WithAnIdempotencyKey_TakesEffectOnceOverBothWays()
    {
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);
        var create = $$"""{"session":"{{_prefix}}","message":"m","state":1,"idempotencyKey":"k"}""";

        var first = await client.ResultAsync("createCheckpoint", create);
        var second = await client.ResultAsync("createCheckpoint", create);
        var http = await new SessionHttp(server.Client, _prefix).PostAsync("/checkpoints", """{"message":"m","state":1}""", ("Idempotency-Key", "k"));
        (await client.CallAsync("createCheckpoint", create.Replace("\"m\"", "\"n\"", StringComparison.Ordinal))).MustRefuse(409, "request_conflict");

        Assert.Equal(first.GetProperty("id").GetString(), second.GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.OK, http.Status);
        Assert.Equal(first.GetProperty("id").GetString(), http.Json.GetProperty("id").GetString());
        Assert.Equal(1, (await client.ResultAsync("getSession", $$"""{"session":"{{_prefix}}"}""")).GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task Change_OfAClaimedSession_NeedsItsEpoch()
    {
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);
        var epoch = (await client.ResultAsync("claimSession", $$"""{"session":"{{_prefix}}","owner":"w"}""")).GetProperty("epoch").GetInt64();
        var create = $$"""{"session":"{{_prefix}}","message":"m","state":1,"epoch":""";

        (await client.CallAsync("createCheckpoint", $$"""{"session":"{{_prefix}}","message":"m","state":1}""")).MustRefuse(409, "claimed");
        (await client.CallAsync("createCheckpoint", $"{create}{epoch + 1}}}")).MustRefuse(409, "superseded");
        (await client.CallAsync("createCheckpoint", $"{create}1.5}}")).MustRefuse(-32602, "invalid_request", "forgeEpoch");
        (await client.CallAsync("releaseClaim", $$"""{"session":"{{_prefix}}"}""")).MustRefuse(-32602, "invalid_request", "forgeEpoch");
        await client.ResultAsync("createCheckpoint", $"{create}{epoch}}}");
        Assert.Equal(204, (await client.ResultAsync("releaseClaim", $$"""{"session":"{{_prefix}}","epoch":{{epoch}}}""")).GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Names_InTwoPlaces_HaveOneEach()
    {
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);
        await client.ResultAsync("createCheckpoint", $$$"""{"session":"{{{_prefix}}}","message":"m","state":{"a":1}}""");
        await client.ResultAsync("createCheckpoint", $$"""{"session":"{{_prefix}}","message":"m","state":{"a":2},"branch":"b","parent":1}""");

        var fork = await client.ResultAsync("forkSession", $$"""{"session":"{{_prefix}}","checkpoint":1,"toSession":"{{_prefix}}-fork"}""");
        Assert.Equal($"{_prefix}-fork", fork.GetProperty("session").GetString());
        var difference = await client.ResultAsync(
            "diffCheckpoints", $$"""{"session":"{{_prefix}}","from":"latest","branch":"b","to":1,"toSession":"{{_prefix}}-fork"}""");
        Assert.Equal(1, difference.GetProperty("patch")[0].GetProperty("value").GetInt32());
        var restore = await client.ResultAsync(
            "restoreCheckpoint", $$"""{"session":"{{_prefix}}","checkpoint":"latest","branch":"b","toBranch":"main"}""");
        Assert.Equal(2, restore.GetProperty("checkpoint").GetProperty("sequence").GetInt64());
        Assert.Equal(1, restore.GetProperty("undo").GetProperty("sequence").GetInt64());
        (await client.CallAsync("forkSession", $$"""{"session":"{{_prefix}}","checkpoint":1}""")).MustRefuse(-32602, "invalid_request", "toSession");
    }

    [Fact]
    public async Task Batch_MoreThanMayBe_IsRefusedAsOverHttp()
    {
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);
        var many = string.Join(',', Enumerable.Repeat("""{"message":"m","state":1}""", 1001));

        var refused = await client.CallAsync("createCheckpoints", $$"""{"session":"{{_prefix}}","checkpoints":[{{many}}]}""");
        refused.MustRefuse(413, "limit_exceeded", "checkpoints");
        Assert.Equal(1001, refused.Problem.GetProperty("actual").GetInt32());
        (await client.CallAsync("createCheckpoints", $$"""{"session":"{{_prefix}}","checkpoints":[{"message":"m","state":1},{"state":1}]}"""))
            .MustRefuse(-32602, "invalid_request", "checkpoints[1].message");
        (await client.CallAsync("createCheckpoints", $$$"""{"session":"{{{_prefix}}}","checkpoints":{}}""")).MustRefuse(-32602, "invalid_request", "checkpoints");
        (await client.CallAsync("createCheckpoints", $$"""{"session":"{{_prefix}}"}""")).MustRefuse(-32602, "invalid_request", "checkpoints");
        (await client.CallAsync("claimSession", $$"""{"session":"{{_prefix}}","owner":"{{new string('x', 64 * 1024)}}"}""")).MustRefuse(413, "limit_exceeded", "params");
    }

    /// <summary>Makes one request over each way, to sessions that went the same way; true if it succeeded.</summary>
    private async Task<bool> CompareAsync(RpcClient client, FuzzRoute route, int round)
    {
        var body = route.Bodies.Any(kind => kind.ContentType == MediaTypeNames.Application.Json) ? MediaTypeNames.Application.Json : Ndjson;
        var names = new[] { "a", "b" }.Select(side => $"{_prefix}-{route.Operation}-{round}-{side}").ToArray();
        foreach (var name in names.Where(_ => round > 0))
        {
            await PrepareAsync(route, name);
        }

        var (overHttp, overRpc) = (Make(names[0]), Make(names[1]).ToParameters(Lines));
        var http = await overHttp.SendAsync(server.Client, TestContext.Current.CancellationToken);
        var rpc = await client.CallAsync(route.Operation!, overRpc);
        var told = $"{overHttp}\n{http.Status} {http.Text}\n{overRpc}\n{rpc.Text}";
        if (http.ContentType == "application/problem+json")
        {
            Assert.True(rpc.Number is not null, told);
            Assert.True((http.Code == "invalid_request" ? -32602 : (int)http.Status) == rpc.Number, told);
            Same(http.Json, rpc.Problem);
            return false;
        }

        Assert.True(rpc.Number is null, told);
        if (route.Operation == "getState")
        {
            Assert.Equal(http.Body, rpc.Result.GetProperty("base64").GetBytesFromBase64());
            Assert.Equal(http.ContentType, rpc.Result.GetProperty("contentType").GetString());
        }
        else if (http.Body.Length == 0)
        {
            Assert.Equal($$"""{"status":{{(int)http.Status}}}""", rpc.Result.GetRawText());
        }
        else
        {
            Same(http.Json, rpc.Result);
        }

        return true;

        FuzzRequest Make(string session) => FuzzRequest.MakeRight(
            route, session, body, round > 0 && NeedsClaim(route) ? 1 : null, new Random((round * 1_000) + 7));
        void Same(JsonElement one, JsonElement other) =>
            Assert.True(Plain(one, names[0]) == Plain(other, names[1]), $"{Plain(one, names[0])}\n{Plain(other, names[1])}\n{told}");
    }

    private static bool NeedsClaim(FuzzRoute route) => route.Operation is "releaseClaim" or "renewClaim";

    private async Task PrepareAsync(FuzzRoute route, string name)
    {
        var session = new SessionHttp(server.Client, name);
        for (var i = 0; i < 3; i++)
        {
            await session.CreateAsync($"m{i}", i == 0 ? "" : ",\"tags\":[\"t\"]");
        }

        if (NeedsClaim(route))
        {
            Assert.Equal(HttpStatusCode.OK, (await session.PostAsync("/claim", """{"owner":"w"}""")).Status);
        }

        if (route.Path.Contains("/effects/{key}", StringComparison.Ordinal) && route.Operation != "beginEffect")
        {
            await session.PostAsync("/effects/k1/begin", """{"class":"write","request":"r"}""");
        }

        if (route.Operation == "resolveEffect")
        {
            await session.PostAsync("/effects/k1/fail", """{"epoch":1,"reason":"r"}""");
        }

        if (route.Operation == "reviveSession")
        {
            await session.DeleteAsync();
        }
    }

    /// <summary>The answer without what each session has as its own, with the session's name taken out.</summary>
    private static string Plain(JsonElement json, string name)
    {
        var node = JsonNode.Parse(json.GetRawText().Replace(name, "session", StringComparison.Ordinal))!;
        Mask(node);
        return node.ToJsonString();
    }

    private static void Mask(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
            {
                Mask(item);
            }
        }
        else if (node is JsonObject members)
        {
            members.Remove("traceId");
            foreach (var (name, value) in members.ToList())
            {
                if (OfEachItsOwn.Contains(name))
                {
                    members[name] = value is null ? null : "masked";
                }
                else
                {
                    Mask(value);
                }
            }
        }
    }
}
