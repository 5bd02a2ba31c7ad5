using System.Net;
using System.Net.WebSockets;
using Forge.Grains.Tests.Http;
using Forge.Grains.Tests.Mcp;
using Forge.Grains.Tests.Rpc;
using Forge.Operations;
using Forge.Silo.Security.Callers;
using Forge.Silo.Security.Keys;
using Microsoft.AspNetCore.Authorization;

namespace Forge.Grains.Tests.Security;

/// <summary>Every operation with every credential, over HTTP, by JSON-RPC and as a tool.</summary>
public sealed class CredentialTests : IAsyncLifetime
{
    private SecuredSilo _silo = null!;

    public async ValueTask InitializeAsync() => _silo = await SecuredSilo.StartAsync();

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    [Fact]
    public void Routes_All_SayWhatTheirCallersMustBeAllowedOrThatTheyAreOpen()
    {
        var routes = _silo.Routes.ToList();
        Assert.True(routes.Count > 45, $"{routes.Count} routes");

        Assert.All(routes, route => Assert.True(
            route.Metadata.GetMetadata<RequiredScope>() is not null ^ route.Metadata.GetMetadata<IAllowAnonymous>() is not null,
            route.RoutePattern.RawText));
        Assert.Equal(
            ["/", "/health/live", "/health/ready", "/openapi/{documentName}.json", "/timeline/{file}"],
            routes.Where(route => route.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(route => route.RoutePattern.RawText).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Routes_ThatChange_NeedMoreThanRead()
    {
        // What reads and is no GET: it computes for long, and changes nothing.
        string[] reading = ["verifySession"];

        Assert.Equal(
            reading,
            Operations.Where(operation => operation.Changes && ScopeOf(operation) == AccessScope.Read).Select(operation => operation.Name).Order());
        Assert.Equal(
            ["createKey", "exportAll", "importAll", "listAudit", "listKeys", "revokeKey", "verifyAll"],
            Operations.Where(operation => ScopeOf(operation) == AccessScope.Admin).Select(operation => operation.Name).Order());
    }

    [Fact]
    public void Inputs_All_NeedWriteIfTheyChange()
    {
        var inputs = typeof(IOperation).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(IOperation)) && !type.IsAbstract).ToList();
        Assert.True(inputs.Count > 30, $"{inputs.Count} inputs");

        Assert.All(inputs, input => Assert.Equal(
            ((IOperation)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(input)).Changes, IOperation.ScopeOf(input) != AccessScope.Read));
    }

    [Fact]
    public async Task Http_EveryOperationWithACredentialThatIsNotGood_IsUnauthenticatedAlike()
    {
        var credentials = await BadCredentialsAsync();
        foreach (var operation in Operations)
        {
            foreach (var (name, header) in credentials)
            {
                using var request = OperationRequests.Http(operation);
                if (header is not null)
                {
                    request.Headers.TryAddWithoutValidation("Authorization", header);
                }

                using var response = await _silo.Client.SendAsync(request, TestContext.Current.CancellationToken);
                var answer = await HttpAnswer.ReadAsync(response);
                Assert.True(answer.Status == HttpStatusCode.Unauthorized, $"{operation.Name} with {name}: {answer.Status}");
                answer.MustRefuse(HttpStatusCode.Unauthorized, "unauthenticated");
                Assert.Equal("Bearer", Assert.Single(answer.Headers["WWW-Authenticate"]));
            }
        }
    }

    [Fact]
    public async Task Http_EveryOperationWithEachScope_IsForbiddenExactlyIfItsOwnIsMissing()
    {
        var tokens = await TokensByScopeAsync();
        foreach (var operation in Operations)
        {
            foreach (var (scope, token) in tokens)
            {
                using var request = OperationRequests.Http(operation, $"of-{scope}");
                request.Headers.Authorization = new("Bearer", token);
                using var response = await _silo.Client.SendAsync(request, TestContext.Current.CancellationToken);
                var answer = await HttpAnswer.ReadAsync(response);
                var wanted = ScopeOf(operation);
                if (scope.Allow(wanted))
                {
                    Assert.False(answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, $"{operation.Name} with {scope}: {answer.Text}");
                    Assert.True((int)answer.Status < 500, $"{operation.Name}: {answer.Text}");
                }
                else
                {
                    answer.MustRefuse(HttpStatusCode.Forbidden, "forbidden");
                    Assert.Equal(wanted.ToName(), answer.Json.GetProperty("scope").GetString());
                }
            }
        }
    }

    [Fact]
    public async Task Rpc_EveryOperationWithEachScope_IsForbiddenExactlyIfItsOwnIsMissing()
    {
        foreach (var (scope, token) in await TokensByScopeAsync())
        {
            if (!scope.Allow(AccessScope.Read))
            {
                continue;
            }

            await using var client = await ConnectAsync(token);
            foreach (var operation in Operations.Where(operation => !operation.IsStreamed))
            {
                var reply = await client.CallAsync(operation.Name, OperationRequests.Parameters(operation, $"rpc-{scope}"));
                if (scope.Allow(ScopeOf(operation)))
                {
                    Assert.False(reply.Number is 401 or 403, $"{operation.Name} with {scope}: {reply.Text}");
                }
                else
                {
                    reply.MustRefuse(403, "forbidden");
                    Assert.Equal(ScopeOf(operation).ToName(), reply.Problem.GetProperty("scope").GetString());
                }
            }
        }
    }

    [Fact]
    public async Task Rpc_CredentialThatIsNotGood_IsNotConnected()
    {
        foreach (var (name, header) in await BadCredentialsAsync())
        {
            var error = await Assert.ThrowsAsync<WebSocketException>(() => RpcClient.ConnectAsync(_silo.Root, configure: options =>
            {
                if (header is not null)
                {
                    options.SetRequestHeader("Authorization", header);
                }
            }));
            Assert.Contains("401", error.Message, StringComparison.Ordinal);
            Assert.NotNull(name);
        }
    }

    [Fact]
    public async Task Rpc_KeyAsASubprotocol_IsConnectedByAnother()
    {
        var (_, text) = await _silo.KeyAsync("a", GivenScopes.Read);

        await using var client = await RpcClient.ConnectAsync(_silo.Root, configure: options =>
        {
            options.AddSubProtocol("forge.rpc");
            options.AddSubProtocol($"forge.bearer.{text}");
        });

        Assert.Equal("forge.rpc", client.Subprotocol);
        Assert.Equal("a", (await client.ResultAsync("whoAmI", "{}")).GetProperty("tenant").GetString());
        Assert.Equal("ready", (await client.ResultAsync("ready", "{}")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Mcp_EveryToolWithEachScope_IsForbiddenExactlyIfThatOfItsOperationIsMissing()
    {
        var operations = Operations.ToDictionary(operation => operation.Name);
        foreach (var (scope, token) in await TokensByScopeAsync())
        {
            if (!scope.Allow(AccessScope.Read))
            {
                continue;
            }

            await using var caller = await McpCaller.ConnectAsync(_silo.Root, token: token);
            foreach (var tool in Silo.Mcp.McpTools.All)
            {
                // What a tool needs and is not given is refused by the tool, before there is anything to allow.
                var arguments = string.Join(',', tool.Arguments.Where(argument => argument.IsRequired).Select(argument => $"\"{argument.Name}\":\"x\""));
                var answer = await caller.SendAsync(tool.Name, $$"""{{{arguments}}}""");
                Assert.Equal(
                    !scope.Allow(ScopeOf(operations[tool.Operation])),
                    answer.IsError && answer.Json.GetProperty("code").GetString() == "forbidden");
            }
        }
    }

    [Fact]
    public async Task Mcp_CredentialThatIsNotGood_IsUnauthenticated()
    {
        foreach (var (_, header) in await BadCredentialsAsync())
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp")
            {
                Content = new StringContent("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""", System.Text.Encoding.UTF8, "application/json"),
            };
            if (header is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", header);
            }

            using var response = await _silo.Client.SendAsync(request, TestContext.Current.CancellationToken);
            (await HttpAnswer.ReadAsync(response)).MustRefuse(HttpStatusCode.Unauthorized, "unauthenticated");
        }
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/")]
    public async Task Http_OpenRouteWithoutACredential_Answers(string path)
    {
        using var response = await _silo.Client.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Description_OfEachOperation_SaysWhichScopeItWants()
    {
        using var response = await _silo.Client.GetAsync("/openapi/v1.json", TestContext.Current.CancellationToken);
        var document = (await HttpAnswer.ReadAsync(response)).Json;

        Assert.Equal("bearer", document.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer").GetProperty("scheme").GetString());
        var described = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject())
            .Where(operation => operation.Value.TryGetProperty("security", out _))
            .ToDictionary(
                operation => operation.Value.GetProperty("operationId").GetString()!,
                operation => operation.Value.GetProperty("security")[0].GetProperty("bearer")[0].GetString());
        Assert.All(Operations, operation => Assert.Equal(ScopeOf(operation).ToName(), described[operation.Name]));
        Assert.True(described.Count > 40, $"{described.Count} operations");
    }

    [Fact]
    public async Task Http_RouteThatIsNotThere_IsToldToCallersAlone()
    {
        using var caller = await _silo.CallerAsync("a", GivenScopes.Read);
        using var known = await caller.GetAsync("/v1/nothing", TestContext.Current.CancellationToken);
        using var unknown = await _silo.Client.GetAsync("/v1/nothing", TestContext.Current.CancellationToken);

        (await HttpAnswer.ReadAsync(known)).MustRefuse(HttpStatusCode.NotFound, "route_not_found");
        (await HttpAnswer.ReadAsync(unknown)).MustRefuse(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    /// <summary>The operations that are not open to everybody.</summary>
    private IEnumerable<Silo.Rpc.RpcOperation> Operations =>
        _silo.Operations.Where(operation => operation.Endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null);

    private static AccessScope ScopeOf(Silo.Rpc.RpcOperation operation) =>
        operation.Endpoint.Metadata.GetRequiredMetadata<RequiredScope>().Scope;

    private Task<RpcClient> ConnectAsync(string token) =>
        RpcClient.ConnectAsync(_silo.Root, configure: options => options.SetRequestHeader("Authorization", $"Bearer {token}"));

    /// <summary>A key of each scope, each of a tenant of its own.</summary>
    private async Task<List<(GivenScopes Scope, string Token)>> TokensByScopeAsync()
    {
        var tokens = new List<(GivenScopes, string)>();
        foreach (var scope in (GivenScopes[])[GivenScopes.Read, GivenScopes.Write, GivenScopes.Admin])
        {
            tokens.Add((scope, (await _silo.KeyAsync($"t-{Guid.NewGuid():N}", scope)).Text));
        }

        return tokens;
    }

    private async Task<List<(string Name, string? Header)>> BadCredentialsAsync()
    {
        var (_, good) = await _silo.KeyAsync("a", GivenScopes.Admin);
        KeyText.Make(out var unknown);
        var wrong = good[..^10] + new string('A', 10);
        return
        [
            ("none", null),
            ("garbage", "Bearer garbage"),
            ("empty", "Bearer "),
            ("another scheme", $"Basic {good}"),
            ("no scheme", good),
            ("two", $"Bearer {good}, Bearer {good}"),
            ("unknown", $"Bearer {unknown}"),
            ("another secret", $"Bearer {wrong}"),
            ("cut", $"Bearer {good[..^1]}"),
            ("a token without an authority", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."),
            ("ended", $"Bearer {await _silo.BadKeyAsync("a", isRevoked: false)}"),
            ("revoked", $"Bearer {await _silo.BadKeyAsync("a", isRevoked: true)}"),
        ];
    }
}
