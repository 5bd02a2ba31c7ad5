using System.Net;
using Forge.Cli.Hosting;
using Forge.Grains.Tests.Client;
using Forge.Grains.Tests.Security;
using Forge.Silo.Security.Callers;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>What admins are shown of what was done.</summary>
public sealed class AuditCommandTests
{
    [Fact]
    public async Task Audit_OfARealSilo_AnswersAsItsTranscriptSays()
    {
        await using var silo = await SecuredSilo.StartAsync();
        using var run = CommandLineRun.For(silo.Root);
        run.Variables["FORGE_KEY"] = (await silo.KeyAsync("default", GivenScopes.Admin)).Text;

        await TranscriptTests.CompareAsync("CommandLine/Golden/audit.txt", run);

        Assert.Equal(3, CliSchema.Check("auditEntry", await run.DoneAsync("audit", "--json")));
        run.Variables["FORGE_KEY"] = (await silo.KeyAsync("default", GivenScopes.Write)).Text;
        Assert.Equal(ExitCode.Refused, (await run.RunAsync("audit")).Code);
    }

    [Fact]
    public async Task Audit_FollowedWhileTheSiloIsAway_TellsEveryEntryOnce()
    {
        var asked = 0;
        await using var silo = await StubSilo.StartAsync(request => ++asked switch
        {
            1 => Page(2, 1, 2),
            2 => Page(2),
            3 or 4 => StubAnswer.Problem(HttpStatusCode.ServiceUnavailable, "unavailable"),
            5 => Page(3, 3),
            _ => throw new InvalidOperationException(request.Path),
        });
        using var run = CommandLineRun.For(silo.Url);
        var time = new DrivenTime();
        run.Time = time;

        var result = await time.DriveAsync(run.RunAsync("audit", "--follow", "--limit", "3", "--wait", "0", "--after", "0", "--json"));

        Assert.Equal(ExitCode.Done, result.Code);
        Assert.Equal([Entry(1), Entry(2), Entry(3)], result.Text.TrimEnd('\n').Split('\n'));
        Assert.Equal(["0", "2", "2", "2", "2"], silo.Requests.Select(request => request.Path.Split("after=")[1].Split('&')[0]));
        Assert.StartsWith("The silo went away (", Assert.Single(result.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_FollowedWhereNoSiloIs_EndsAtOnce()
    {
        await using var silo = await StubSilo.StartAsync(_ => StubAnswer.Problem(HttpStatusCode.ServiceUnavailable, "unavailable"));
        using var run = CommandLineRun.For(silo.Url);

        var result = await run.RunAsync("audit", "--follow", "--wait", "0");

        Assert.Equal((ExitCode.Unavailable, ""), (result.Code, result.Text));
        Assert.Single(silo.Requests);
    }

    [Fact]
    public async Task Audit_WithHostileText_IsShownHarmless()
    {
        const string Hostile = """{"position":1,"at":"2026-01-01T00:00:00Z","act":"session_deleted","who":"jwt:\u001b[2J","target":"session:\u202es","outcome":"done","detail":"\u0007"}""";
        await using var silo = await StubSilo.StartAsync(request => StubAnswer.Ok(
            request.Path.Contains("after=0", StringComparison.Ordinal) ? $$"""{"items":[{{Hostile}}],"next":1}""" : """{"items":[],"next":1}"""));
        using var run = CommandLineRun.For(silo.Url);

        var shown = await run.DoneAsync("audit") + await run.DoneAsync("audit", "--follow", "--limit", "1") + await run.DoneAsync("audit", "--json");

        Assert.DoesNotContain(shown, character => character != '\n' && (char.IsControl(character) || character == '\u202e'));
    }

    private static StubAnswer Page(long next, params long[] positions) =>
        StubAnswer.Ok($$"""{"items":[{{string.Join(',', positions.Select(Entry))}}],"next":{{next}}}""");

    private static string Entry(long position) =>
        $$"""{"position":{{position}},"at":"2026-01-01T00:00:00Z","act":"session_deleted","who":"host","target":"session:s","outcome":"done"}""";
}
