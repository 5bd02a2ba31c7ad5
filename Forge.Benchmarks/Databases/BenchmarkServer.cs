using Forge.Testing.PostgreSql;

namespace Forge.Benchmarks.Databases;

/// <summary>
/// A PostgreSQL of the benchmark's own: fully durable, with the few settings that a server of this size would have.
/// </summary>
internal static class BenchmarkServer
{
    /// <summary>The settings that differ from the defaults. The docs repeat them.</summary>
    private static readonly string[] Settings =
    [
        "fsync=on", "synchronous_commit=on", "full_page_writes=on", "autovacuum=on", "shared_buffers=1GB", "max_wal_size=4GB",
        "checkpoint_timeout=15min", "max_connections=600",
    ];

    /// <param name="settings">Further settings, <c>name=value</c>.</param>
    /// <exception cref="InvalidOperationException">There are no programs, or they fail.</exception>
    public static DatabaseServer Start(params string[] settings) => DatabaseServer.StartSettled([.. Settings, .. settings])
        ?? throw new InvalidOperationException("There is no PostgreSQL here: install its server programs.");
}
