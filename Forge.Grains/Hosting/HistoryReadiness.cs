using Forge.History.Stores;

namespace Forge.Grains.Hosting;

/// <summary>Ready is when the history's database answers.</summary>
internal sealed class HistoryReadiness(IHistoryStore store) : IForgeReadiness
{
    /// <inheritdoc/>
    public Task CheckAsync(CancellationToken cancellationToken = default) => store.PingAsync(cancellationToken);
}
