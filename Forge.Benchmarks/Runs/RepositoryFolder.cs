namespace Forge.Benchmarks.Runs;

/// <summary>Folders beside the sources of this program.</summary>
internal static class RepositoryFolder
{
    /// <summary>A folder, seen from that of the solution; null if either is not there.</summary>
    public static string? Find(string place)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "forge.sln")))
            {
                var found = Path.GetFullPath(Path.Combine(folder.FullName, place));
                return Directory.Exists(found) ? found : null;
            }
        }

        return null;
    }
}
