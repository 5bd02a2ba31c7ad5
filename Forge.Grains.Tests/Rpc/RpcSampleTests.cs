using System.Diagnostics;
using System.Globalization;

namespace Forge.Grains.Tests.Rpc;

/// <summary>The sample in JavaScript, run by Node.</summary>
public sealed class RpcSampleTests
{
    /// <summary>The first version that has a WebSocket.</summary>
    private const int First = 20;

    /// <summary>The first that has it without being asked.</summary>
    private const int Plain = 22;

    [Fact]
    public async Task Sample_RunByNode_CallsTheSilo()
    {
        if (await RunAsync("--version") is not ['v', .. var version]
            || int.Parse(version.Split('.')[0], CultureInfo.InvariantCulture) is not (>= First and var major))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", $"Node {First} or later is not installed.");
            Assert.Fail($"Node {First} or later is not installed, and CI has to run this.");
            return;
        }

        await using var host = await RpcHost.StartAsync();
        string[] flags = major < Plain ? ["--no-warnings", "--experimental-websocket"] : [];

        var told = await RunAsync(
            [.. flags, Path.Combine(AppContext.BaseDirectory, "samples", "rpc", "forge-rpc.mjs"), $"ws://{host.Root.Authority}/v1/rpc"]);

        Assert.Equal("""{"sequence":1,"state":{"step":1},"refused":"checkpoint_not_found"}""", told);
    }

    /// <summary>What Node wrote; null if there is no Node.</summary>
    private static async Task<string?> RunAsync(params string[] arguments)
    {
        Process? process;
        try
        {
            process = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // It is not on the path.
            return null;
        }

        using (process!)
        {
            var error = process!.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, await error);
            return output.Trim();
        }
    }
}
