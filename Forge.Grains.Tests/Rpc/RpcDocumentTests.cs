using System.Text.Json;
using System.Text.RegularExpressions;



namespace Forge.Grains.Tests.Rpc;

/// <summary>What the documentation says, played against a silo.</summary>
public sealed partial class RpcDocumentTests
{
    private const string Any = "…";

    [Theory]
    [InlineData("rpc.md", 15)]
    [InlineData("effects.md", 12)]
    public async Task Document_ItsSessionsOfMessages_GoAsTheySay(string document, int least)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "docs", document), TestContext.Current.CancellationToken);
        await using var host = await RpcHost.StartAsync();
        await using var client = await host.ConnectAsync();
        var played = 0;
        foreach (var line in Sessions().Matches(page).SelectMany(match => match.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)))
        {
            if (line.StartsWith("→ ", StringComparison.Ordinal))
            {
                await client.SendAsync(line[2..]);
            }
            else
            {
                Assert.StartsWith("← ", line, StringComparison.Ordinal);
                var came = await client.NextAsync();
                Assert.True(Fits(JsonDocument.Parse(line[2..]).RootElement, came.Json), $"{line}\n{came.Text}");
                played++;
            }
        }

        Assert.True(played >= least, $"{played} answers were played.");
    }

    [Fact]
    public async Task Document_ItsOptions_AreThoseThatThereAre()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "docs", "rpc.md"), TestContext.Current.CancellationToken);

        Assert.All(typeof(Silo.Rpc.RpcOptions).GetProperties(), option => Assert.Contains($"`{option.Name}`", page, StringComparison.Ordinal));
    }

    private static bool Fits(JsonElement said, JsonElement came) => said.ValueKind switch
    {
        JsonValueKind.String when said.GetString() == Any => true,
        JsonValueKind.Object => came.ValueKind == JsonValueKind.Object
            && said.EnumerateObject().All(property => property.Name == Any
                || (came.TryGetProperty(property.Name, out var value) && Fits(property.Value, value)))
            && (said.TryGetProperty(Any, out _) || came.EnumerateObject().Count() == said.EnumerateObject().Count()),
        JsonValueKind.Array => came.ValueKind == JsonValueKind.Array && came.GetArrayLength() == said.GetArrayLength()
            && said.EnumerateArray().Zip(came.EnumerateArray()).All(pair => Fits(pair.First, pair.Second)),
        _ => said.GetRawText() == came.GetRawText(),
    };

    [GeneratedRegex("```jsonrpc\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Sessions();
}
