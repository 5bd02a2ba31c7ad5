namespace Forge.Grains.Tests.Sqlite;

/// <summary>An empty folder that is gone with all its files when it is disposed of.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("forge-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
