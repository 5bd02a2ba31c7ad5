using Forge.Client;
using Forge.Grains.Tests.PostgreSql;
using Forge.Testing.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Forge.Grains.Tests.Processes;

/// <summary>Two silo processes on one PostgreSQL database of their own, and a client of both.</summary>
internal sealed class SiloPair : IAsyncDisposable
{
    private readonly string _database;
    private IHost? _client;

    private SiloPair(string database) => _database = database;

    public SiloProcess One { get; private set; } = null!;

    public SiloProcess Two { get; private set; } = null!;

    public IForgeClient Forge => _client!.Services.GetRequiredService<IForgeClient>();

    public static async Task<SiloPair> StartAsync()
    {
        var pair = new SiloPair(await PostgreSqlServer.Shared.CreateDatabaseAsync());
        try
        {
            pair.One = await pair.StartSiloAsync();
            pair.Two = await pair.StartSiloAsync();
            var builder = Host.CreateEmptyApplicationBuilder(null);
            builder.AddForgeClient(options => options.ConnectionString = pair._database);
            pair._client = builder.Build();
            await pair._client.StartAsync(TestContext.Current.CancellationToken);
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.StopAsync(TestContext.Current.CancellationToken);
            _client.Dispose();
        }

        foreach (var silo in new[] { Two, One })
        {
            if (silo is not null)
            {
                await silo.DisposeAsync();
            }
        }

        await PostgreSqlServer.Shared.DropDatabaseAsync(_database);
    }

    private Task<SiloProcess> StartSiloAsync() =>
        SiloProcess.StartAsync("--Forge:Database", "PostgreSql", "--ConnectionStrings:Forge", _database);
}
