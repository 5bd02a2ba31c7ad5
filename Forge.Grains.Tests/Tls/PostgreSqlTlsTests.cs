using Forge.Grains.Hosting;
using Forge.Grains.Tests.PostgreSql;
using Forge.Testing.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.Hosting;

namespace Forge.Grains.Tests.Tls;

/// <summary>A database that takes certificates alone, reached by what the connection string says.</summary>
public sealed class PostgreSqlTlsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silo_WithAClientCertificateInTheConnectionString_HasNoConnectionWithoutTls()
    {
        using var folder = new TemporaryFolder();
        using var authority = new TestAuthority(folder.Path, "one");
        using var other = new TestAuthority(folder.Path, "two");
        await using var server = PostgreSqlServer.StartPrivate(own => Prepare(own, authority));
        var plain = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync());
        var (certificate, key) = authority.Issue("client", "forge");
        var connection = new NpgsqlConnectionStringBuilder(plain.ConnectionString)
        {
            SslMode = SslMode.VerifyFull,
            RootCertificate = authority.Trusted,
            SslCertificate = certificate,
            SslKey = key,
        };

        await MustRefuseAsync(plain.ConnectionString);
        await MustRefuseAsync(new NpgsqlConnectionStringBuilder(connection.ConnectionString) { RootCertificate = other.Trusted }.ConnectionString);
        await MustRefuseAsync(new NpgsqlConnectionStringBuilder(connection.ConnectionString) { SslCertificate = null, SslKey = null }.ConnectionString);
        using var host = await StartAsync(connection.ConnectionString);
        await host.Services.GetRequiredService<IGrainFactory>().GetGrain<Forge.Sessions.ISessionGrain>("t/default/s").CreateAsync(new()
        {
            Message = "m",
            State = new byte[] { 1 },
        }, Cancel);

        var counts = (string)(await DatabaseServer.ExecuteAsync(
            new NpgsqlConnectionStringBuilder(plain.ConnectionString) { Database = "postgres" }.ConnectionString,
            "SELECT (count(*) > 1) || ' ' || count(*) FILTER (WHERE NOT ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) " +
            $"WHERE datname = '{plain.Database}'"))!;
        Assert.Equal("true 0", counts);
        await host.StopAsync(Cancel);
    }

    private static string[] Prepare(string folder, TestAuthority authority)
    {
        var (certificate, key) = authority.Issue("server", "localhost");
        File.Copy(certificate, Path.Combine(folder, "server.crt"));
        File.Copy(key, Path.Combine(folder, "server.key"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.Combine(folder, "server.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        File.Copy(authority.Trusted, Path.Combine(folder, "authority.pem"));

        // The test makes its database by the one that every server has.
        File.WriteAllText(
            Path.Combine(folder, "hba.conf"), "host postgres all 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 cert\n");
        return
        [
            "ssl=on", $"ssl_cert_file={folder}/server.crt", $"ssl_key_file={folder}/server.key", $"ssl_ca_file={folder}/authority.pem",
            $"hba_file={folder}/hba.conf",
        ];
    }

    private static async Task MustRefuseAsync(string connection) =>
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => DatabaseServer.ExecuteAsync(connection, "SELECT 1"));

    private static async Task<IHost> StartAsync(string connection)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo => silo.AddForge(options =>
        {
            (options.Database, options.ConnectionString) = (ForgeDatabase.PostgreSql, connection);
            (options.SiloPort, options.GatewayPort) = (0, 0);
        }));
        var host = builder.Build();
        await host.StartAsync(Cancel);
        return host;
    }
}
