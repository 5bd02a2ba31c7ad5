using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Forge.Grains.Tests.Differences;

namespace Forge.Grains.Tests.Http;

[Collection(HttpTests.Name)]
public sealed partial class DifferenceTests(SiloServer server)
{
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task Diff_TwoCheckpoints_AnswersPatchAndSummary()
    {
        const string Plan = "a long plan that stays and is only carried to another place";
        await CreateAsync(_session, $$"""{"step":1,"gone":true,"notes":["{{Plan}}"],"done":[],"x":"{{Plan}}"}""");
        await CreateAsync(_session, $$"""{"step":1.0,"notes":[],"new":[1, 2],"done":["{{Plan}}"],"x":"{{Plan}}"}""");

        var answer = await _session.GetAsync("/diff?from=1&to=2");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Contains(
            "\"patch\":[{\"op\":\"replace\",\"path\":\"/step\",\"value\":1.0},{\"op\":\"remove\",\"path\":\"/gone\"},"
            + "{\"op\":\"move\",\"from\":\"/notes/0\",\"path\":\"/done/0\"},{\"op\":\"add\",\"path\":\"/new\",\"value\":[1,2]}]",
            answer.Text, StringComparison.Ordinal);
        Assert.Contains(
            "\"summary\":{\"added\":1,\"removed\":1,\"changed\":1,\"moved\":1,\"entries\":["
            + "{\"kind\":\"changed\",\"path\":\"/step\",\"fromBytes\":1,\"toBytes\":3},"
            + "{\"kind\":\"removed\",\"path\":\"/gone\",\"fromBytes\":4,\"toBytes\":null},"
            + "{\"kind\":\"moved\",\"path\":\"/done/0\",\"from\":\"/notes/0\",\"fromBytes\":61,\"toBytes\":61},"
            + "{\"kind\":\"added\",\"path\":\"/new\",\"fromBytes\":null,\"toBytes\":6}],\"rest\":0}",
            answer.Text, StringComparison.Ordinal);
        Assert.Equal((1, 2), (Sequence(answer, "from"), Sequence(answer, "to")));
        Assert.Equal(9, answer.Json.GetProperty("firstDifference").GetInt32());
        Assert.False(answer.Json.GetProperty("coarse").GetBoolean());
        Assert.False(answer.Json.TryGetProperty("notCompared", out _));
        Assert.Equal(
            (await _session.GetAsync("/checkpoints/2")).Json.GetProperty("checksum").GetString(),
            answer.Json.GetProperty("to").GetProperty("checksum").GetString());
    }

    [Fact]
    public async Task Diff_NothingSaidOfTo_IsToTheLatestOfTheSessionThatIsNamed()
    {
        var other = SessionHttp.New(server);
        var id = (await CreateAsync(_session, "[1]")).Json.GetProperty("id").GetString();
        await CreateAsync(_session, "[1,2]");
        await CreateAsync(other, "[3]");

        var own = await _session.GetAsync($"/diff?from={id}");
        var across = await _session.GetAsync($"/diff?from={id}&session={other.Path.Split('/')[^1]}");

        Assert.Equal("""[{"op":"add","path":"/1","value":2}]""", own.Json.GetProperty("patch").GetRawText());
        Assert.Equal("""[{"op":"replace","path":"/0","value":3}]""", across.Json.GetProperty("patch").GetRawText());
        Assert.Equal((1, 1), (Sequence(across, "from"), Sequence(across, "to")));
    }

    [Fact]
    public async Task Diff_OtherContentTypes_TellsWhyThereIsNoPatch()
    {
        await CreateAsync(_session, "[1]");
        await _session.PostAsync("/checkpoints?message=m", "[1]\n"u8.ToArray(), "text/plain");

        var answer = await _session.GetAsync("/diff?from=1&to=2");

        Assert.Equal(
            """{"reason":"contentType","problem":"The state of 'to' is text/plain."}""", answer.Json.GetProperty("notCompared").GetRawText());
        Assert.False(answer.Json.TryGetProperty("patch", out _));
        Assert.Equal(3, answer.Json.GetProperty("firstDifference").GetInt32());
        Assert.Equal(4, answer.Json.GetProperty("to").GetProperty("size").GetInt32());
    }

