using System.Net;
using System.Text;
using Xunit;

namespace Forge.Grains.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class BatchTests(SiloServer server)
{
    private const string Ndjson = "application/x-ndjson";
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task Batch_Lines_BecomeConsecutiveCheckpoints()
    {
        var answer = await PostAsync("{\"message\":\"a\",\"state\": 1 }\r\n\n{\"message\":\"b\",\"state\":\"x\"}");

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal([1, 2], answer.Json.GetProperty("items").EnumerateArray()
            .Select(item => item.GetProperty("checkpoint").GetProperty("sequence").GetInt64()));
        Assert.Equal("1", (await _session.GetAsync("/checkpoints/1/state")).Text);
        Assert.Equal("\"x\"", (await _session.GetAsync("/checkpoints/2/state")).Text);
    }

    [Fact]
    public async Task Batch_SameKeyAgain_TakesEffectOnce()
    {
        var lines = "{\"message\":\"a\",\"state\":1}\n{\"message\":\"a\",\"state\":1}\n";
        var first = await PostAsync(lines, ("Idempotency-Key", "k"));
        var second = await PostAsync(lines, ("Idempotency-Key", "k"));

        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal(HttpStatusCode.OK, second.Status);
        Assert.All(second.Json.GetProperty("items").EnumerateArray(), item => Assert.True(item.GetProperty("repeated").GetBoolean()));
        Assert.Equal(2, (await _session.GetAsync("")).Json.GetProperty("count").GetInt64());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(2)]
    public async Task Batch_SameKeyWithAnotherNumberOfLines_IsRefused(int lines)
    {
        await PostAsync(Lines(3), ("Idempotency-Key", "k"));

        (await PostAsync(Lines(lines), ("Idempotency-Key", "k"))).MustRefuse(HttpStatusCode.Conflict, "request_conflict");

        Assert.Equal(3, await CountAsync());
    }

    [Fact]
    public async Task Batch_KeysThatLookLikeItsLines_AreOtherRequests()
    {
        const string one = "{\"message\":\"a\",\"state\":1}";
        await PostAsync(Lines(2), ("Idempotency-Key", "k"));
        foreach (var key in new[] { "k", "k/0", "k/1", "first/k", "line/2/1/k" })
        {
            var single = await _session.PostAsync("/checkpoints", one, ("Idempotency-Key", key));
            Assert.Equal(HttpStatusCode.Created, single.Status);
        }

        Assert.Equal(HttpStatusCode.OK, (await PostAsync(Lines(2), ("Idempotency-Key", "k"))).Status);
        Assert.Equal(7, await CountAsync());
    }

    [Fact]
    public async Task Batch_ParentsInItAndRoots_AreTaken()
    {
        Guid[] ids = [Guid.NewGuid(), Guid.NewGuid()];
        var answer = await PostAsync(
            $$"""
            {"message":"a","state":1,"id":"{{ids[0]}}"}
            {"message":"b","state":1,"id":"{{ids[1]}}","parent":"none"}
            {"message":"c","state":1,"parent":"{{ids[0]}}"}
            """);

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(["", "", "1"], answer.Json.GetProperty("items").EnumerateArray()
            .Select(item => item.GetProperty("checkpoint").GetProperty("parent").ToString()));
    }

    [Fact]
    public async Task Batch_ParentBehindIt_IsNamedByItsLineAndNothingIsTaken()
    {
        var id = Guid.NewGuid();
        var answer = await PostAsync(
            $$"""
            {"message":"a","state":1}
            {"message":"b","state":1,"parent":"{{id}}"}
            {"message":"c","state":1,"id":"{{id}}"}
            """);

        answer.MustRefuse(HttpStatusCode.NotFound, "checkpoint_not_found", "checkpoints[1].parent");
        Assert.Equal($"{id}", answer.Json.GetProperty("checkpoint").GetString());
        (await _session.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
    }

    [Theory]
    [InlineData("{\"message\":\"a\",\"state\":1}\n{\"message\":\"b\",\"state\":1,\"x\":1}", "checkpoints[1].x")]
    [InlineData("{\"message\":\"a\",\"state\":1}\n{\"message\":", "checkpoints[1]")]
    [InlineData("{\"message\":\"a\"}", "checkpoints[0].state")]
    [InlineData(" \n", "checkpoints")]
    public async Task Batch_BadLine_IsNamedAndNothingIsTaken(string lines, string field)
    {
        (await PostAsync(lines)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
        (await _session.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
    }

    [Fact]
    public async Task Batch_TooManyLines_IsRefusedWithTheLimit()
    {
        var answer = await PostAsync(string.Concat(Enumerable.Repeat("{\"message\":\"a\",\"state\":1}\n", 1001)));

        answer.MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded", "checkpoints");
        Assert.Equal(1000, answer.Json.GetProperty("limit").GetInt64());
        Assert.Equal("records", answer.Json.GetProperty("unit").GetString());
    }

    [Fact]
    public async Task Batch_TooManyLines_IsRefusedBeforeAnyIsRead()
    {
        var answer = await PostAsync(string.Concat(Enumerable.Repeat("{\n \n", 1001)));

        answer.MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded", "checkpoints");
        Assert.Equal(1001, answer.Json.GetProperty("actual").GetInt64());
    }

    private static string Lines(int count) => string.Concat(Enumerable.Repeat("{\"message\":\"a\",\"state\":1}\n", count));

    private async Task<long> CountAsync() => (await _session.GetAsync("")).Json.GetProperty("count").GetInt64();

    [Theory]
    [InlineData("{\"message\":\"\\u0000\",\"state\":1}", "checkpoints[1].message")]
    [InlineData("{\"message\":\"m\",\"state\":1,\"tags\":[\"\"]}", "checkpoints[1].tags")]
    [InlineData("{\"message\":\"m\",\"state\":1,\"contentType\":\"\\n\"}", "checkpoints[1].contentType")]
    [InlineData("{\"message\":\"m\",\"state\":1,\"expectedHead\":-1}", "checkpoints[1].expectedHead")]
    [InlineData("{\"message\":\"m\",\"state\":1,\"parent\":\"root\"}", "checkpoints[1].parent")]
    public async Task Batch_BadValue_IsRefusedByItsLineAndChangesNothing(string line, string field)
    {
        (await PostAsync("{\"message\":\"a\",\"state\":1}\n" + line)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
        (await _session.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
    }

    private Task<HttpAnswer> PostAsync(string lines, params (string, string)[] headers) =>
        _session.PostAsync("/checkpoints/batch", Encoding.UTF8.GetBytes(lines), Ndjson, headers);
}
