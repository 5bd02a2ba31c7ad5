using System.Net;
using Forge.Client;
using Forge.Errors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Forge.Grains.Tests.Processes;

/// <summary>A backup, the loss of the database, and the backup put back: whoever was told more than it holds is told so.</summary>
public sealed class PutBackTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PutBack_OfAnOlderCopy_ClientSaysThatTheHistoryWasRewritten()
    {
        using var folder = new TemporaryFolder();
        var (data, copy) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, "copy"));
        await using var silo = await SiloProcess.StartAsync("--Forge:Data", data);
        using var host = await ConnectAsync(silo);
        var forge = host.Services.GetRequiredService<IForgeClient>();
        var (session, other) = (forge.Session("s"), forge.Session("other"));
        await session.CheckpointAsync(1, "before the backup", cancellationToken: Cancel);
        await other.CheckpointAsync(1, "before the backup", cancellationToken: Cancel);
        await silo.StopAsync();
        Copy(data, copy);
        await silo.StartAgainAsync();
        await session.CheckpointAsync(2, "after the backup", cancellationToken: Cancel);
        await silo.StopAsync();
        Directory.Delete(data, recursive: true);
        Copy(copy, data);
        await silo.StartAgainAsync();

        var read = await Assert.ThrowsAsync<HistoryRewrittenException>(() => session.LatestAsync<int>(cancellationToken: Cancel));
        await Assert.ThrowsAsync<HistoryRewrittenException>(() => session.CheckpointAsync(3, "m", cancellationToken: Cancel));

        Assert.Equal((session.Address, 2L), (read.Session, read.Position));
        Assert.Equal(2, (await other.CheckpointAsync(2, "of nothing that went", cancellationToken: Cancel)).Checkpoint!.Sequence);
        session.ForgetAnchor();
        Assert.Equal(1, (await session.LatestAsync<int>(cancellationToken: Cancel))!.State);
        Assert.Equal(2, (await session.CheckpointAsync(3, "accepted", cancellationToken: Cancel)).Checkpoint!.Sequence);
        await host.StopAsync(Cancel);
    }

    private static async Task<IHost> ConnectAsync(SiloProcess silo)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddForgeClient(options => options.Gateways.Add(new IPEndPoint(IPAddress.Loopback, silo.GatewayPort).ToString()));
        var host = builder.Build();
        await host.StartAsync(Cancel);
        return host;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
