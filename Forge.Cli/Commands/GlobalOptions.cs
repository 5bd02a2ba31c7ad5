using System.CommandLine;
using Forge.Cli.Profiles;
using Forge.Cli.Terminal;

namespace Forge.Cli.Commands;

/// <summary>The options that every command takes.</summary>
internal static class GlobalOptions
{
    public static Option<string?> Url { get; } = new("--url") { Description = "Where the silo is; FORGE_URL, the profile's, or http://127.0.0.1:5080 if not given.", Recursive = true };

    public static Option<string?> Key { get; } = new("--key") { Description = "The key, or @FILE for the first line of a file; FORGE_KEY or the profile's if not given.", Recursive = true };

    public static Option<string?> Profile { get; } = new("--profile") { Description = "The profile to use; FORGE_PROFILE, or the current one, if not given.", Recursive = true };

    public static Option<bool> Json { get; } = new("--json") { Description = "Answer with JSON: one document, or a line for each item.", Recursive = true };

    public static Option<ColorChoice> Color { get; } = new("--color") { Description = "auto (the default), always or never. NO_COLOR in the environment is respected.", Recursive = true };

    public static Option<int?> Wait { get; } = new("--wait") { Description = "How many seconds to try again while the silo is busy or away.", Recursive = true };

    public static IEnumerable<Option> All => [Url, Key, Profile, Json, Color, Wait];

    /// <summary>How the silo is reached, as the command line says.</summary>
    public static ConnectionChoice ChoiceOf(ParseResult parsed) => new(
        parsed.GetValue(Url), parsed.GetValue(Key), parsed.GetValue(Profile), parsed.GetValue(Wait) is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
}
