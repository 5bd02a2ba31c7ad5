using System.Runtime.ExceptionServices;
using Forge.Grains.Hosting;

namespace Forge.Grains.Tests.Sessions;

/// <summary>One cluster for the tests of a class, on a database of its own.</summary>
public abstract class ClusterFixture : IAsyncLifetime
{
    private ForgeCluster? _cluster;
    private ExceptionDispatchInfo? _problem;

    /// <summary>The cluster. If its database is not to be had, this skips the test that asks.</summary>
    public ForgeCluster Cluster
    {
        get
        {
            _problem?.Throw();
            return _cluster!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        try
        {
            _cluster = await ForgeCluster.StartAsync(await PrepareAsync());
        }
        catch (Exception exception)
        {
            _problem = ExceptionDispatchInfo.Capture(exception);
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

    /// <summary>Makes the database.</summary>
    internal abstract Task<ClusterSetup> PrepareAsync();
}

/// <summary>One silo in memory.</summary>
public class MemoryClusterFixture : ClusterFixture
{
    internal override Task<ClusterSetup> PrepareAsync() =>
        Task.FromResult(new ClusterSetup(1, options => options.Database = ForgeDatabase.Memory));
}