    [Theory]
    [InlineData("/diff", "from")]
    [InlineData("/diff?from=newest", "from")]
    [InlineData("/diff?from=1&to=0", "to")]
    [InlineData("/diff?from=none", "from")]
    [InlineData("/diff?from=1&from=2", "from")]
    [InlineData("/diff?from=1&session=..", "session")]
    [InlineData("/diff?from=1&branh=main", "branh")]
    [InlineData("/diff?from=1&branch=%0a", "branch")]
    public async Task Diff_BadParameter_IsRefusedByName(string path, string field)
    {
        await CreateAsync(_session, "[1]");

        (await _session.GetAsync(path)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
    }

    [Fact]
    public async Task Diff_WhatIsNotThere_IsAProblem()
    {
        var (other, gone) = (SessionHttp.New(server), SessionHttp.New(server));
        await CreateAsync(_session, "[1]");
        await CreateAsync(gone, "[1]");
        await gone.DeleteAsync();

        (await _session.GetAsync("/diff?from=1&to=2")).MustRefuse(HttpStatusCode.NotFound, "checkpoint_not_found", "to");
        (await _session.GetAsync($"/diff?from=1&session={Name(other)}")).MustRefuse(HttpStatusCode.NotFound, "checkpoint_not_found");
        (await _session.GetAsync($"/diff?from=1&session={Name(gone)}")).MustRefuse(HttpStatusCode.Gone, "session_deleted");
        (await gone.GetAsync("/diff?from=1")).MustRefuse(HttpStatusCode.Gone, "session_deleted");
    }

    [Fact]
    public async Task Diff_LargeStates_PatchMakesTheSecond()
    {
        var (from, to) = (Messages(600, 0), Messages(610, 100));
        await CreateAsync(_session, from);
        await CreateAsync(_session, to);

        var patch = (await _session.GetAsync("/diff?from=1&to=2")).Json.GetProperty("patch").GetRawText();

        Assert.Equal(TestJson.Parse(to).Canonical(), TestPatch.Apply(TestJson.Parse(from), Encoding.UTF8.GetBytes(patch)).Canonical());
        Assert.True(patch.Length < to.Length / 10);
    }

    /// <summary>The example of the README, as it stands there.</summary>
    [Fact]
    public async Task Diff_ExampleOfTheReadme_AnswersAsItSays()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "README.md"), TestContext.Current.CancellationToken);
        var section = readme[readme.IndexOf("## Differences", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", StringComparison.Ordinal)];
        foreach (Match create in Create().Matches(section))
        {
            Assert.Equal(HttpStatusCode.Created, (await _session.PostAsync("/checkpoints", create.Groups["body"].Value)).Status);
        }

        var answer = await _session.GetAsync(Diff().Match(section).Groups["path"].Value);

        Assert.Equal(Expected().Match(section).Groups["patch"].Value, answer.Json.GetProperty("patch").GetRawText());
    }

    [GeneratedRegex("curl \\$url/checkpoints .*-d '(?<body>[^']+)'")]
    private static partial Regex Create();

    [GeneratedRegex("curl \"\\$url(?<path>/diff[^\"]+)\"")]
    private static partial Regex Diff();

    [GeneratedRegex("```json\\n(?<patch>[^`]+)\\n```")]
    private static partial Regex Expected();

    private static async Task<HttpAnswer> CreateAsync(SessionHttp session, string state)
    {
        var answer = await session.PostAsync("/checkpoints", "{\"message\":\"m\",\"state\":" + state + "}");
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return answer;
    }

    private static string Messages(int count, int rewritten) => $"[{string.Join(',', Enumerable.Range(0, count).Select(number =>
        $"{{\"role\":\"user\",\"content\":\"{(number % 100 == 7 && rewritten > 0 ? "written anew" : "message")} {number}, and more of it\"}}"))}]";

    private static long Sequence(HttpAnswer answer, string side) => answer.Json.GetProperty(side).GetProperty("sequence").GetInt64();

    private static string Name(SessionHttp session) => session.Path.Split('/')[^1];
}
