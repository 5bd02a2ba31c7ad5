using System.Text;
using System.Text.Json;
using Forge.Grains.Tests.Http;
using Forge.Grains.Tests.Rpc;

namespace Forge.Grains.Tests.Mcp;

/// <summary>States as a model reads them: whole if they fit, else part by part, until it has seen all of it.</summary>
public sealed class McpStateTests() : McpHostTests($"Forge:Mcp:AnswerBytes={Room}")
{
    private const int Room = 8 * 1024;
    private const string Session = "s";

    [Theory]
    [InlineData("", """{"a":{"b":[1,{"c":"x"}],"":0,"m~n":1,"p/q":2}}""")]
    [InlineData("/a/b", """[1,{"c":"x"}]""")]
    [InlineData("/a/b/1/c", "\"x\"")]
    [InlineData("/a/b/0", "1")]
    [InlineData("/a/", "0")]
    [InlineData("/a/m~0n", "1")]
    [InlineData("/a/p~1q", "2")]
    public async Task Pointer_ToAnyPart_TellsIt(string path, string expected)
    {
        await SaveAsync("""{"a":{"b":[1,{"c":"x"}],"":0,"m~n":1,"p/q":2}}""");

        var read = await ReadAsync($"\"pointer\":\"{path}\"");

        Assert.Equal(expected, read.GetProperty("value").GetRawText());
        Assert.Equal(expected.Length, read.GetProperty("bytes").GetInt32());
        Assert.Equal(1, read.GetProperty("checkpoint").GetProperty("sequence").GetInt32());
    }

    [Theory]
    [InlineData("/b")]
    [InlineData("/a/b/2")]
    [InlineData("/a/b/-")]
    [InlineData("/a/b/01")]
    [InlineData("/a/b/+1")]
    [InlineData("/a/b/99999999999999999999")]
    [InlineData("/a/b/0/0")]
    [InlineData("/A")]
    [InlineData("/")]
    [InlineData("/a~2")]
    [InlineData("/a~")]
    [InlineData("a")]
    public async Task Pointer_ToNothing_IsRefused(string path)
    {
        await SaveAsync("""{"a":{"b":[1,2]}}""");

        await Caller.RefusedAsync("read_state", $$"""{"session":"{{Session}}","pointer":"{{path}}"}""", "invalid_request", "pointer");
    }

