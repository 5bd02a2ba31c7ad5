using Forge.Grains.Hosting;

namespace Forge.Grains.Tests.Sessions;

/// <summary>One cluster for the tests of a class, on a database of its own.</summary>
public abstract class ClusterFixture : IAsyncLifetime
{
    private ForgeCluster? _cluster;

    public ForgeCluster Cluster => _cluster!;

    public async ValueTask InitializeAsync()
    {
        if (await PrepareAsync() is { } setup)
        {
            _cluster = await ForgeCluster.StartAsync(setup);
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Makes the database; null where there is none here, and the tests are skipped.</summary>
    internal abstract Task<ClusterSetup?> PrepareAsync();
}

/// <summary>One silo in memory.</summary>
public class MemoryClusterFixture : ClusterFixture
{
    internal override Task<ClusterSetup?> PrepareAsync() =>
        Task.FromResult<ClusterSetup?>(new ClusterSetup(1, options => options.Database = ForgeDatabase.Memory));
}
