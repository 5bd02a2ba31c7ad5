using Forge.Grains.Tests.PostgreSql;

[assembly: AssemblyFixture(typeof(PostgreSqlServerLifetime))]

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>Ends the shared server after the last test. It starts with the first one that wants it.</summary>
public sealed class PostgreSqlServerLifetime : IDisposable
{
    public void Dispose() => PostgreSqlServer.DisposeShared();
}
