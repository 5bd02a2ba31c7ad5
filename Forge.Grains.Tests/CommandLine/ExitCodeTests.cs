using System.Net;
using Forge.Cli.Hosting;
using Forge.Grains.Tests.Http;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>What the program ends with, by which scripts go.</summary>
[Collection(HttpTests.Name)]
public sealed class ExitCodeTests(SiloServer server)
{
    private readonly string _session = $"exit-{Guid.NewGuid():N}";

    [Fact]
    public async Task RunAsync_OfARealSilo_EndsWithTheNumberOfTheError()
    {
        using var run = CommandLineRun.For(server.Client.BaseAddress!);
        await run.DoneAsync("checkpoint", "create", _session, "-m", "one", "-s", "1");

        Assert.Equal(ExitCode.Usage, (await run.RunAsync("checkpoint", "list")).Code);
        Assert.Equal(ExitCode.Usage, (await run.RunAsync("checkpoint", "list", _session, "--limit", "x")).Code);
        Assert.Equal(ExitCode.Usage, (await run.RunAsync("checkpoint", "list", _session, "--order", "upwards")).Code);
        Assert.Equal(ExitCode.Usage, (await run.RunAsync("checkpoint", "list", _session, "--from", "yesterday")).Code);
        Assert.Equal(ExitCode.Usage, (await run.RunAsync("session", "list", "--url", "ftp://x")).Code);
        Assert.Equal(ExitCode.Usage, (await run.RunAsync("session", "list", "--profile", "none")).Code);
        Assert.Equal(ExitCode.NotFound, (await run.RunAsync("checkpoint", "show", _session, "7")).Code);
        Assert.Equal(ExitCode.Conflict, (await run.RunAsync("checkpoint", "create", _session, "-m", "two", "-s", "2", "--expected-head", "9")).Code);
        Assert.Equal(ExitCode.NotTaken, (await run.RunAsync("checkpoint", "create", _session, "-m", new string('x', 5_000), "-s", "2")).Code);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, "unauthenticated", 5, "forge login")]
    [InlineData(HttpStatusCode.Forbidden, "forbidden", 5, "whoami")]
    [InlineData(HttpStatusCode.TooManyRequests, "busy", 6, "--wait")]
    [InlineData(HttpStatusCode.ServiceUnavailable, "unavailable", 6, "--wait")]
    [InlineData(HttpStatusCode.ServiceUnavailable, "outcome_unknown", 9, "--idempotency-key")]
    [InlineData(HttpStatusCode.InternalServerError, "state_corrupted", 1, "session verify")]
    [InlineData(HttpStatusCode.Gone, "session_deleted", 3, "revive")]
    [InlineData(HttpStatusCode.UnprocessableEntity, "import_rejected", 8, "")]
    public async Task RunAsync_RefusedCall_EndsWithItsNumberAndSaysWhatToDo(HttpStatusCode status, string code, int exit, string advice)
    {
        await using var silo = await StubSilo.StartAsync(request => StubAnswer.Problem(status, code));
        using var run = CommandLineRun.For(silo.Url);

        var result = await run.RunAsync("session", "info", "any", "--wait", "0");
        var asJson = await run.RunAsync("session", "info", "any", "--wait", "0", "--json");

        Assert.Equal((exit, ""), ((int)result.Code, result.Text));
        Assert.Contains($"({code})", result.Error, StringComparison.Ordinal);
        Assert.Contains(advice, result.Error, StringComparison.Ordinal);
        Assert.Equal(code, System.Text.Json.JsonDocument.Parse(asJson.Error).RootElement.GetProperty("code").GetString());
    }

    [Fact]
    public async Task RunAsync_NoSilo_SaysHowToStartOne()
    {
        using var port = Grains.Hosting.PortReservation.Take(IPAddress.Loopback);
        using var run = CommandLineRun.For(new Uri($"http://127.0.0.1:{port.Port}"));

        var result = await run.RunAsync("session", "list");

        Assert.Equal(ExitCode.Unavailable, result.Code);
        Assert.Contains("forge serve", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_SomethingElseThanASilo_SaysSo()
    {
        await using var silo = await StubSilo.StartAsync(_ => new StubAnswer(HttpStatusCode.OK, "<html>"));
        using var run = CommandLineRun.For(silo.Url);

        var result = await run.RunAsync("session", "list");

        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains("no silo of Forge", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_Interrupted_EndsAsShellsExpect()
    {
        using var run = CommandLineRun.For(server.Client.BaseAddress!);
        using var stop = new CancellationTokenSource();
        await using var output = new WatchedOutput(_ => stop.Cancel());
        run.Output = output;
        await run.DoneAsync("checkpoint", "create", _session, "-m", "one", "-s", "1", "--json");
        using var again = CommandLineRun.For(server.Client.BaseAddress!);
        again.Output = output;

        var result = await again.RunAsync(["watch", _session, "--all"], stop.Token);

        Assert.Equal(ExitCode.Interrupted, result.Code);
    }

    [Fact]
    public async Task RunAsync_ReaderGoesAway_EndsWithoutAWord()
    {
        using var run = CommandLineRun.For(server.Client.BaseAddress!);
        await run.DoneAsync("checkpoint", "create", _session, "-m", "one", "-s", "1");
        await using var closed = new WatchedOutput(_ => throw new IOException("Broken pipe", OperatingSystem.IsWindows() ? unchecked((int)0x8007006D) : 32));
        run.Output = closed;

        var result = await run.RunAsync("checkpoint", "list", _session);

        Assert.Equal((ExitCode.OutputClosed, ""), (result.Code, result.Error));
    }

    [Fact]
    public async Task RunAsync_DiskIsFull_SaysSo()
    {
        const int NoSpace = 28;
        using var run = CommandLineRun.For(server.Client.BaseAddress!);
        await run.DoneAsync("checkpoint", "create", _session, "-m", "one", "-s", "1");
        await using var full = new WatchedOutput(_ => throw new IOException("No space left on device", NoSpace));
        run.Output = full;

        var result = await run.RunAsync("checkpoint", "list", _session);

        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains("No space left", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"items":{}}""")]
    [InlineData("""{"items":[1]}""")]
    [InlineData("""{"items":[{"session":7}]}""")]
    public async Task RunAsync_JsonOfAnotherShape_IsNoSilo(string json)
    {
        await using var silo = await StubSilo.StartAsync(_ => StubAnswer.Ok(json));
        using var run = CommandLineRun.For(silo.Url);

        var result = await run.RunAsync("session", "list");

        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains("no silo of Forge", result.Error, StringComparison.Ordinal);
    }
}
