using Microsoft.Extensions.Hosting;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Forge.Client.Retries;

/// <summary>
/// Reports silos that the cluster has declared dead. The client may have had no connection to such a one: its calls went by
/// another one's gateway, which does not tell that they will not be answered.
/// </summary>
internal sealed class LostSiloWatch(IClusterManifestProvider cluster, SiloLosses losses) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IEnumerable<SiloAddress> known = [];
        try
        {
            await foreach (var manifest in cluster.Updates.WithCancellation(stoppingToken))
            {
                if (known.Any(silo => !manifest.Silos.ContainsKey(silo)))
                {
                    losses.Report();
                }

                known = manifest.Silos.Keys;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The client stops.
        }
    }
}
