using System.Net;
using System.Text.Json;
using Forge.Integrity;

namespace Forge.Grains.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class VerifyTests(SiloServer server)
{
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task Verify_SoundSession_CountsItsCheckpointsAndHoldsItsAnchors()
    {
        var first = await _session.CreateAsync("one");
        await _session.CreateAsync("two");
        var restored = (await _session.PostAsync("/checkpoints/1/restore", "")).Json;
        var anchors = $$"""{"anchors":[{{Anchor(first)}},{{Anchor(restored)}}]}""";

        var answer = (await _session.PostAsync("/verify", anchors)).Json;

        Assert.Equal((2, 0), (answer.GetProperty("valid").GetInt64(), answer.GetProperty("invalid").GetInt64()));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("firstInvalid").ValueKind);
        Assert.All(answer.GetProperty("anchors").EnumerateArray(), a => Assert.Equal("holds", a.GetProperty("outcome").GetString()));
        Assert.Equal(restored.GetProperty("chain").GetString(), answer.GetProperty("chain").GetString());
        Assert.Equal(restored.GetProperty("chain").GetString(), (await _session.GetAsync("")).Json.GetProperty("chain").GetString());
    }

    [Fact]
    public async Task Verify_AnchorOfAnotherHistory_IsBroken()
    {
        var other = await SessionHttp.New(server).CreateAsync("one");
        await _session.CreateAsync("one");

        var answer = (await _session.PostAsync("/verify", $$"""{"anchors":[{{Anchor(other)}}]}""")).Json;

        Assert.Equal("broken", answer.GetProperty("anchors")[0].GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData("""{"anchors":[{"position":1,"chain":"xyz"}]}""")]
    [InlineData("""{"anchors":[{"position":0,"chain":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}]}""")]
    [InlineData("""{"anchors":[{"position":1}]}""")]
    [InlineData("""{"anchors":[7]}""")]
    public async Task Verify_BadAnchor_IsRefused(string body)
    {
        await _session.CreateAsync("one");

        (await _session.PostAsync("/verify", body)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Fact]
    public async Task Verify_NoSuchSession_IsNotFound() =>
        (await _session.PostAsync("/verify", "")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");

    [Fact]
    public async Task VerifyAll_TellsOfEachSessionAndThenTheSums()
    {
        await _session.CreateAsync("one");
        using var response = await server.Client.PostAsync("/v1/verify", null, TestContext.Current.CancellationToken);
        var lines = (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Contains(lines[..^1], l => _session.Path.EndsWith($"/{JsonDocument.Parse(l).RootElement.GetProperty("session").GetString()}", StringComparison.Ordinal));
        var sums = JsonDocument.Parse(lines[^1]).RootElement;
        Assert.Equal(lines.Length - 1, sums.GetProperty("sessions").GetInt64());
        Assert.Equal(0, sums.GetProperty("invalid").GetInt64());
    }

    [Fact]
    public async Task Ready_TellsOfTheBackgroundVerification()
    {
        using var response = await server.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;

        Assert.Equal(JsonValueKind.Number, body.GetProperty("integrity").GetProperty("damaged").ValueKind);
    }

    private static string Anchor(JsonElement answer) =>
        $$"""{"position":{{answer.GetProperty("position").GetInt64()}},"chain":"{{answer.GetProperty("chain").GetString()}}"}""";
}
