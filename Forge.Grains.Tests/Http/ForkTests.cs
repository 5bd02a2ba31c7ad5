using System.Net;
using Xunit;

namespace Forge.Grains.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class ForkTests(SiloServer server)
{
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task Fork_OfACheckpoint_IsCreatedWithItsPlace()
    {
        await _session.CreateAsync("one");
        var two = await _session.CreateAsync("two");
        await _session.CreateAsync("three");
        var (name, fork) = New();

        var answer = await _session.PostAsync("/fork", $$"""{"checkpoint":2,"session":"{{name}}"}""");

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(fork.Path, answer.Headers["Location"].Single());
        var made = answer.Json;
        Assert.Equal((name, 1L), (made.GetProperty("session").GetString(), made.GetProperty("count").GetInt64()));
        var origin = made.GetProperty("origin");
        Assert.Equal(two.GetProperty("id").GetString(), origin.GetProperty("id").GetString());
        Assert.Equal(two.GetProperty("chain").GetString(), origin.GetProperty("chain").GetString());
        Assert.Equal((2L, false), (origin.GetProperty("sequence").GetInt64(), origin.GetProperty("gone").GetBoolean()));
        Assert.Equal("""{"of":"two"}""", (await fork.GetAsync("/checkpoints/latest/state")).Text);
        var info = (await fork.GetAsync("")).Json;
        Assert.Equal(origin.ToString(), info.GetProperty("origin").ToString());
        Assert.Equal(0, info.GetProperty("forkCount").GetInt32());
        Assert.Equal(1, (await _session.GetAsync("")).Json.GetProperty("forkCount").GetInt32());
        Assert.Equal(made.GetProperty("chain").GetString(), info.GetProperty("chain").GetString());
        var forks = (await _session.GetAsync("/forks?limit=1")).Json;
        Assert.Equal(name, forks.GetProperty("items")[0].GetProperty("session").GetString());
        Assert.Equal(2, forks.GetProperty("items")[0].GetProperty("checkpoint").GetProperty("sequence").GetInt64());

        await _session.DeleteAsync();
        Assert.True((await fork.GetAsync("")).Json.GetProperty("origin").GetProperty("gone").GetBoolean());
    }

    [Fact]
    public async Task Fork_WithHistoryAndTheSameKeyTwice_AnswersTheSame()
    {
        await _session.CreateAsync("one");
        await _session.CreateAsync("two");
        var (name, fork) = New();
        var body = $$"""{"checkpoint":"latest","session":"{{name}}","withHistory":true}""";

        var first = await _session.PostAsync("/fork", body, ("Idempotency-Key", "k"));
        await _session.CreateAsync("three");
        var second = await _session.PostAsync("/fork", body, ("Idempotency-Key", "k"));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.Status, second.Status));
        Assert.Equal(first.Text, second.Text);
        Assert.Equal(2, (await fork.GetAsync("/checkpoints")).Json.GetProperty("items").GetArrayLength());
        (await _session.PostAsync("/fork", body, ("Idempotency-Key", "other"))).MustRefuse(HttpStatusCode.Conflict, "session_exists");
        (await _session.PostAsync("/fork", body.Replace("latest", "current", StringComparison.Ordinal), ("Idempotency-Key", "k")))
            .MustRefuse(HttpStatusCode.Conflict, "request_conflict");
    }

    [Fact]
    public async Task Fork_DryRun_IsToldAndMakesNothing()
    {
        await _session.CreateAsync("one");
        var (name, fork) = New();

        var told = await _session.PostAsync("/fork", $$"""{"checkpoint":"current","session":"{{name}}","withHistory":true,"dryRun":true}""");

        Assert.Equal(HttpStatusCode.OK, told.Status);
        Assert.Equal("""{"of":"one"}""".Length, told.Json.GetProperty("bytes").GetInt64());
        (await fork.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
    }

    [Theory]
    [InlineData("""{"session":"NAME"}""", HttpStatusCode.BadRequest, "invalid_request", "checkpoint")]
    [InlineData("""{"checkpoint":1}""", HttpStatusCode.BadRequest, "invalid_request", "session")]
    [InlineData("""{"checkpoint":1,"session":"a/b"}""", HttpStatusCode.BadRequest, "invalid_request", "session")]
    [InlineData("""{"checkpoint":1,"session":"SELF"}""", HttpStatusCode.BadRequest, "invalid_request", "session")]
    [InlineData("""{"checkpoint":"first","session":"NAME"}""", HttpStatusCode.BadRequest, "invalid_request", "checkpoint")]
    [InlineData("""{"checkpoint":1,"session":"NAME","effects":"maybe"}""", HttpStatusCode.BadRequest, "invalid_request", "effects")]
    [InlineData("""{"checkpoint":1,"session":"NAME","withHistory":"yes"}""", HttpStatusCode.BadRequest, "invalid_request", "withHistory")]
    [InlineData("""{"checkpoint":9,"session":"NAME"}""", HttpStatusCode.NotFound, "checkpoint_not_found", null)]
    [InlineData("""{"checkpoint":1,"session":"DELETED"}""", HttpStatusCode.Gone, "session_deleted", null)]
    public async Task Fork_Bad_IsRefusedByField(string body, HttpStatusCode status, string code, string? field)
    {
        await _session.CreateAsync("one");
        var ((name, fork), (deleted, gone)) = (New(), New());
        await gone.CreateAsync("mine");
        await gone.DeleteAsync();

        var answer = await _session.PostAsync("/fork", body
            .Replace("NAME", name, StringComparison.Ordinal).Replace("DELETED", deleted, StringComparison.Ordinal)
            .Replace("SELF", _session.Path.Split('/')[^1], StringComparison.Ordinal));

        answer.MustRefuse(status, code, field);
        (await fork.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
    }

    [Fact]
    public async Task Fork_OfASessionThatIsNotThere_Is404()
    {
        var (name, _) = New();
        (await _session.PostAsync("/fork", $$"""{"checkpoint":"latest","session":"{{name}}"}"""))
            .MustRefuse(HttpStatusCode.NotFound, "session_not_found");
        (await _session.GetAsync("/forks?limit=0")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "limit");
        Assert.Equal(0, (await _session.GetAsync("/forks")).Json.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Fork_OfABranch_IsOfItsLatest()
    {
        await _session.CreateAsync("one");
        await _session.PostAsync("/checkpoints", """{"message":"two","state":2,"branch":"b"}""");
        await _session.CreateAsync("three");
        var ((name, fork), (other, _)) = (New(), New());

        Assert.Equal(HttpStatusCode.Created, (await _session.PostAsync("/fork", $$"""{"checkpoint":"latest","branch":"b","session":"{{name}}"}""")).Status);

        Assert.Equal("2", (await fork.GetAsync("/checkpoints/latest/state")).Text);
        (await _session.PostAsync("/fork", $$"""{"checkpoint":1,"branch":"b","session":"{{other}}"}"""))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "branch");
        (await _session.PostAsync("/fork", $$"""{"checkpoint":"latest","branch":"c","session":"{{other}}"}"""))
            .MustRefuse(HttpStatusCode.NotFound, "checkpoint_not_found");
    }

    private (string Name, SessionHttp Session) New()
    {
        var name = $"f-{Guid.NewGuid():N}";
        return (name, new SessionHttp(server.Client, name));
    }
}
