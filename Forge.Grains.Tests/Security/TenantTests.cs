using System.Text.RegularExpressions;
using Forge.Grains.Tests.Http;
using Forge.Grains.Tests.Mcp;
using Forge.Grains.Tests.Rpc;
using Forge.Silo.Rpc;
using Forge.Silo.Security.Callers;
using ModelContextProtocol;

namespace Forge.Grains.Tests.Security;

/// <summary>A credential sees its tenant and nothing else, and nothing tells of another's.</summary>
public sealed partial class TenantTests : IAsyncLifetime
{
    private const string Session = "of-somebody";

    private SecuredSilo _silo = null!;

    public async ValueTask InitializeAsync() => _silo = await SecuredSilo.StartAsync();

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    [Fact]
    public async Task Http_EveryOperationOnASessionOfAnother_AnswersAsOnOneThatNobodyHas()
    {
        var before = await AnswersAsync();
        await FillAsync();
        var after = await AnswersAsync();

        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        Assert.All(before, answer => Assert.Equal(answer.Value, after[answer.Key]));
    }

    [Fact]
    public async Task Rpc_EveryOperationOnASessionOfAnother_AnswersAsOnOneThatNobodyHas()
    {
        var before = await RepliesAsync();
        await FillAsync();

        var after = await RepliesAsync();

        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        Assert.All(before, reply => Assert.Equal(reply.Value, after[reply.Key]));
    }

