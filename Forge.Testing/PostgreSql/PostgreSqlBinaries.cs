using System.Diagnostics;
using System.Text;

namespace Forge.Testing.PostgreSql;

/// <summary>The programs of an installed PostgreSQL, and how to run them as a user that PostgreSQL accepts.</summary>
internal sealed class PostgreSqlBinaries
{
    private static readonly string[] Programs = ["initdb", "pg_ctl", "postgres"];

    private static readonly string[] Unprivileged = ["postgres", "nobody"];

    private readonly string _folder;

    /// <summary>PostgreSQL refuses to run as root; who runs it then. Null if this process is somebody else.</summary>
    private readonly string? _user;

    private PostgreSqlBinaries(string folder, string? user) => (_folder, _user) = (folder, user);

    /// <summary>The newest installed PostgreSQL; null if none is found.</summary>
    public static PostgreSqlBinaries? Find()
    {
        var folder = Candidates().FirstOrDefault(f => Programs.All(p => File.Exists(Path.Combine(f, p))));
        return folder is null ? null : new PostgreSqlBinaries(folder, RunsAsRoot ? UserToRunAs() : null);
    }

    /// <summary>Whether a program is there beside those of the server.</summary>
    public bool Has(string program) => File.Exists(Path.Combine(_folder, program));

    /// <summary>Makes a folder the data user's own.</summary>
    public void GiveAway(string folder)
    {
        if (_user is not null)
        {
            RunPlainly("chown", ["-R", _user, folder]);
        }
    }

    /// <summary>Runs a program to its end.</summary>
    public void Run(string program, params string[] arguments)
    {
        var path = Path.Combine(_folder, program);
        if (_user is null)
        {
            RunPlainly(path, arguments);
        }
        else
        {
            RunPlainly("runuser", ["-u", _user, "--", path, .. arguments]);
        }
    }

    private static bool RunsAsRoot => !OperatingSystem.IsWindows() && Environment.UserName == "root";

    private static IEnumerable<string> Candidates()
    {
        // The folders of versions come first: what is in PATH may be links, or wrappers around them.
        foreach (var (root, pattern, below) in new[]
        {
            ("/usr/lib/postgresql", "*", "bin"), ("/usr", "pgsql-*", "bin"), ("/usr/local", "pgsql*", "bin"),
            ("/opt/homebrew/opt", "postgresql*", "bin"),
        })
        {
            if (Directory.Exists(root))
            {
                foreach (var folder in Directory.EnumerateDirectories(root, pattern).OrderByDescending(Version))
                {
                    yield return Path.Combine(folder, below);
                }
            }
        }

        yield return "/usr/local/bin";
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            yield return folder;
        }
    }

    private static int Version(string folder) =>
        int.TryParse(string.Concat(Path.GetFileName(folder).Where(char.IsAsciiDigit)), out var version) ? version : 0;

    private static string UserToRunAs() =>
        Unprivileged.First(user =>
            user == "nobody" || File.ReadLines("/etc/passwd").Any(l => l.StartsWith(user + ":", StringComparison.Ordinal)));

    private static void RunPlainly(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start.");
        var output = new StringBuilder();
        process.OutputDataReceived += (_, e) => Append(e.Data);
        process.ErrorDataReceived += (_, e) => Append(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        // Not to the end of its output, which a server that it leaves running would hold open.
        if (!process.WaitForExit(TimeSpan.FromSeconds(60)) || process.ExitCode != 0)
        {
            lock (output)
            {
                throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed:\n{output}");
            }
        }

        void Append(string? line)
        {
            lock (output)
            {
                output.AppendLine(line);
            }
        }
    }
}
