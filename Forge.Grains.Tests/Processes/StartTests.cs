using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Forge.Grains.Tests.Processes;

/// <summary>What a person meets who starts the silo by hand.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task Start_Ready_SaysSoInOneLine()
    {
        await using var silo = await SiloProcess.StartAsync("--Forge:Database", "Memory");
        using var response = await silo.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        using var created = await silo.Client.PostAsync(
            "/v1/sessions/s/checkpoints?message=m", new ByteArrayContent([1]), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(0, await silo.StopAsync());
        var line = Assert.Single(silo.OwnLines);
        Assert.Contains(silo.Client.BaseAddress!.ToString().TrimEnd('/'), line, StringComparison.Ordinal);
        Assert.Contains("for trials", line, StringComparison.Ordinal);
        Assert.Contains("curl http", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Forge:SiloPort is 70000; it must be from 0 to 65535.", "--Forge:SiloPort", "70000")]
    [InlineData("Forge:SiloPort", "--Forge:SiloPort", "many")]
    [InlineData("Forge:Database", "--Forge:Database", "Oracle")]
    [InlineData("ConnectionStrings:Forge is empty", "--Forge:Database", "PostgreSql")]
    [InlineData("Forge:Limits:StateBytes is 0; it must be from 1 to 67108864.", "--Forge:Limits:StateBytes", "0")]
    [InlineData("Forge:Writer:CommandTimeout is 00:00:25; it must be from 00:00:01 to 00:00:20.", "--Forge:Writer:CommandTimeout", "00:00:25")]
    [InlineData("Forge:AdvertisedAddress", "--Forge:ListenAddress", "0.0.0.0")]
    public async Task Start_BadSetting_FailsWithOneSentence(string expected, params string[] settings) =>
        MustFail(expected, await SiloProcess.RunToEndAsync(["--urls", "http://127.0.0.1:0", .. settings]));

    [Fact]
    public async Task Start_SiloPortTaken_FailsWithOneSentence()
    {
        using var taken = Listen(out var port);
        MustFail($"Port {port} is in use", await SiloProcess.RunToEndAsync(
            "--urls", "http://127.0.0.1:0", "--Forge:Database", "Memory", "--Forge:GatewayPort", "0", "--Forge:SiloPort", $"{port}"));
    }

    [Fact]
    public async Task Start_HttpPortTaken_FailsWithOneSentence()
    {
        using var taken = Listen(out var port);
        MustFail("already in use", await SiloProcess.RunToEndAsync(
            "--urls", $"http://127.0.0.1:{port}", "--Forge:Database", "Memory", "--Forge:GatewayPort", "0", "--Forge:SiloPort", "0"));
    }

    private static void MustFail(string expected, (int ExitCode, string Output) run)
    {
        Assert.Equal(1, run.ExitCode);
        var line = Assert.Single(SiloProcess.OwnLinesOf(run.Output));
        Assert.StartsWith("Forge did not start: ", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
    }

    private static TcpListener Listen(out int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return listener;
    }
}