    [Fact]
    public async Task Lists_OfAnotherTenant_AreEmptyAndItsEventsAreNobodyElses()
    {
        await FillAsync();
        using var other = await _silo.CallerAsync("other");

        foreach (var path in (string[])["/v1/sessions", "/v1/feed", $"/v1/sessions?prefix={Session}", "/v1/checkpoints?tag=kept"])
        {
            using var response = await other.GetAsync(path, TestContext.Current.CancellationToken);
            var answer = await HttpAnswer.ReadAsync(response);
            Assert.StartsWith("{\"items\":[]", answer.Text, StringComparison.Ordinal);
        }

        using var export = await other.GetAsync("/v1/export", TestContext.Current.CancellationToken);
        Assert.DoesNotContain(Session, await export.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cursors_OfAnotherTenant_TellNothingOfIt()
    {
        using var owner = await FillAsync();
        using var other = await _silo.CallerAsync("other");
        await new SessionHttp(other, "mine").CreateAsync("mine");
        using var mine = await owner.GetAsync("/v1/feed?limit=1", TestContext.Current.CancellationToken);
        var feed = (await HttpAnswer.ReadAsync(mine)).Json.GetProperty("next").GetString();
        using var page = await owner.GetAsync("/v1/sessions?limit=1", TestContext.Current.CancellationToken);
        var sessions = (await HttpAnswer.ReadAsync(page)).Json.GetProperty("next").GetString();
        Assert.NotNull(sessions);

        foreach (var path in (string[])[$"/v1/feed?after={Uri.EscapeDataString(feed!)}", $"/v1/sessions?limit=1&cursor={Uri.EscapeDataString(sessions)}"])
        {
            using var response = await other.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.DoesNotContain(Session, (await HttpAnswer.ReadAsync(response)).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Mcp_ResourcesOfAnotherTenant_AreNotThere()
    {
        await FillAsync();
        await using var owner = await McpCaller.ConnectAsync(_silo.Root, token: (await _silo.KeyAsync("owner", GivenScopes.Read)).Text);
        await using var other = await McpCaller.ConnectAsync(_silo.Root, token: (await _silo.KeyAsync("other", GivenScopes.Read)).Text);
        var uri = $"forge://owner/{Session}";

        Assert.Contains((await owner.Client.ListResourcesAsync(cancellationToken: TestContext.Current.CancellationToken)), resource => resource.Uri == uri);
        Assert.Empty(await other.Client.ListResourcesAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.NotEmpty((await owner.Client.ReadResourceAsync(uri, cancellationToken: TestContext.Current.CancellationToken)).Contents);
        var foreign = await Assert.ThrowsAnyAsync<McpException>(async () => await other.Client.ReadResourceAsync(uri, cancellationToken: TestContext.Current.CancellationToken));
        var unknown = await Assert.ThrowsAnyAsync<McpException>(
            async () => await other.Client.ReadResourceAsync("forge://nobody/of-somebody", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(unknown.Message.Replace("nobody", "owner", StringComparison.Ordinal), foreign.Message);
    }

    [Fact]
    public async Task Mcp_ToolsOnASessionOfAnother_AnswerAsOnOneThatNobodyHas()
    {
        await FillAsync();
        await using var other = await McpCaller.ConnectAsync(_silo.Root, token: (await _silo.KeyAsync("other", GivenScopes.Read)).Text);

        var foreign = await other.SendAsync("get_session", $$"""{"session":"{{Session}}"}""");
        var unknown = await other.SendAsync("get_session", """{"session":"of-nobodyyy"}""");

        Assert.True(foreign.IsError);
        Assert.Equal(unknown.Text.Replace("of-nobodyyy", Session, StringComparison.Ordinal), foreign.Text);
    }

    /// <summary>Has the tenant <c>owner</c> have a session with something of everything in it.</summary>
    private async Task<HttpClient> FillAsync()
    {
        var owner = await _silo.CallerAsync("owner");
        var session = new SessionHttp(owner, Session);
        await session.CreateAsync("one", ""","tags":["kept"]""");
        await session.CreateAsync("two");
        await session.PostAsync("/claim", """{"owner":"w"}""");
        await session.PostAsync("/effects/0123456789abcdef/begin", """{"class":"idempotent","request":"r"}""", ("Forge-Epoch", "1"));
        await new SessionHttp(owner, "of-somebody-too").CreateAsync("three");
        return owner;
    }

    /// <summary>What each operation on the session answers a tenant that is new: its status, headers and body, but for what is always another.</summary>
    private async Task<Dictionary<string, string>> AnswersAsync()
    {
        var answers = new Dictionary<string, string>();
        foreach (var operation in OfSessions())
        {
            var tenant = $"t-{Guid.NewGuid():N}";
            using var caller = await _silo.CallerAsync(tenant);
            using var request = OperationRequests.Http(operation, Session);
            using var response = await caller.SendAsync(request, TestContext.Current.CancellationToken);
            var answer = await HttpAnswer.ReadAsync(response);
            var headers = answer.Headers.Where(header => header.Key is not ("Date" or "ETag"))
                .OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => $"{header.Key}: {string.Join(',', header)}");
            answers[operation.Name] = Same($"{(int)answer.Status}\n{string.Join('\n', headers)}\n{answer.Text}", tenant);
        }

        return answers;
    }

    private async Task<Dictionary<string, string>> RepliesAsync()
    {
        var replies = new Dictionary<string, string>();
        foreach (var operation in OfSessions().Where(operation => !operation.IsStreamed))
        {
            var tenant = $"t-{Guid.NewGuid():N}";
            var (_, text) = await _silo.KeyAsync(tenant, GivenScopes.Admin);
            await using var client = await RpcClient.ConnectAsync(
                _silo.Root, configure: options => options.SetRequestHeader("Authorization", $"Bearer {text}"));
            replies[operation.Name] = Same((await client.CallAsync(operation.Name, OperationRequests.Parameters(operation, Session))).Text, tenant);
        }

        return replies;
    }

    private IEnumerable<RpcOperation> OfSessions() =>
        _silo.Operations.Where(operation => operation.Parameters.ContainsKey("session") && operation.Path.Contains("{session}", StringComparison.Ordinal));

    /// <summary>Without what is another each time: ids, times, digests, and the name of the caller's own tenant.</summary>
    private static string Same(string text, string tenant)
    {
        text = text.Replace(tenant, "(tenant)", StringComparison.Ordinal);
        text = Id().Replace(text, "(id)");
        text = Time().Replace(text, "(time)");
        text = Digest().Replace(text, "(digest)");
        return Length().Replace(text, "(length)");
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Id();

    // Seconds have as many digits as they need.
    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")]
    private static partial Regex Time();

    [GeneratedRegex("[0-9a-f]{64}|(?<=\"(traceId|targetKey)\":\")[^\"]*")]
    private static partial Regex Digest();

    [GeneratedRegex(@"(?<=Content-Length: )\d+")]
    private static partial Regex Length();
}
