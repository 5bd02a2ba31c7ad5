using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Grains.Tests.Http;
using Json.Schema;

namespace Forge.Grains.Tests.Portability;

[Collection(HttpTests.Name)]
public sealed class SchemaTests(SiloServer server)
{
    private static readonly JsonSchema Schema = JsonSchema.FromFile(
        Path.Combine(AppContext.BaseDirectory, "Portability", "export-format.schema.json"));

    [Fact]
    public async Task Export_OfEverythingThereIs_FollowsTheSchema()
    {
        var name = $"schema-{Guid.NewGuid():N}";
        var session = new SessionHttp(server.Client, name);
        await session.PutAsync("", """{"labels": {"team": "red"}, "automaticInterval": "PT10M", "retention": {"keepRecent": 3}}""");
        foreach (var trigger in new[] { "manual", "scheduled", "toolCall", "codeModified", "error" })
        {
            await session.CreateAsync(trigger, $",\"trigger\":\"{trigger}\",\"tags\":[\"a\",\"b\"]{(trigger == "error" ? ",\"requires\":[1,2]" : "")}");
        }

        await session.PostAsync("/checkpoints?message=bytes", new byte[100], "a/b");
        await session.PostAsync("/checkpoints/1/annotations", """{"text":"n","severity":"critical"}""");
        await session.PutAsync("/checkpoints/1/tags", """{"tags":[]}""");
        await session.DeleteAsync("/checkpoints/3");
        await new SessionHttp(server.Client, name + "-empty").PutAsync("", "{}");
        Assert.Equal(HttpStatusCode.Created, (await session.PostAsync("/fork", $$"""{"checkpoint":1,"session":"{{name}}-fork"}""")).Status);

        var lines = DocumentSamples.Lines((await new TenantHttp(server.Client).GetAsync($"/export?prefix={name}")).Text);

        Assert.Equal(14, lines.Length);
        Assert.Contains(lines, line => line.Contains("\"origin\":{", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("\"requires\":[1,2]", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.True(IsValid(line), line));
    }

    [Theory]
    [InlineData("session-v1.ndjson")]
    [InlineData("session-v2-requires.ndjson")]
    [InlineData("session-v3.ndjson")]
    [InlineData("tenant-v1.ndjson")]
    public void Golden_Document_FollowsTheSchema(string name) =>
        Assert.All(DocumentSamples.Lines(DocumentSamples.Golden(name)), line => Assert.True(IsValid(line), line));

    [Theory]
    [InlineData("sequence", "0")]
    [InlineData("id", "\"x\"")]
    [InlineData("parent", "-1")]
    [InlineData("requires", "[0]")]
    [InlineData("requires", "[1,1]")]
    [InlineData("message", "\"\"")]
    [InlineData("trigger", "\"whim\"")]
    [InlineData("sha256", "\"AB\"")]
    [InlineData("size", "1.5")]
    [InlineData("unknown", "1")]
    [InlineData("state", "1")]
    public async Task BadProperty_NeitherFollowsTheSchemaNorComesIn(string name, string value)
    {
        var lines = DocumentSamples.Lines(DocumentSamples.Golden("session-v1.ndjson"));

        // One whose state is in base64: written anew, it is still what its checksum was taken of.
        var line = JsonNode.Parse(lines[2])!.AsObject();
        lines[2] = line.ToJsonString();
        Assert.Equal(HttpStatusCode.OK, (await SessionHttp.New(server).ImportAsync(DocumentSamples.Bytes(lines))).Status);
        line[name] = JsonNode.Parse(value);
        lines[2] = line.ToJsonString();

        Assert.False(IsValid(lines[2]));
        (await SessionHttp.New(server).ImportAsync(DocumentSamples.Bytes(lines)))
            .MustRefuse(HttpStatusCode.UnprocessableEntity, "import_rejected");
    }

    private static bool IsValid(string line) => Schema.Evaluate(
        JsonDocument.Parse(line).RootElement, new EvaluationOptions { RequireFormatValidation = true }).IsValid;
}
