using System.Text;
using System.Text.Json;
using Forge.Errors;
using Forge.Silo.Mcp;

namespace Forge.Grains.Tests.Mcp;

/// <summary>Values inside JSON that is walked and never made into anything.</summary>
public sealed class JsonValueTests
{
    [Theory]
    [InlineData(" {\"a\" : [1, 2 ,{\"b\":[]}] } ", "", "{\"a\" : [1, 2 ,{\"b\":[]}] }", 1, 3)]
    [InlineData("{\"a\":[1,2,{\"b\":[]}]}", "/a", "[1,2,{\"b\":[]}]", 3, 2)]
    [InlineData("{\"a\":1,\"a\":2}", "/a", "1", 0, 0)]
    [InlineData("{\"\\u0061\":1}", "/a", "1", 0, 0)]
    [InlineData("{\"\":{\"\":1}}", "//", "1", 0, 0)]
    [InlineData("{\"\\ud800\":1,\"b\":2}", "/b", "2", 0, 0)]
    [InlineData("{\"a\":{\"b\":1},\"b\":2}", "/b", "2", 0, 0)]
    [InlineData("[[],{}]", "/1", "{}", 0, 0)]
    [InlineData("7", "", "7", 0, 0)]
    public void Find_ByPointer_TellsTheValue(string json, string path, string expected, int count, int depth)
    {
        var value = JsonValue.Find(Encoding.UTF8.GetBytes(json), JsonPointer.Parse(path));

        Assert.Equal((expected, count, depth), (Encoding.UTF8.GetString(value.Json.Span), value.Count, value.Depth));
    }

    [Fact]
    public void Find_PointerToNothing_SaysHowFarItGoes()
    {
        var refused = Assert.Throws<InvalidRequestException>(() => JsonValue.Find("{\"a\":{\"b\":1}}"u8.ToArray(), JsonPointer.Parse("/a/c/d")));

        Assert.Equal("pointer", refused.Field);
        Assert.Contains("'/a' is there, and has no 'c'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_InWhatIsNestedVeryDeep_WalksItOnce()
    {
        var json = Encoding.UTF8.GetBytes(new string('[', 300_000) + new string(']', 300_000));

        Assert.Equal(300_000 - 500, JsonValue.Find(json, JsonPointer.Parse(string.Concat(Enumerable.Repeat("/0", 500)))).Depth + 1);
    }

    [Theory]
    [InlineData("\"a\"", true, "a")]
    [InlineData("\"\\ud83e\\udded\"", true, "🧭")]
    [InlineData("\"\\ud83e\"", false, "\ufffd")]
    [InlineData("\"\\udded\\ud83e\"", false, "\ufffd\ufffd")]
    [InlineData("\"\\ud83e\\ud83e\\udded\"", false, "\ufffd🧭")]
    [InlineData("\"\\\\ud800\"", true, "\\ud800")]
    [InlineData("\"\\n\\uD800\\t\"", false, "\n\ufffd\t")]
    [InlineData("\"é\\uDFFF\"", false, "é\ufffd")]
    public void Text_WithHalvesOfPairs_IsTold(string json, bool isText, string expected)
    {
        Assert.Equal(isText, JsonValue.Find(Encoding.UTF8.GetBytes(json), JsonPointer.Whole).IsText);
        Assert.Equal(expected, JsonText.Of(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void Cut_AtAPair_LeavesNoHalf()
    {
        Assert.Equal("a", JsonText.Cut("a🧭", 2));
        Assert.Equal("a🧭", JsonText.Cut("a🧭", 3));
        Assert.Equal("", JsonText.Cut("🧭", 1));
        Assert.Equal("", JsonText.Cut("a", 0));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(500)]
    [InlineData(5_000)]
    public void Shorten_AnyObject_FitsAndIsJsonThatCanBeRead(int room)
    {
        const int Seed = 20_261_128;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {Seed}");
        for (var i = 0; i < 200; i++)
        {
            var random = new Random(Seed + i);
            var json = $"{{\"root\":{Any(random, random.Next(60))},\"b\":1}}";
            var shortened = McpFit.Shorten(Encoding.UTF8.GetBytes(json), room);

            Assert.True(shortened.Length <= room, $"seed {Seed + i}");
            using var read = JsonDocument.Parse(shortened, new JsonDocumentOptions { MaxDepth = 40 });
            _ = read.RootElement.EnumerateObject().Select(member => member.Value.ToString()).ToArray();
            Assert.True(json == Encoding.UTF8.GetString(shortened.Span) || read.RootElement.GetProperty("shortened").GetBoolean(), $"seed {Seed + i}");
        }
    }

    private static string Any(Random random, int depth) => random.Next(depth == 0 ? 4 : 6) switch
    {
        0 => new string('9', random.Next(1, 3_000)),
        1 => $"\"{string.Concat(Enumerable.Repeat(new[] { "a", "\\ud800", "🧭", "\\n" }[random.Next(4)], random.Next(2_000)))}\"",
        2 => "null",
        3 => "[]",
        4 => $"[{string.Join(',', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Any(random, depth - 1)))}]",
        _ => $"{{\"{new string('n', random.Next(500))}\":{Any(random, depth - 1)}}}",
    };
}
