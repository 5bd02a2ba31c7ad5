using System.Net;
using Xunit;

namespace Forge.Grains.Tests.Http;

/// <summary>Sessions that are emptied, deleted, and live again.</summary>
[Collection(HttpTests.Name)]
public sealed class LifeTests(SiloServer server)
{
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task Clear_WithTheSameKeyTwice_TakesEffectOnce()
    {
        await _session.CreateAsync("one");
        await _session.CreateAsync("two");

        var first = await _session.PostAsync("/clear", "", ("Idempotency-Key", "k"));
        await _session.CreateAsync("three");
        var second = await _session.PostAsync("/clear", "", ("Idempotency-Key", "k"));

        Assert.Equal(first.Text, second.Text);
        Assert.Equal((2L, 3L), (first.Json.GetProperty("deleted").GetInt64(), first.Json.GetProperty("position").GetInt64()));
        var info = (await _session.GetAsync("")).Json;
        Assert.Equal((1L, 3L), (info.GetProperty("count").GetInt64(), info.GetProperty("lastSequence").GetInt64()));
        Assert.Equal(info.GetProperty("chain").GetString(), (await _session.GetAsync("/checkpoints/latest")).Json.GetProperty("chain").GetString());
    }

    [Fact]
    public async Task Revive_DeletedSession_GoesOnWhereItsNumbersEnded()
    {
        (await _session.PostAsync("/revive", "")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
        await _session.CreateAsync("one");
        (await _session.PostAsync("/revive", "")).MustRefuse(HttpStatusCode.Conflict, "session_exists");
        await _session.DeleteAsync();
        (await _session.PostAsync("/clear", "")).MustRefuse(HttpStatusCode.Gone, "session_deleted");

        var revived = (await _session.PostAsync("/revive", "")).Json;

        Assert.Equal(
            (2, 1L, 2L),
            (revived.GetProperty("life").GetInt32(), revived.GetProperty("lastSequence").GetInt64(), revived.GetProperty("position").GetInt64()));
        Assert.Equal(revived.GetProperty("chain").GetString(), (await _session.GetAsync("")).Json.GetProperty("chain").GetString());
        Assert.Equal(2, (await _session.CreateAsync("two")).GetProperty("sequence").GetInt64());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/checkpoints")]
    [InlineData("/checkpoints?include=state")]
    [InlineData("/checkpoints?branch=b")]
    [InlineData("/checkpoints/1")]
    [InlineData("/checkpoints/latest")]
    [InlineData("/checkpoints/latest/state")]
    [InlineData("/branches")]
    [InlineData("/claim")]
    [InlineData("/forks")]
    [InlineData("/diff?from=1")]
    [InlineData("/export")]
    [InlineData("/at?time=2100-01-01T00:00:00Z")]
    public async Task Read_OfADeletedSession_SaysSo(string path)
    {
        await _session.CreateAsync("one");
        await _session.DeleteAsync();

        (await _session.GetAsync(path)).MustRefuse(HttpStatusCode.Gone, "session_deleted");
    }

    [Fact]
    public async Task Restore_ThatSaves_TellsWhatItSaved()
    {
        await _session.CreateAsync("one");
        await _session.CreateAsync("two");

        var told = (await _session.PostAsync("/checkpoints/1/restore", """{"dryRun":true}""")).Json;
        Assert.Equal((1L, 2L), Of(told));
        Assert.Equal(1, told.GetProperty("difference").GetProperty("summary").GetProperty("changed").GetInt32());
        Assert.Equal(2, (await _session.GetAsync("")).Json.GetProperty("current").GetProperty("sequence").GetInt64());

        var made = (await _session.PostAsync(
            "/checkpoints/1/restore", """{"save":{"message":"mine","stateBase64":"AQID","tags":["kept"]}}""")).Json;
        var saved = made.GetProperty("saved");
        Assert.Equal((1L, 3L), Of(made));
        Assert.False(made.TryGetProperty("difference", out _));
        Assert.Equal(
            (3L, 2L, "application/octet-stream", "kept"),
            (saved.GetProperty("sequence").GetInt64(), saved.GetProperty("parent").GetInt64(), saved.GetProperty("contentType").GetString(),
                saved.GetProperty("tags")[0].GetString()));
        Assert.Equal([1, 2, 3], (await _session.GetAsync("/checkpoints/3/state")).Body);
        Assert.Equal(1, (await _session.GetAsync("")).Json.GetProperty("current").GetProperty("sequence").GetInt64());

        static (long, long) Of(System.Text.Json.JsonElement answer) => (
            answer.GetProperty("checkpoint").GetProperty("sequence").GetInt64(), answer.GetProperty("undo").GetProperty("sequence").GetInt64());
    }

    [Theory]
    [InlineData("""{"save":{"message":"m"}}""", "save.state")]
    [InlineData("""{"save":{"state":1}}""", "save.message")]
    [InlineData("""{"save":{"message":"m","state":1,"stateBase64":"AQ=="}}""", "save.state")]
    [InlineData("""{"save":{"message":"m","state":1,"parent":1}}""", "save.parent")]
    [InlineData("""{"save":{"message":"m","state":1,"tags":[""]}}""", "save.tags")]
    [InlineData("""{"dryRun":1}""", "dryRun")]
    public async Task Restore_BadBody_IsRefusedByField(string body, string field)
    {
        await _session.CreateAsync("one");
        (await _session.PostAsync("/checkpoints/1/restore", body)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
        Assert.Equal(1, (await _session.GetAsync("")).Json.GetProperty("lastPosition").GetInt64());
    }

    [Fact]
    public async Task Get_ParentThatWasDeleted_TellsTheNearestThatIsThere()
    {
        await _session.CreateAsync("one");
        await _session.CreateAsync("two");
        await _session.CreateAsync("three");
        await _session.DeleteAsync("/checkpoints/2");

        var three = (await _session.GetAsync("/checkpoints/3")).Json;

        Assert.Equal((2L, 1L), (three.GetProperty("parent").GetInt64(), three.GetProperty("keptParent").GetInt64()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await _session.GetAsync("/checkpoints/1")).Json.GetProperty("keptParent").ValueKind);
    }
}
