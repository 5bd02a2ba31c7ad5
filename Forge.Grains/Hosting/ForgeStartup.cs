using Forge.Grains.OrleansStorage;
using Forge.History.Stores;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Hosting;

/// <summary>
/// Readies ports and databases before any service of the host starts, so that the silo joins no cluster that it could
/// not serve. What fails here fails the start of the host with its own exception.
/// </summary>
internal sealed class ForgeStartup(IHistoryStore store, IOptions<ForgeOptions> options, ForgeEndpoints? endpoints = null)
    : IHostedLifecycleService
{
    private readonly ForgeOptions _options = options.Value;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        endpoints?.Check();
        await store.StartAsync(cancellationToken);
        await (_options.Database switch
        {
            ForgeDatabase.PostgreSql => OrleansSchema.EnsurePostgreSqlAsync(_options.ConnectionString!, cancellationToken),
            ForgeDatabase.Sqlite => OrleansSchema.EnsureSqliteAsync(_options.Data, _options.AllowUnsafeDurability, cancellationToken),
            _ => Task.CompletedTask,
        });
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
