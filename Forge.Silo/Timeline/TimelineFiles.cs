namespace Forge.Silo.Timeline;

/// <summary>The files of the page, which are built from <c>clients/timeline</c> and are a part of the program.</summary>
internal static class TimelineFiles
{
    private const string Prefix = "Timeline/";
    private const string Page = "index.html";

    // Few silos are looked at in a browser; the others pay nothing for it.
    private static readonly Lazy<IReadOnlyDictionary<string, TimelineFile>> All = new(ReadAll);

    /// <summary>The page itself.</summary>
    public static TimelineFile Index => All.Value[Page];

    /// <summary>The names of all files.</summary>
    public static IEnumerable<string> Names => All.Value.Keys;

    /// <summary>A file by its name; null if there is none.</summary>
    /// <param name="name">Its name, as <c>timeline/index-0a1b2c3d.js</c>.</param>
    public static TimelineFile? Find(string name) => All.Value.GetValueOrDefault(name);

    private static Dictionary<string, TimelineFile> ReadAll()
    {
        var assembly = typeof(TimelineFiles).Assembly;
        var files = new Dictionary<string, TimelineFile>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            // A folder has the separator of the machine that built the program.
            var name = resource[Prefix.Length..].Replace('\\', '/');
            using var content = assembly.GetManifestResourceStream(resource)!;
            files.Add(name, TimelineFile.Read(name, content));
        }

        return files;
    }
}
