using System.Text.Json;
using Forge.Grains.Tests.Http;
using Forge.Silo.Http;
using Forge.Silo.Mcp;
using Forge.Silo.Rpc;
using Json.Schema;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Client;

namespace Forge.Grains.Tests.Mcp;

/// <summary>What a client is told of the tools before a model calls them.</summary>
[Collection(HttpTests.Name)]
public sealed class McpToolListTests(SiloServer server)
{
    private readonly McpCallFor _operations = new(server.Services.GetRequiredService<RpcOperations>());

    [Fact]
    public async Task Tools_AreThoseThatThereShouldBe_WithTheirHints()
    {
        string[] expected =
        [
            "list_sessions: reads", "get_session: reads", "list_branches: reads", "list_checkpoints: reads", "find_checkpoints: reads",
            "get_checkpoint: reads", "read_state: reads", "compare_checkpoints: reads", "list_effects: reads", "get_effect: reads",
            "create_checkpoint: adds", "set_tags: destructive idempotent", "annotate_checkpoint: adds", "fork_session: adds idempotent",
            "restore_checkpoint: destructive", "resolve_effect: destructive idempotent",
        ];
        Assert.Equal(expected, (await ToolsAsync()).Select(tool => $"{tool.Name}: {HintsOf(tool)}"));

        static string HintsOf(McpClientTool tool)
        {
            var hints = tool.ProtocolTool.Annotations!;
            Assert.False(hints.OpenWorldHint);
            Assert.Equal(tool.Title, hints.Title);
            if (hints.ReadOnlyHint is true)
            {
                Assert.False(hints.DestructiveHint);
                return "reads";
            }

            return (hints.DestructiveHint is true ? "destructive" : "adds") + (hints.IdempotentHint is true ? " idempotent" : "");
        }
    }

    [Fact]
    public async Task EachTool_IsDescribedToAModel()
    {
        foreach (var tool in await ToolsAsync())
        {
            Assert.Matches("^[a-z]+(_[a-z]+)+$", tool.Name);
            Assert.NotEmpty(tool.Title!);
            Assert.InRange(tool.Description.Length, 40, 500);
            Assert.EndsWith(".", tool.Description, StringComparison.Ordinal);
            var schema = tool.JsonSchema;
            Assert.Equal("object", schema.GetProperty("type").GetString());
            Assert.False(schema.GetProperty("additionalProperties").GetBoolean());
            foreach (var property in schema.GetProperty("properties").EnumerateObject())
            {
                Assert.True(property.Value.GetProperty("description").GetString()!.Length > 10, $"{tool.Name}.{property.Name}");
                Assert.True(property.Name is "state" or "result" || property.Value.TryGetProperty("type", out _), $"{tool.Name}.{property.Name}");
            }

            Assert.All(
                schema.GetProperty("required").EnumerateArray(),
                required => Assert.True(schema.GetProperty("properties").TryGetProperty(required.GetString()!, out _)));
            Assert.NotNull(JsonSchema.FromText(schema.GetRawText()));
            Assert.NotNull(JsonSchema.FromText(tool.ProtocolTool.OutputSchema!.Value.GetRawText()));
        }
    }

    [Fact]
    public void EachTool_TakesWhatItsOperationMustHave_AndChangesOnlyIfItSaysSo()
    {
        foreach (var tool in McpTools.All)
        {
            var operation = _operations.Of(tool);
            Assert.Equal(operation.Changes, !tool.Hints.ReadOnly);
            Assert.Equal(operation.Changes, tool.Arguments.Any(argument => argument.Name == McpToolCall.RequestIdName));
            Assert.Equal(tool.Arguments.Count, tool.Arguments.Select(argument => argument.Name).Distinct().Count());
            var offered = tool.Arguments.Where(argument => !argument.IsOwn).Select(argument => argument.Parameter).ToList();
            Assert.Equal(offered.Count, offered.Distinct().Count());
            Assert.All(offered, name => Assert.Contains(name, operation.Parameters.Keys));
            Assert.All(
                operation.Parameters.Where(parameter => parameter.Value.Place == RpcPlace.Path), parameter => Assert.Contains(parameter.Key, offered));
            if (operation.Endpoint.Metadata.OfType<JsonShape>().FirstOrDefault() is { } shape)
            {
                Assert.All(shape.Describe().Required!, name => Assert.Contains(operation.BodyNames.Single(pair => pair.Value == name).Key, offered));
            }

            if (operation.Parameters.TryGetValue("epoch", out var epoch) && epoch.Place == RpcPlace.Header)
            {
                Assert.Contains("epoch", offered);
            }
        }
    }

    [Fact]
    public async Task Tools_AllTogether_LeaveAModelItsContext() => Assert.InRange(
        JsonSerializer.SerializeToUtf8Bytes((await ToolsAsync()).Select(tool => tool.ProtocolTool)).Length, 1, 32 * 1024);

    private async Task<IList<McpClientTool>> ToolsAsync()
    {
        await using var caller = await McpCaller.ConnectAsync(server.Client.BaseAddress!);
        return await caller.Client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken);
    }

    private sealed class McpCallFor(RpcOperations operations)
    {
        public RpcOperation Of(McpTool tool) => operations.All[tool.Operation];
    }
}
