using System.Net;
using Forge.Client;
using Forge.Grains.Hosting;
using Forge.Grains.Tests.PostgreSql;
using Forge.Tls;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
        await using var silo = await SiloAsync(_authority.Peer("silo"));
        using (var known = await ConnectAsync(silo, _authority.Peer("client")))
        {
            await known.StopAsync(Cancel);
        }

        // It trusts the silo, and is not trusted.
        var foreign = _other.Peer("foreign", _authority);
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(silo, foreign, isRefused: true));
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(silo, new PeerTlsOptions(), isRefused: true));

        // It is trusted, and does not trust the silo.
        var (certificate, key) = _authority.Issue("distrustful");
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(
            silo, new PeerTlsOptions { Mode = PeerTlsMode.Mutual, Certificate = certificate, Key = key, Trusted = _other.Trusted }, isChecked: false, isRefused: true));
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

    private static async Task<Silo> SiloAsync(PeerTlsOptions tls, string? database = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
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
    private static async Task<IHost> ConnectAsync(Silo? silo, PeerTlsOptions tls, bool isChecked = true, bool isRefused = false)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
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

        public async ValueTask DisposeAsync()
        {
            await Host.StopAsync(Cancel);
            Host.Dispose();
        }
    }
}
