using System.Net;
using Forge.Grains.Tests.Security;
using Forge.Silo.Http;
using Forge.Silo.Rpc;

namespace Forge.Grains.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class AnchorTests(SiloServer server)
{
    private static readonly string OtherChain = new('a', 64);

    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task Anchor_OfAnotherHistory_IsRefusedByEveryOperationOfASession()
    {
        await _session.CreateAsync("one");
        var operations = server.Routes().Where(route => route.Path.StartsWith("/v1/sessions/{session}", StringComparison.Ordinal))
            .Select(route => RpcOperation.Of(route.Route)).OfType<RpcOperation>().ToList();
        Assert.True(operations.Count > 30, $"{operations.Count} operations are of a session.");

        foreach (var operation in operations)
        {
            using var request = OperationRequests.Http(operation, _session.Path.Split('/')[^1]);
            request.Headers.Add(Anchors.Header, $"1:{OtherChain}");
            using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            var answer = await HttpAnswer.ReadAsync(response);

            Assert.True(answer.Status == HttpStatusCode.Conflict, $"{operation.Name}: {answer.Status} {answer.Text}");
            answer.MustRefuse(HttpStatusCode.Conflict, "history_rewritten");
            Assert.Equal(1, answer.Json.GetProperty("position").GetInt64());
        }

        Assert.Equal(1, (await _session.GetAsync("")).Json.GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task Anchor_OfAnAnswer_IsTakenInEitherCase()
    {
        var created = await _session.CreateAsync("one");
        var anchor = $"{created.GetProperty("position").GetInt64()}:{created.GetProperty("chain").GetString()}";

        Assert.Equal(HttpStatusCode.OK, (await _session.GetAsync("/checkpoints/latest", (Anchors.Header, anchor))).Status);
        Assert.Equal(HttpStatusCode.OK, (await _session.GetAsync("/export", (Anchors.Header, anchor.ToUpperInvariant()))).Status);
        Assert.Equal(HttpStatusCode.Created, (await _session.PostAsync("/checkpoints", """{"message":"m","state":1}""", (Anchors.Header, anchor))).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData(":")]
    [InlineData("0:{chain}")]
    [InlineData("-1:{chain}")]
    [InlineData("1:{chain}a")]
    [InlineData("1: {chain}")]
    [InlineData("99999999999999999999:{chain}")]
    [InlineData("1:zz")]
    public async Task Anchor_ThatIsNone_IsRefused(string anchor)
    {
        await _session.CreateAsync("one");

        (await _session.GetAsync("", (Anchors.Header, anchor.Replace("{chain}", OtherChain, StringComparison.Ordinal))))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "forgeAnchor");
    }
}
