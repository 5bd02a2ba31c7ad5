using Forge.Cli.Hosting;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>Profiles: what is kept of them, who can read them, and to whom a key goes.</summary>
public sealed class LoginTests : IDisposable
{
    private readonly CommandLineRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Login_KeyOnStandardInput_IsKeptForItsOwnerAlone()
    {
        await using var silo = await StubSilo.StartAsync(_ => StubAnswer.Ok("""{"tenant":"acme","name":"ci","scopes":["read"],"ends":null}"""));
        _run.Input = "forge_secret\n"u8.ToArray();

        await _run.DoneAsync("login", "--url", silo.Url.ToString(), "--profile", "work");
        await _run.DoneAsync("tenant", "whoami");
        var listed = await _run.DoneAsync("login", "--list");

        Assert.Equal(["Bearer forge_secret", "Bearer forge_secret"], silo.Requests.Select(request => request.Authorization));
        Assert.DoesNotContain("forge_secret", listed, StringComparison.Ordinal);
        Assert.Contains("work", listed, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(ProfileFile));
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_run.ConfigurationFolder));
        }
    }

    [Fact]
    public async Task Call_ProfileWithAKey_GoesToNoOtherAddress()
    {
        await using var own = await StubSilo.StartAsync(_ => StubAnswer.Ok("""{"tenant":"acme"}"""));
        await using var other = await StubSilo.StartAsync(_ => StubAnswer.Ok("""{"tenant":"acme"}"""));
        await _run.DoneAsync("login", "--url", own.Url.ToString(), "--key", "forge_secret", "--no-check");

        await _run.DoneAsync("tenant", "whoami", "--url", other.Url.ToString());
        await _run.DoneAsync("tenant", "whoami", "--url", own.Url.ToString().TrimEnd('/'));

        Assert.Null(Assert.Single(other.Requests).Authorization);
        Assert.Equal("Bearer forge_secret", Assert.Single(own.Requests).Authorization);
    }

    [Fact]
    public async Task Call_EveryPlace_TheNearestIsTaken()
    {
        await using var silo = await StubSilo.StartAsync(_ => StubAnswer.Ok("""{"tenant":"acme"}"""));
        await _run.DoneAsync("login", "--url", silo.Url.ToString(), "--key", "of-profile", "--no-check", "--profile", "a");
        await _run.DoneAsync("login", "--url", silo.Url.ToString(), "--key", "of-other", "--no-check", "--profile", "b");

        await _run.DoneAsync("tenant", "whoami");
        await _run.DoneAsync("tenant", "whoami", "--profile", "a");
        await _run.DoneAsync("login", "--use", "a");
        await _run.DoneAsync("tenant", "whoami");
        _run.Variables["FORGE_KEY"] = "of-environment";
        await _run.DoneAsync("tenant", "whoami");
        await _run.DoneAsync("tenant", "whoami", "--key", "of-line");

        Assert.Equal(
            ["Bearer of-other", "Bearer of-profile", "Bearer of-profile", "Bearer of-environment", "Bearer of-line"],
            silo.Requests.Select(request => request.Authorization));
    }

    [Fact]
    public async Task Login_EverythingFromTheEnvironment_IsKept()
    {
        await using var silo = await StubSilo.StartAsync(_ => StubAnswer.Ok("""{"tenant":"acme","name":"ci"}"""));
        _run.Variables["FORGE_URL"] = silo.Url.ToString();
        _run.Variables["FORGE_KEY"] = "of-environment\n";
        _run.Variables["FORGE_PROFILE"] = "work";

        await _run.DoneAsync("login");
        _run.Variables.Clear();
        _run.Input = "another\n"u8.ToArray();
        await _run.DoneAsync("login", "--profile", "work");

        Assert.Equal(["Bearer of-environment", "Bearer another"], silo.Requests.Select(request => request.Authorization));
    }

    [Fact]
    public async Task Call_FileThatOthersCanRead_IsNotUsed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        await _run.DoneAsync("login", "--url", "http://127.0.0.1:1", "--key", "k", "--no-check");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(ProfileFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        }

        var result = await _run.RunAsync("session", "list");

        Assert.Equal(ExitCode.Refused, result.Code);
        Assert.Contains("chmod 600", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remove_Profile_IsGone()
    {
        await _run.DoneAsync("login", "--url", "http://127.0.0.1:1", "--no-key", "--no-check", "--profile", "a");
        await _run.DoneAsync("login", "--remove", "a");

        Assert.Equal(ExitCode.Usage, (await _run.RunAsync("login", "--remove", "a")).Code);
        Assert.Equal("", await _run.DoneAsync("login", "--list", "--json"));
    }

    [Fact]
    public async Task Read_BrokenFile_SaysWhichAndIsLeftAlone()
    {
        Directory.CreateDirectory(_run.ConfigurationFolder);
        await using (var file = new FileStream(ProfileFile, ModeOfOwner()))
        {
            file.Write("{"u8);
        }

        var result = await _run.RunAsync("login", "--url", "http://127.0.0.1:1", "--no-key", "--no-check");

        Assert.Equal(ExitCode.Usage, result.Code);
        Assert.Contains("is broken", result.Error, StringComparison.Ordinal);
        Assert.Equal("{", await File.ReadAllTextAsync(ProfileFile, TestContext.Current.CancellationToken));
    }

    private string ProfileFile => Path.Combine(_run.ConfigurationFolder, "profiles.json");

    private static FileStreamOptions ModeOfOwner()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
