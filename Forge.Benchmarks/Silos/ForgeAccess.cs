using Forge.Client;

namespace Forge.Benchmarks.Silos;

/// <summary>A way to Forge: a silo in this process, or a client of one in another.</summary>
/// <param name="client">The client library.</param>
/// <param name="grains">Where the grains are reached.</param>
internal abstract class ForgeAccess(IForgeClient client, IGrainFactory grains) : IAsyncDisposable
{
    public IForgeClient Client { get; } = client;

    public IGrainFactory Grains { get; } = grains;

    public abstract ValueTask DisposeAsync();
}
