namespace Forge.Grains.OrleansStorage;

/// <summary>The database server lacks what Forge needs of it.</summary>
/// <param name="version">Its version.</param>
/// <param name="oldest">The oldest major version that will do.</param>
public sealed class DatabaseTooOldException(string version, int oldest) : Exception(
    $"The database server is PostgreSQL {version}; Forge needs {oldest} or later.")
{
    /// <summary>The server's version.</summary>
    public string Version { get; } = version;

    /// <summary>The oldest major version that will do.</summary>
    public int Oldest { get; } = oldest;
}
