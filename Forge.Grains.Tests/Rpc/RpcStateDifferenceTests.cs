using System.Security.Cryptography;
using Forge.Grains.Tests.Http;

namespace Forge.Grains.Tests.Rpc;

/// <summary>States that come as the difference from one that the silo, or the caller, has.</summary>
[Collection(HttpTests.Name)]
public sealed class RpcStateDifferenceTests(SiloServer server)
{
    private readonly string _session = $"rpc-{Guid.NewGuid():N}";

    [Fact]
    public async Task Create_ByDifference_IsAsIfItHadComeWhole()
    {
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);
        await client.ResultAsync("createCheckpoint", $$$"""{"session":"{{{_session}}}","message":"one","state":{"notes": ["a"]}}""");
        var whole = """{"notes": ["a", "b"]}""";
        var create = Create(1, 14, 2, whole, ", \"b\"");

        var made = await client.ResultAsync("createCheckpoint", create);
        var again = await client.ResultAsync("createCheckpoint", create);

        Assert.Equal((2L, whole.Length, Sha256(whole)), (
            made.GetProperty("sequence").GetInt64(), made.GetProperty("size").GetInt32(), made.GetProperty("checksum").GetString()));
        Assert.Equal(made.GetProperty("id").GetString(), again.GetProperty("id").GetString());
        var read = await client.CallAsync("getCheckpoint", $$"""{"session":"{{_session}}","checkpoint":2}""");
        Assert.Contains($"\"state\":{whole}", read.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_ByDifferenceThatCannotBeUsed_IsToldAsOverHttp()
    {
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);
        await client.ResultAsync("createCheckpoint", $$"""{"session":"{{_session}}","message":"one","state":1}""");

        (await client.CallAsync("createCheckpoint", Create(7, 0, 0, "2", "2"))).MustRefuse(409, "base_unknown");
        (await client.CallAsync("createCheckpoint", Create(1, 0, 0, "3", "2"))).MustRefuse(422, "state_mismatch");
        (await client.CallAsync("createCheckpoint", Create(1, -1, 0, "3", "2"))).MustRefuse(-32602, "invalid_request", "difference.front");
        (await client.CallAsync("createCheckpoint", $$"""{"session":"{{_session}}","message":"m","base":1,"front":0}""")).MustRefuse(-32602, "invalid_request", "base");
        Assert.Equal(1, (await client.ResultAsync("getSession", $$"""{"session":"{{_session}}"}""")).GetProperty("lastSequence").GetInt64());
    }

    [Fact]
    public async Task Read_ByACallerThatHasALikeState_IsTheDifference()
    {
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);
        await client.ResultAsync("createCheckpoint", $$$"""{"session":"{{{_session}}}","message":"one","state":{"notes": ["a"]}}""");
        await client.ResultAsync("createCheckpoint", $$$"""{"session":"{{{_session}}}","message":"two","state":{"notes": ["a", "b"]}}""");
        var sum = Sha256("""{"notes": ["a", "b"]}""");
        var asked = $$"""{"session":"{{_session}}","checkpoint":2,"have":1}""";

        var state = await client.ResultAsync("getState", asked);
        var read = await client.ResultAsync("getCheckpoint", asked);
        var restored = await client.ResultAsync("restoreCheckpoint", asked);

        Assert.Equal(
            $"application/vnd.forge.difference; base=\"1\"; front=14; end=2; sha256={sum}; contentType=\"application/json\"",
            state.GetProperty("contentType").GetString());
        Assert.Equal(", \"b\""u8.ToArray(), state.GetProperty("base64").GetBytesFromBase64());
        Assert.All([read, restored.GetProperty("checkpoint")], checkpoint => Assert.Equal(
            $$"""{"base":"1","front":14,"end":2,"sha256":"{{sum}}","betweenBase64":"LCAiYiI="}""", checkpoint.GetProperty("difference").GetRawText()));
        (await client.CallAsync("getState", $$"""{"session":"{{_session}}","checkpoint":2,"have":"latest"}""")).MustRefuse(-32602, "invalid_request", "have");
    }

    private string Create(long from, int front, int end, string whole, string between) =>
        $$$"""{"session":"{{{_session}}}","message":"two","contentType":"application/json","idempotencyKey":"k","difference":{"base":{{{from}}},"front":{{{front}}},"end":{{{end}}},"sha256":"{{{Sha256(whole)}}}","betweenBase64":"{{{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(between))}}}"}}""";

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}
