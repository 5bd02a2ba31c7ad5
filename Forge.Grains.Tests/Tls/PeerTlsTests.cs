using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Forge.Client;
using Forge.Grains.Hosting;
using Forge.Grains.Tests.PostgreSql;
using Forge.Grains.Tests.Rpc;
using Forge.Tls;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Forge.Grains.Tests.Tls;

/// <summary>Silos and clients on real sockets that show each other certificates.</summary>
public sealed class PeerTlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _authority;
    private readonly TestAuthority _other;

    public PeerTlsTests() => (_authority, _other) = (new(_folder.Path, "one"), new(_folder.Path, "two"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Silos_OfOneAuthority_FormAClusterAndServeAClient()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        try
        {
            await using var one = await SiloAsync(_authority.Peer("silo-1"), database);
            await using var two = await SiloAsync(_authority.Peer("silo-2"), database);
            using var client = await ConnectAsync(one, _authority.Peer("client"));
            var forge = client.Services.GetRequiredService<IForgeClient>();

            // So many that some live on either silo, whichever the client speaks to.
            for (var i = 0; i < 20; i++)
            {
                await forge.Session($"s{i}").CheckpointAsync(i, "m", cancellationToken: Cancel);
            }

            var hosts = await client.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics();
            Assert.Equal(2, hosts.Where(statistic => statistic.GrainId.Key.ToString()!.StartsWith("t/default/s", StringComparison.Ordinal))
                .Select(statistic => statistic.SiloAddress).Distinct().Count());
            await client.StopAsync(Cancel);
        }
        finally
        {
            await PostgreSqlServer.Shared.DropDatabaseAsync(database);
        }
    }

    [Fact]
    public async Task Silo_ClientsWithoutACertificateOrWithAForeignOne_AreRefused()
    {
        var (ofSilo, ofClient) = (new LogLines(), new LogLines());
        await using var silo = await SiloAsync(_authority.Peer("silo"), log: ofSilo);
        using (var known = await ConnectAsync(silo, _authority.Peer("client")))
        {
            await known.StopAsync(Cancel);
        }

        // It trusts the silo, and is not trusted.
        Assert.False(await IsLetInAsync(silo.GatewayPort, null));
        using var foreign = _other.Make("stranger");
        Assert.False(ofSilo.Has("A peer with the certificate CN=stranger was refused"));
        Assert.False(await IsLetInAsync(silo.GatewayPort, foreign));
        Assert.True(ofSilo.Has("A peer with the certificate CN=stranger was refused"));
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(silo, new PeerTlsOptions(), isRefused: true));

        // It is trusted, and does not trust the silo.
        var (certificate, key) = _authority.Issue("distrustful");
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(
            silo, new PeerTlsOptions { Mode = PeerTlsMode.Mutual, Certificate = certificate, Key = key, Trusted = _other.Trusted }, isChecked: false, isRefused: true,
            log: ofClient));
        Assert.True(ofClient.Has("A silo with the certificate CN=forge was refused"));
    }

    [Fact]
    public async Task SiloPort_PeersWithoutACertificateOrWithAForeignOne_AreRefused()
    {
        await using var silo = await SiloAsync(_authority.Peer("silo"));
        using var known = _authority.Make("other silo");
        using var foreign = _other.Make("stranger");
        using var server = _authority.Make("server", PeerCertificates.ServerUse);

        Assert.True(await IsLetInAsync(silo.SiloPort, known));
        Assert.False(await IsLetInAsync(silo.SiloPort, null));
        Assert.False(await IsLetInAsync(silo.SiloPort, foreign));
        Assert.False(await IsLetInAsync(silo.SiloPort, server));
    }

    [Fact]
    public async Task Silo_CertificateThatWasExchanged_IsShownToTheNextConnection()
    {
        await using var silo = await SiloAsync(_authority.Peer("silo", _other));
        var later = _other.Peer("later");
        using var before = await ConnectAsync(silo, _authority.Peer("before"));
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(silo, later, isChecked: false, isRefused: true));

        _other.Issue("silo");

        using var after = await ConnectAsync(silo, later);
        await after.Services.GetRequiredService<IForgeClient>().Session("s").CheckpointAsync(1, "m", cancellationToken: Cancel);

        // What is open stays.
        var session = before.Services.GetRequiredService<IForgeClient>().Session("s");
        Assert.Equal(1, (await session.LatestAsync<int>(cancellationToken: Cancel))!.State);
        await before.StopAsync(Cancel);
        await after.StopAsync(Cancel);
    }

    [Fact]
    public async Task Start_WithACertificateThatItsPeersWouldNotTrust_IsRefused()
    {
        var tls = _authority.Peer("own");
        tls.Trusted = _other.Trusted;

        var ofSilo = await Assert.ThrowsAsync<OptionsValidationException>(() => SiloAsync(tls));
        var ofClient = await Assert.ThrowsAsync<OptionsValidationException>(() => ConnectAsync(null, tls));

        Assert.StartsWith("Forge:Tls:Certificate is none that its peers would trust", ofSilo.Message, StringComparison.Ordinal);
        Assert.StartsWith("Forge:Client:Tls:Certificate is none that its peers would trust", ofClient.Message, StringComparison.Ordinal);
    }

    /// <summary>True if a silo speaks with who shows a certificate: one that is let in is told at once who it is; at a gateway it has to speak first.</summary>
    private static async Task<bool> IsLetInAsync(int port, X509Certificate2? certificate)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        bound.CancelAfter(TimeSpan.FromSeconds(30));
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port, bound.Token);
        await using var stream = new SslStream(socket.GetStream());
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "forge",
                    LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate!,
                    RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
                },
                bound.Token);
            return await stream.ReadAsync(new byte[1], bound.Token) > 0;
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            return false;
        }
    }

    private static async Task<Silo> SiloAsync(PeerTlsOptions tls, string? database = null, LogLines? log = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.UseOrleans(silo => silo.AddForge(options =>
        {
            (options.Database, options.ConnectionString) = database is null ? (ForgeDatabase.Memory, null) : (ForgeDatabase.PostgreSql, database);
            (options.SiloPort, options.GatewayPort, options.Tls) = (0, 0, tls);
        }));
        var silo = new Silo(builder.Build());
        await silo.Host.StartAsync(Cancel);
        return silo;
    }

    /// <param name="silo">What it connects to.</param>
    /// <param name="tls">Its certificate, and whom it trusts.</param>
    /// <param name="isChecked">False for settings that no client would start with.</param>
    /// <param name="isRefused">True if it is to give up soon.</param>
    /// <param name="log">Where it logs.</param>
    private static async Task<IHost> ConnectAsync(
        Silo? silo, PeerTlsOptions tls, bool isChecked = true, bool isRefused = false, LogLines? log = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.AddForgeClient(options =>
        {
            options.Gateways.Add(new IPEndPoint(IPAddress.Loopback, silo?.GatewayPort ?? 1).ToString());
            (options.Tls, options.ConnectTimeout) = (tls, TimeSpan.FromSeconds(isRefused ? 1 : 30));
        });
        if (!isChecked)
        {
            foreach (var check in builder.Services.Where(s => s.ServiceType == typeof(IValidateOptions<ForgeClientOptions>)).ToList())
            {
                builder.Services.Remove(check);
            }
        }

        var host = builder.Build();
        try
        {
            await host.StartAsync(Cancel);
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private sealed record Silo(IHost Host) : IAsyncDisposable
    {
        public int GatewayPort => Host.Services.GetRequiredService<ForgeEndpoints>().GatewayPort;

        public int SiloPort => Host.Services.GetRequiredService<ForgeEndpoints>().SiloPort;

        public async ValueTask DisposeAsync()
        {
            await Host.StopAsync(Cancel);
            Host.Dispose();
        }
    }
}
