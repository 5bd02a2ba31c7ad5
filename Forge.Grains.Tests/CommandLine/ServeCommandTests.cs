using System.Net;
using Forge.Cli.Hosting;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>A silo that <c>forge serve</c> runs.</summary>
public sealed class ServeCommandTests
{
    [Fact]
    public async Task Serve_UntilItIsStopped_AnswersAndEndsInOrder()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        using var serving = new CommandLineRun();
        int port;
        using (var reserved = Grains.Hosting.PortReservation.Take(IPAddress.Loopback))
        {
            port = reserved.Port;
        }

        var url = $"http://127.0.0.1:{port}";
        var silo = serving.RunAsync(
            [
                "serve", "--listen", url, "--data", folder.Path, "--", "--Forge:SiloPort", "0", "--Forge:GatewayPort", "0", "--Logging:LogLevel:Default", "None",
                "--Logging:LogLevel:Forge", "None",
            ],
            stop.Token);
        using var run = CommandLineRun.For(new Uri(url));

        // It is waited for as any silo that is not there yet.
        Assert.Equal("Saved #1 on main (1 B).\n", await run.DoneAsync("checkpoint", "create", "s", "-m", "one", "-s", "1", "--wait", "120"));
        Assert.False(silo.IsCompleted);
        await stop.CancelAsync();

        Assert.Equal(ExitCode.Done, (await silo).Code);
        Assert.NotEmpty(Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public async Task Serve_SettingThatIsNone_SaysWhy()
    {
        using var run = new CommandLineRun();

        var result = await run.RunAsync("serve", "--listen", "http://127.0.0.1:0", "--", "--Forge:Database", "Oracle");

        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains("The silo did not start", result.Error, StringComparison.Ordinal);
        Assert.Contains("Forge:Database", result.Error, StringComparison.Ordinal);
    }
}
