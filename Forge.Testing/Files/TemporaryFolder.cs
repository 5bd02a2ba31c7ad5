namespace Forge.Testing.Files;

/// <summary>An empty folder that is gone with all its files when it is disposed of.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Where it is.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("forge-test-").FullName;

    /// <summary>Removes it; nothing if it is gone already.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