    [Fact]
    public async Task LargeState_IsToldInParts_EachWithItsPointer()
    {
        var messages = string.Join(',', Enumerable.Range(0, 300).Select(i => $$"""{"role":"user","text":"message {{i}} {{new string('x', i)}}"}"""));
        await SaveAsync($$$"""{"step":7,"messages":[{{{messages}}}],"plan":{"next":"ask"}}""");

        var outline = await ReadAsync("");
        Assert.Equal(("object", 3), (outline.GetProperty("kind").GetString(), outline.GetProperty("count").GetInt32()));
        var parts = outline.GetProperty("parts").EnumerateArray().ToArray();
        Assert.Equal(["/step", "/messages", "/plan"], parts.Select(part => part.GetProperty("pointer").GetString()));
        Assert.Equal(7, parts[0].GetProperty("value").GetInt32());
        Assert.Equal(("array", 300), (parts[1].GetProperty("kind").GetString(), parts[1].GetProperty("count").GetInt32()));
        Assert.False(parts[1].TryGetProperty("value", out _));

        var (seen, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = await ReadAsync("\"pointer\":\"/messages\"" + (cursor is null ? "" : $",\"cursor\":\"{cursor}\""));
            seen.AddRange(page.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("value").GetRawText()));
            cursor = Next(page);
        }
        while (cursor is not null);
        Assert.Equal($"[{messages}]", $"[{string.Join(',', seen)}]");
    }

    [Fact]
    public async Task LargeText_ComesInPieces_ThatMakeItWhole()
    {
        var text = string.Concat(Enumerable.Range(0, 4_000).Select(i => $"{i} é \"中\" 🧭\n"));
        await SaveAsync($$"""{"log":{{JsonSerializer.Serialize(text)}}}""");

        Assert.Equal(text, await ReadTextAsync("/log"));
        var part = Assert.Single((await ReadAsync("")).GetProperty("parts").EnumerateArray());
        Assert.Equal("string", part.GetProperty("kind").GetString());
        Assert.StartsWith(part.GetProperty("begins").GetString()!, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StateThatIsText_ComesAsText()
    {
        var text = string.Concat(Enumerable.Range(0, 3_000).Select(i => $"line {i} é\n"));
        await new SessionHttp(Http, Session).PostAsync("/checkpoints?message=m", Encoding.UTF8.GetBytes(text), "text/plain");

        Assert.Equal("text", (await ReadAsync("")).GetProperty("kind").GetString());
        Assert.Equal(text, await ReadTextAsync(""));
        await Caller.RefusedAsync("read_state", $$"""{"session":"{{Session}}","pointer":"/a"}""", "invalid_request", "pointer");
    }

    [Fact]
    public async Task StateThatIsNoText_IsToldByItsSizeAndHash()
    {
        byte[] bytes = [0xff, 0xfe, 0, 1, 2];
        await new SessionHttp(Http, Session).PostAsync("/checkpoints?message=m", bytes, "image/png");

        var read = await ReadAsync("");
        Assert.Equal(("bytes", 5), (read.GetProperty("kind").GetString(), read.GetProperty("bytes").GetInt32()));
        var checkpoint = read.GetProperty("checkpoint");
        Assert.Equal("image/png", checkpoint.GetProperty("contentType").GetString());
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), checkpoint.GetProperty("checksum").GetString());
    }

    [Fact]
    public async Task StateThatSaysItIsJsonAndIsNot_IsText()
    {
        await new SessionHttp(Http, Session).PostAsync("/checkpoints", """{"message":"m","stateBase64":"e2E=","contentType":"application/json"}""");

        Assert.Equal(("text", "{a"), ((await ReadAsync("")).GetProperty("kind").GetString(), await ReadTextAsync("")));
    }

    [Fact]
    public async Task DeepState_IsReadLevelByLevel()
    {
        await SaveAsync(new string('[', 2_000) + "7" + new string(']', 2_000));

        var outline = await ReadAsync("");
        Assert.Equal("/0", Assert.Single(outline.GetProperty("parts").EnumerateArray()).GetProperty("pointer").GetString());
        var deep = await ReadAsync($"\"pointer\":\"{string.Concat(Enumerable.Repeat("/0", 490))}\"");
        Assert.Equal("array", deep.GetProperty("kind").GetString());
    }

    [Fact]
    public async Task HalfOfASurrogatePair_IsToldAsASign()
    {
        await SaveAsync("""{"a":"x\ud83dy","\udc00":1,"b":["\ud83e\udded"]}""");

        var parts = (await ReadAsync("")).GetProperty("parts").EnumerateArray().ToArray();
        Assert.Equal("x\ufffdy", parts[0].GetProperty("begins").GetString());
        Assert.Equal("/\ufffd", parts[1].GetProperty("pointer").GetString());
        Assert.Equal("🧭", parts[2].GetProperty("value")[0].GetString());
        Assert.Equal("x\ufffdy", await ReadTextAsync("/a"));
    }

    [Fact]
    public async Task NumberOfVeryManyDigits_ComesInPieces()
    {
        var number = "1" + new string('0', 20_000);
        await SaveAsync($$"""{"n":{{number}}}""");

        Assert.Equal(number, await ReadTextAsync("/n"));
    }

    [Fact]
    public async Task LongNames_AreCutAndStayWithinTheBound()
    {
        await SaveAsync("{" + string.Join(',', Enumerable.Range(0, 20).Select(i => $"\"{i}{new string('n', 5_000)}\":{i}")) + "}");

        var outline = await ReadAsync("");
        Assert.All(outline.GetProperty("parts").EnumerateArray(), part => Assert.False(part.TryGetProperty("pointer", out _)));
        Assert.NotNull(Next(outline));
    }

    [Fact]
    public async Task Cursor_OfTheLatest_StaysWithItsCheckpoint()
    {
        await SaveAsync($"[{string.Join(',', Enumerable.Range(0, 5_000))}]");
        var first = await ReadAsync("");
        await SaveAsync("[]");

        var second = await ReadAsync($"\"cursor\":\"{Next(first)}\"");
        Assert.Equal(1, second.GetProperty("checkpoint").GetProperty("sequence").GetInt32());
        Assert.Equal(
            first.GetProperty("parts").GetArrayLength(), second.GetProperty("parts")[0].GetProperty("value").GetInt32());
        foreach (var more in new[] { "\"checkpoint\":1", "\"pointer\":\"/0\"", "\"branch\":\"main\"" })
        {
            await Caller.RefusedAsync("read_state", $$"""{"session":"{{Session}}",{{more}},"cursor":"{{Next(first)}}"}""", "invalid_request", "cursor");
        }

        // A cursor of an end that nobody gave out has nothing behind it.
        var behind = await ReadAsync($"\"cursor\":\"{string.Join('.', Next(first)!.Split('.') is [var digest, _, var id] ? [digest, "9223372036854775807", id] : [])}\"");
        Assert.Empty(behind.GetProperty("parts").EnumerateArray());
    }

    [Fact]
    public async Task AnyState_ReadPartByPart_IsAllOfIt()
    {
        const int Seed = 20_261_127;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {Seed}");
        for (var i = 0; i < 8; i++)
        {
            var random = new Random(Seed + i);
            var state = Any(random, 5, 60);
            await SaveAsync(state);

            Assert.True(
                JsonElement.DeepEquals(JsonDocument.Parse(state).RootElement, JsonDocument.Parse(await GatherAsync("")).RootElement), $"seed {Seed + i}");
        }
    }

    /// <summary>Reads all of a part as a model would.</summary>
    private async Task<string> GatherAsync(string pointer)
    {
        var read = await ReadAsync($"\"pointer\":{JsonSerializer.Serialize(pointer)}");
        if (read.TryGetProperty("value", out var whole))
        {
            return whole.GetRawText();
        }

        if (read.TryGetProperty("text", out _))
        {
            return JsonSerializer.Serialize(await ReadTextAsync(pointer));
        }

        var (isObject, gathered) = (read.GetProperty("kind").GetString() == "object", new List<string>());
        while (true)
        {
            foreach (var part in read.GetProperty("parts").EnumerateArray())
            {
                var child = part.GetProperty("pointer").GetString()!;
                var value = part.TryGetProperty("value", out var small) ? small.GetRawText() : await GatherAsync(child);
                gathered.Add(isObject ? $"{JsonSerializer.Serialize(child[(child.LastIndexOf('/') + 1)..])}:{value}" : value);
            }

            if (Next(read) is not { } next)
            {
                return isObject ? $"{{{string.Join(',', gathered)}}}" : $"[{string.Join(',', gathered)}]";
            }

            read = await ReadAsync($"\"pointer\":{JsonSerializer.Serialize(pointer)},\"cursor\":\"{next}\"");
        }
    }

    private static string Any(Random random, int depth, int width) => random.Next(depth == 0 ? 3 : 6) switch
    {
        0 => random.NextInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
        1 => JsonSerializer.Serialize(new string((char)random.Next(32, 0x2000), random.Next(300))),
        2 => "null",
        3 => $"[{string.Join(',', Enumerable.Range(0, random.Next(width)).Select(_ => Any(random, depth - 1, width / 2)))}]",
        _ => $"{{{string.Join(',', Enumerable.Range(0, random.Next(width)).Select(i => $"\"n{i}\":{Any(random, depth - 1, width / 2)}"))}}}",
    };

    private async Task<string> ReadTextAsync(string pointer)
    {
        var (all, cursor) = (new StringBuilder(), (string?)null);
        do
        {
            var piece = await ReadAsync($"\"pointer\":{JsonSerializer.Serialize(pointer)}" + (cursor is null ? "" : $",\"cursor\":\"{cursor}\""));
            if (piece.TryGetProperty("value", out var value))
            {
                return value.GetString()!;
            }

            Assert.Equal(all.Length, piece.GetProperty("from").GetInt32());
            all.Append(piece.GetProperty("text").GetString());
            cursor = Next(piece);
        }
        while (cursor is not null);

        return all.ToString();
    }

    private async Task<JsonElement> ReadAsync(string more)
    {
        var answer = await Caller.SendAsync("read_state", $"{{\"session\":\"{Session}\"{(more.Length > 0 ? "," : "")}{more}}}");
        Assert.False(answer.IsError, answer.Text);
        Assert.InRange(answer.Bytes, 1, Room);
        return answer.Json;
    }

    private async Task SaveAsync(string state)
    {
        var saved = await new SessionHttp(Http, Session).PostAsync("/checkpoints", $$"""{"message":"m","state":{{state}}}""");
        Assert.Equal(System.Net.HttpStatusCode.Created, saved.Status);
    }

    private static string? Next(JsonElement page) => page.TryGetProperty("next", out var next) ? next.GetString() : null;
}
