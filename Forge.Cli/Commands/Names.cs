using System.CommandLine;
using Forge.Cli.Hosting;

namespace Forge.Cli.Commands;

/// <summary>The arguments and options that many commands have in common. Each command has its own.</summary>
internal static class Names
{
    public static Argument<string> Session() => new("session") { Description = "The session." };

    public static Argument<string> Checkpoint(string description = "A checkpoint: its sequence, its id, latest or current.") =>
        new("checkpoint") { Description = description };

    public static Argument<string> CheckpointOrLatest() => new("checkpoint")
    {
        Description = "A checkpoint: its sequence, its id, latest or current; latest if not given.",
        DefaultValueFactory = _ => "latest",
    };

    public static Option<string?> Branch(string description) => new("--branch", "-b") { Description = description };

    public static Option<string[]> Many(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, DefaultValueFactory = _ => [] };

    public static Option<string?> Text(string name, string description, params string[] aliases) => new(name, aliases) { Description = description };

    /// <summary>The file to write; null for the standard output.</summary>
    /// <exception cref="CliException">It has no name.</exception>
    public static string? FileOf(string? output) => output switch
    {
        "" => throw new CliException(ExitCode.Usage, "The file to write has no name.", "Name one with --output FILE, or give - for the standard output."),
        "-" => null,
        _ => output,
    };

    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    public static Option<bool> DryRun() => Flag("--dry-run", "Tell what it would come to, and change nothing.");
}
