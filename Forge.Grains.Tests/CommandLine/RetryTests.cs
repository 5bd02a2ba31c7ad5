using System.Net;
using Forge.Cli.Hosting;
using Forge.Grains.Tests.Client;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>What is sent again, and under which key.</summary>
public sealed class RetryTests
{
    private const string Created =
        """{"id":"0198b1f2-0000-7000-8000-000000000000","sequence":1,"createdAt":"2026-01-01T00:00:00Z","branch":"main","message":"m","tags":[],"trigger":"manual","contentType":"application/json","size":1,"checksum":"00"}""";

    [Fact]
    public async Task Create_BusyThenAnswerLost_IsSentAgainUnderTheSameKey()
    {
        var attempts = 0;
        await using var silo = await StubSilo.StartAsync(_ => ++attempts switch
        {
            1 => StubAnswer.Problem(HttpStatusCode.ServiceUnavailable, "unavailable"),
            2 => StubAnswer.Problem(HttpStatusCode.ServiceUnavailable, "outcome_unknown"),
            3 => StubAnswer.BrokenOff,
            _ => new StubAnswer(HttpStatusCode.Created, Created),
        });
        using var run = CommandLineRun.For(silo.Url);
        var time = new DrivenTime();
        run.Time = time;

        var result = await time.DriveAsync(run.RunAsync("checkpoint", "create", "s", "-m", "m", "-s", "1"));

        Assert.Equal(ExitCode.Done, result.Code);
        Assert.Equal(4, silo.Requests.Count);
        Assert.NotEmpty(Assert.Single(silo.Requests.Select(request => request.IdempotencyKey).Distinct())!);
    }

