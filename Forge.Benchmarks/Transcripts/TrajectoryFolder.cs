using Forge.Benchmarks.Runs;
using Forge.Cli.Replay;

namespace Forge.Benchmarks.Transcripts;

/// <summary>Recorded runs beside the repository, if there are any.</summary>
internal static class TrajectoryFolder
{
    /// <summary>The folder, seen from the repository's own.</summary>
    private const string Place = "../shared/data/trajectories";

    /// <summary>The recorded runs by name; none, with a note in the report, if there is no such folder.</summary>
    /// <exception cref="DirectoryNotFoundException">The command line names a folder that is not there.</exception>
    /// <exception cref="ReplayException">A file of the folder is no recorded run.</exception>
    public static IReadOnlyList<Transcript> Read(BenchmarkRun run)
    {
        if ((run.Arguments.Trajectories ?? RepositoryFolder.Find(Place)) is not { } folder)
        {
            run.Report.Note($"There are no recorded runs at {Place} from the repository's folder: the made conversation is the only one.");
            return [];
        }

        return
        [
            .. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)
                .Select(file => Transcript.Of(Path.GetFileNameWithoutExtension(file).Replace('.', '-'), File.ReadAllBytes(file))),
        ];
    }
}
