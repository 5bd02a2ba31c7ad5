using System.Text.Json;
using Forge.Cli.Terminal;
using Forge.Grains.Tests.Http;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>Text of others on a terminal.</summary>
[Collection(HttpTests.Name)]
public sealed class HarmlessTests(SiloServer server)
{
    [Theory]
    [InlineData("plain \u00FC \u4E00 \U0001F680", "plain \u00FC \u4E00 \U0001F680")]
    [InlineData("\u001b[2J", "\\u001b[2J")]
    [InlineData("a\nb\tc\rd", "a\\nb\\tc\\rd")]
    [InlineData("\u009b31m\u007f", "\\u009b31m\\u007f")]
    [InlineData("\u202eabc\u2066", "\\u202eabc\\u2066")]
    [InlineData("a\u200bb\ufeffc\u2028d", "a\\u200bb\\ufeffc\\u2028d")]
    [InlineData("a\u3164b\u115fc\u2800d\u034f", "a\\u3164b\\u115fc\\u2800d\\u034f")]
    public void Line_TextOfOthers_ObeysNothing(string text, string shown) => Assert.Equal(shown, Harmless.Line(text));

    [Fact]
    public void Line_HalfOfASurrogatePair_IsReplaced() => Assert.Equal("a\uFFFDb", Harmless.Line("a\ud83db\u0007")[..3]);

    [Theory]
    [InlineData("{\"a\":\"\u202e\u007f\u009b \U000E0041\"}")]
    [InlineData("{\"a\":\"\\u001b[2J\",\n\t\"b\":[1]}")]
    public void Json_OfOthers_IsTheSameJsonWithoutAnythingHarmful(string json)
    {
        var shown = Harmless.Json(json);

        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(json).RootElement, JsonDocument.Parse(shown).RootElement));
        Assert.Equal(shown.ReplaceLineEndings(" ").Replace('\t', ' '), Harmless.Line(shown.ReplaceLineEndings(" ").Replace('\t', ' ')));
    }

    [Fact]
    public async Task Commands_HostileTextEverywhere_WriteNoControlCharacters()
    {
        const string Hostile = "x\u001b]0;owned\u0007\u001b[2J\u202e\u2066y\u009b1mz";
        var session = $"hostile-{Guid.NewGuid():N}";
        using var run = CommandLineRun.For(server.Client.BaseAddress!);
        run.Terminal = 200;
        run.Variables["NO_COLOR"] = "1";
        await run.DoneAsync("checkpoint", "create", session, "-m", Hostile, "-s", JsonSerializer.Serialize(new Dictionary<string, string> { [Hostile] = Hostile }), "-t", Hostile);
        await run.DoneAsync("checkpoint", "create", session, "-m", Hostile, "-s", JsonSerializer.Serialize(new Dictionary<string, string> { [Hostile] = "other" }));
        await run.DoneAsync("checkpoint", "annotate", session, "1", Hostile);
        await run.DoneAsync("checkpoint", "create", session, "-m", "text", "-s", Hostile, "--content-type", "text/plain");
        await run.DoneAsync("session", "claim", session, "--owner", Hostile);

        string[][] commands =
        [
            ["checkpoint", "list", session], ["checkpoint", "list", session, "--json"], ["checkpoint", "show", session, "1"],
            ["checkpoint", "show", session, "1", "--json"], ["checkpoint", "show", session, "3"], ["checkpoint", "show", session, "3", "--state-only"],
            ["checkpoint", "diff", session, "1", "2"], ["session", "timeline", session], ["session", "info", session], ["session", "claim", session],
            ["session", "list", "--prefix", session], ["watch", session, "--all", "-n", "4"], ["search", "--tag", Hostile],
            ["checkpoint", "create", session, "-m", "refused", "-s", "1"], ["checkpoint", "show", session, Hostile], ["checkpoint", "list", session, Hostile],
        ];
        foreach (var command in commands)
        {
            var result = await run.RunAsync(command);
            Assert.NotEmpty(result.Text + result.Error);
            Assert.All(
                (result.Text + result.Error).Split('\n'), line => Assert.True(Harmless.Line(line) == line, $"{string.Join(' ', command[..2])}: {Harmless.Line(line)}"));
        }
    }
}