    [Fact]
    public async Task Create_AnswersLostForTooLong_TellsTheKeyThatFindsOut()
    {
        await using var silo = await StubSilo.StartAsync(_ => StubAnswer.BrokenOff);
        using var run = CommandLineRun.For(silo.Url);
        var time = new DrivenTime();
        run.Time = time;

        var result = await time.DriveAsync(run.RunAsync("checkpoint", "create", "s", "-m", "m", "-s", "1", "--wait", "1"));

        Assert.Equal(ExitCode.OutcomeUnknown, result.Code);
        Assert.True(silo.Requests.Count > 1);
        Assert.Contains($"--idempotency-key {silo.Requests.First().IdempotencyKey}", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_AllThatTheTenantMayHave_IsRefusedAtOnce()
    {
        await using var silo = await StubSilo.StartAsync(_ => new StubAnswer(
            HttpStatusCode.TooManyRequests, """{"status":429,"code":"quota_exceeded","detail":"why not","quota":"sessions","limit":2,"used":2}"""));
        using var run = CommandLineRun.For(silo.Url);

        var result = await run.RunAsync("checkpoint", "create", "s", "-m", "m", "-s", "1");

        Assert.Equal(ExitCode.Refused, result.Code);
        Assert.Single(silo.Requests);
    }

    [Fact]
    public async Task Create_GivenKey_IsTheOneThatIsSent()
    {
        await using var silo = await StubSilo.StartAsync(_ => new StubAnswer(HttpStatusCode.Created, Created));
        using var run = CommandLineRun.For(silo.Url);

        await run.DoneAsync("checkpoint", "create", "s", "-m", "m", "-s", "1", "--idempotency-key", "mine");
        await run.DoneAsync("checkpoint", "create", "s", "-m", "m", "-s", "1", "--id", "0198b1f2-0000-7000-8000-000000000000");

        Assert.Equal(["mine", null], silo.Requests.Select(request => request.IdempotencyKey));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Create_AnswerLostThenNothingListens_TellsTheKeyThatFindsOut(bool json)
    {
        using var run = CommandLineRun.For(new Uri("http://127.0.0.1:1"));
        var keys = new List<string>();
        run.Connect = () => new FailingHandler(request =>
        {
            keys.Add(request.Headers.GetValues("Idempotency-Key").Single());
            return keys.Count == 1 ? new HttpRequestException(HttpRequestError.ResponseEnded) : new HttpRequestException(HttpRequestError.ConnectionError);
        });
        var time = new DrivenTime();
        run.Time = time;

        var result = await time.DriveAsync(run.RunAsync(["checkpoint", "create", "s", "-m", "m", "-s", "1", .. json ? new[] { "--json" } : []]));

        Assert.Equal(ExitCode.OutcomeUnknown, result.Code);
        Assert.True(keys.Count > 2);
        Assert.Contains(json ? $"\"idempotencyKey\":\"{keys[0]}\"" : $"--idempotency-key {keys[0]}", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_Unconnected_NothingListens()
    {
        using var run = CommandLineRun.For(new Uri("http://127.0.0.1:1"));
        run.Connect = () => new FailingHandler(_ => new TaskCanceledException("too long", new TimeoutException()));

        var result = await run.RunAsync("checkpoint", "create", "s", "-m", "m", "-s", "1");
        var watched = await run.RunAsync("watch", "s", "--all");

        Assert.Equal((ExitCode.Unavailable, ExitCode.Unavailable), (result.Code, watched.Code));
        Assert.Contains("No silo answers", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_InterruptedOnTheWay_TellsTheKeyThatFindsOut()
    {
        using var stop = new CancellationTokenSource();
        using var run = CommandLineRun.For(new Uri("http://127.0.0.1:1"));
        run.Connect = () => new FailingHandler(_ =>
        {
            stop.Cancel();
            return new OperationCanceledException(stop.Token);
        });

        var result = await run.RunAsync(["checkpoint", "create", "s", "-m", "m", "-s", "1", "--idempotency-key", "my key"], stop.Token);

        Assert.Equal(ExitCode.Interrupted, result.Code);
        Assert.Contains("--idempotency-key 'my key'", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadGateway)]
    [InlineData(HttpStatusCode.GatewayTimeout)]
    public async Task Create_GatewayGivesUp_IsSentAgainAndTheOutcomeStaysUnknown(HttpStatusCode status)
    {
        var attempts = 0;
        await using var silo = await StubSilo.StartAsync(_ => ++attempts < 3 ? new StubAnswer(status, "<html>") : StubAnswer.Problem(HttpStatusCode.Unauthorized, "unauthenticated"));
        using var run = CommandLineRun.For(silo.Url);
        var time = new DrivenTime();
        run.Time = time;

        var result = await time.DriveAsync(run.RunAsync("checkpoint", "create", "s", "-m", "m", "-s", "1"));

        Assert.Equal((ExitCode.OutcomeUnknown, 3), (result.Code, attempts));
    }

    [Fact]
    public async Task Create_OwnIdAndAnswerLost_IsSentAgain()
    {
        var attempts = 0;
        await using var silo = await StubSilo.StartAsync(_ => ++attempts == 1 ? StubAnswer.BrokenOff : new StubAnswer(HttpStatusCode.Created, Created));
        using var run = CommandLineRun.For(silo.Url);
        var time = new DrivenTime();
        run.Time = time;

        var result = await time.DriveAsync(run.RunAsync("checkpoint", "create", "s", "-m", "m", "-s", "1", "--id", "0198b1f2-0000-7000-8000-000000000000"));

        Assert.Equal((ExitCode.Done, 2), (result.Code, attempts));
    }

    [Fact]
    public async Task Import_BrokenOff_IsNotSentAgain()
    {
        await using var silo = await StubSilo.StartAsync(_ => StubAnswer.BrokenOff);
        using var run = CommandLineRun.For(silo.Url);
        run.Input = "{}"u8.ToArray();

        var result = await run.RunAsync("session", "import", "s");

        Assert.Equal((ExitCode.OutcomeUnknown, 1), (result.Code, silo.Requests.Count));
    }

    private sealed class FailingHandler(Func<HttpRequestMessage, Exception> fail) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromException<HttpResponseMessage>(fail(request));
    }
}
