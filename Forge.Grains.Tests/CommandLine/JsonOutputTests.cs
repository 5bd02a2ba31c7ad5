using Forge.Cli.Hosting;
using Forge.Grains.Tests.Http;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>Every command with <c>--json</c> against a real silo: each line of its output is a document of the schema.</summary>
[Collection(HttpTests.Name)]
public sealed class JsonOutputTests : IDisposable
{
    private readonly string _session = $"json-{Guid.NewGuid():N}";
    private readonly CommandLineRun _run;
    private readonly TemporaryFolder _folder = new();

    public JsonOutputTests(SiloServer server) => _run = CommandLineRun.For(server.Client.BaseAddress!);

    public void Dispose()
    {
        _run.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Commands_OfCheckpoints_WriteWhatTheSchemaSays()
    {
        await CheckAsync("checkpoint", "checkpoint", "create", _session, "-m", "one", "-s", """{"a":1}""", "-t", "kept");
        await CheckAsync("checkpoint", "checkpoint", "create", _session, "-m", "two", "-s", """{"a":2}""", "--requires", "1");
        await CheckAsync("checkpoint", "checkpoint", "create", _session, "-m", "bytes", "-s", "text", "--content-type", "text/plain");
        Assert.Equal(3, await CheckAsync("checkpoint", "checkpoint", "list", _session));
        await CheckAsync("checkpoint", "checkpoint", "show", _session);
        await CheckAsync("checkpoint", "checkpoint", "show", _session, "1");
        await CheckAsync("checkpoint", "checkpoint", "at", _session, "2100-01-01T00:00:00Z");
        await CheckAsync("checkpoint", "checkpoint", "tag", _session, "1", "kept", "more");
        await CheckAsync("annotation", "checkpoint", "annotate", _session, "1", "a note");
        await CheckAsync("difference", "checkpoint", "diff", _session, "1", "2");
        await CheckAsync("difference", "checkpoint", "diff", _session, "1", "3");
        await CheckAsync("patch", "checkpoint", "diff", _session, "1", "2", "--patch");
        await CheckAsync("restore", "checkpoint", "restore", _session, "1", "--dry-run");
        await CheckAsync("restore", "checkpoint", "restore", _session, "1", "--save-state", "9");
        await CheckAsync("checkpointWouldGo", "checkpoint", "delete", _session, "3", "--dry-run");
        await CheckAsync("deleted", "checkpoint", "delete", _session, "3");
        await CheckAsync("found", "search", "--tag", "more", "--session", _session);
    }

    [Fact]
    public async Task Commands_OfSessions_WriteWhatTheSchemaSays()
    {
        var document = Path.Combine(_folder.Path, "document.ndjson");
        await _run.DoneAsync("checkpoint", "create", _session, "-m", "one", "-s", "1");
        await _run.DoneAsync("checkpoint", "create", _session, "-m", "two", "-s", "2");
        Assert.Equal(1, await CheckAsync("session", "session", "list", "--prefix", _session));
        await CheckAsync("session", "session", "info", _session);
        await CheckAsync("claim", "session", "claim", _session, "--owner", "me", "--lease", "5m");
        await CheckAsync("claim", "session", "claim", _session);
        await CheckAsync("claim", "session", "claim", _session, "--renew", "--epoch", "1", "--lease", "10m");
        await CheckAsync("released", "session", "claim", _session, "--release", "--epoch", "1");
        await CheckAsync("branches", "session", "branches", _session);
        Assert.Equal(4, await CheckAsync("timelineEntry", "session", "timeline", _session));
        await CheckAsync("fork", "session", "fork", _session, "1", $"{_session}-fork", "--dry-run");
        await CheckAsync("fork", "session", "fork", _session, "1", $"{_session}-fork");
        await _run.DoneAsync("session", "export", _session, "-o", document);
        await CheckAsync("import", "session", "import", $"{_session}-copy", document);
        await CheckAsync("verify", "session", "verify", _session);
        await CheckAsync("compact", "session", "compact", _session, "--keep-recent", "1", "--dry-run");
        await CheckAsync("compact", "session", "compact", _session, "--keep-recent", "1");
        await CheckAsync("wouldGo", "session", "clear", _session, "--dry-run");
        await CheckAsync("clear", "session", "clear", _session);
        await CheckAsync("wouldGo", "session", "delete", _session, "--dry-run");
        await CheckAsync("deleted", "session", "delete", _session);
        await CheckAsync("revive", "session", "revive", _session);
        Assert.Equal(2, await CheckAsync("event", "watch", $"{_session}-copy", "--all", "--count", "2"));
        Assert.Equal(1, await CheckAsync("feedEvent", "watch", "--prefix", $"{_session}-copy", "--all", "--count", "1"));
    }

    [Fact]
    public async Task Commands_OfEverythingElse_WriteWhatTheSchemaSays()
    {
        var document = Path.Combine(_folder.Path, "document.ndjson");
        await _run.DoneAsync("checkpoint", "create", _session, "-m", "one", "-s", "1");
        await _run.DoneAsync("tenant", "export", "--prefix", _session, "-o", document);
        await CheckAsync("tenantImport", "tenant", "import", document);
        Assert.True(await CheckAsync("verifiedSession", "tenant", "verify") > 1);
        var recording = Path.Combine(_folder.Path, "run.json");
        await CheckAsync("sample", "replay", recording, "--make-sample", "3");
        await CheckAsync("replay", "replay", recording, "--session", $"{_session}-replay");
        await CheckAsync("profile", "login", "--url", "http://127.0.0.1:1", "--no-key", "--no-check");
        await CheckAsync("profile", "login", "--use", "default");
        await CheckAsync("profile", "login", "--list");
        await CheckAsync("removed", "login", "--remove", "default");
    }

    [Fact]
    public async Task Effects_ListedShownAndResolved_WriteWhatTheSchemaSays()
    {
        var http = new SessionHttp(new HttpClient { BaseAddress = new Uri(_run.Variables["FORGE_URL"]) }, _session);
        await http.PostAsync("/effects/mail-1/begin", """{"class":"write","request":"to: a"}""");
        await http.PostAsync("/effects/mail-1/fail", """{"epoch":1,"reason":"no such address"}""");

        Assert.Equal(1, await CheckAsync("effect", "session", "effects", _session));
        Assert.Contains("  ⚙ effect mail-1 (write, run 1) failed: no such address  ", await _run.DoneAsync("session", "timeline", _session), StringComparison.Ordinal);
        await CheckAsync("effect", "session", "effects", _session, "mail-1");
        await CheckAsync("effect", "session", "effects", _session, "mail-1", "--resolve", "retry", "--by", "me", "--why", "address mended");
        Assert.Equal(ExitCode.Usage, (await _run.RunAsync("session", "effects", _session, "mail-1", "--resolve", "retry")).Code);
        Assert.Equal(ExitCode.NotFound, (await _run.RunAsync("session", "effects", _session, "mail-2")).Code);
        Assert.Contains("mail-1  write  retry", await _run.DoneAsync("session", "effects", _session), StringComparison.Ordinal);
    }

    /// <summary>Runs a command and answers how many documents it wrote.</summary>
    private async Task<int> CheckAsync(string definition, params string[] command) =>
        CliSchema.Check(definition, await _run.DoneAsync([.. command, "--json"]));
}
