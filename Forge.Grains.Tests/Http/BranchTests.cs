using System.Net;

namespace Forge.Grains.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class BranchTests(SiloServer server)
{
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task Branch_EveryRouteThatMeansTheLatestOrTheCurrentOne_IsOfTheBranchThatIsNamed()
    {
        await MakeAsync();

        Assert.Equal(3, await SequenceAsync("/checkpoints/latest"));
        Assert.Equal(4, await SequenceAsync("/checkpoints/latest?branch=try%20it"));
        Assert.Equal(4, await SequenceAsync("/checkpoints/current?branch=try%20it"));
        Assert.Equal(3, await SequenceAsync("/checkpoints/latest?branch=main"));
        Assert.Equal("""{"of":"four"}""", (await _session.GetAsync("/checkpoints/latest/state?branch=try%20it")).Text);
        Assert.Equal(4, await SequenceAsync("/at?time=2100-01-01T00:00:00Z&branch=try%20it"));
        Assert.Equal(3, await SequenceAsync("/at?time=2100-01-01T00:00:00Z"));
        var difference = (await _session.GetAsync("/diff?from=2&to=latest&branch=try%20it")).Json;
        Assert.Equal(4, difference.GetProperty("to").GetProperty("sequence").GetInt64());
        Assert.Equal(HttpStatusCode.Created, (await _session.PostAsync("/checkpoints/latest/annotations?branch=try%20it", """{"text":"x"}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await _session.PutAsync("/checkpoints/latest/tags?branch=try%20it", """{"tags":["t"]}""")).Status);
        Assert.Equal(
            ["4", "2"],
            (await _session.GetAsync("/checkpoints?branch=try%20it")).Json.GetProperty("items").EnumerateArray()
                .Select(item => item.GetProperty("sequence").GetRawText()));
        Assert.Equal(HttpStatusCode.NoContent, (await _session.DeleteAsync("/checkpoints/latest?branch=try%20it")).Status);
        Assert.Equal(2, await SequenceAsync("/checkpoints/latest?branch=try%20it"));
    }

    [Fact]
    public async Task Restore_WithABranch_MovesThatOne()
    {
        await MakeAsync();

        var restored = await _session.PostAsync("/checkpoints/1/restore", """{"branch":"try it"}""");

        Assert.Equal(4, restored.Json.GetProperty("undo").GetProperty("sequence").GetInt64());
        Assert.Equal(
            """
            {"items":[{"branch":"main","head":3,"current":3,"count":2},{"branch":"try it","head":4,"current":1,"count":2}]}
            """.Trim(),
            System.Text.RegularExpressions.Regex.Replace((await _session.GetAsync("/branches")).Text, """\{"sequence":(\d+),"id":"[^"]+"\}""", "$1"));
        (await _session.PostAsync("/checkpoints/1/restore", """{"branch":"other"}""")).MustRefuse(HttpStatusCode.NotFound, "branch_not_found");
        (await _session.PostAsync("/checkpoints/1/restore", """{"brnch":"try it"}""")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Theory]
    [InlineData("/checkpoints/1?branch=main")]
    [InlineData("/checkpoints/latest?branch=")]
    [InlineData("/checkpoints/latest?branch=%0a")]
    [InlineData("/checkpoints?branch=%0a")]
    [InlineData("/at?time=2100-01-01T00:00:00Z&branch=%0a")]
    public async Task Branch_ThatIsNoneOrNotNeeded_IsRefusedByName(string path)
    {
        await MakeAsync();
        var answer = await _session.GetAsync(path);
        answer.MustRefuse(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Equal("branch", answer.Json.GetProperty("field").GetString());
    }

    [Fact]
    public async Task Branches_OfASessionThatIsNotThereOrDeleted_AreRefused()
    {
        (await _session.GetAsync("/branches")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
        await MakeAsync();
        await _session.DeleteAsync();
        (await _session.GetAsync("/branches")).MustRefuse(HttpStatusCode.Gone, "session_deleted");
    }

    [Fact]
    public async Task Branches_WithTips_NameThem()
    {
        await MakeAsync();

        var answer = await _session.GetAsync("/branches?tips=5");

        Assert.Equal(
            [(3, 1L), (4, 1L)],
            answer.Json.GetProperty("items").EnumerateArray().Select(b => (
                b.GetProperty("tips").EnumerateArray().Single().GetProperty("sequence").GetInt32(), b.GetProperty("tipCount").GetInt64())));
        (await _session.GetAsync("/branches?tips=101")).MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded", "tips");
    }

    private async Task MakeAsync()
    {
        await _session.CreateAsync("one");
        var begun = await _session.CreateAsync("two", ""","branch":"try it","parent":1""");
        Assert.Equal("try it", begun.GetProperty("branch").GetString());
        await _session.CreateAsync("three");
        await _session.CreateAsync("four", ""","branch":"try it","expectedHead":2""");
    }

    private async Task<long> SequenceAsync(string path) => (await _session.GetAsync(path)).Json.GetProperty("sequence").GetInt64();
}
