using Forge.Cli.Hosting;
using Forge.Cli.Http;

namespace Forge.Cli.Profiles;

/// <summary>Finds out where the silo is and as whom it is spoken to: what the command line says goes before the environment, and that before a profile.</summary>
/// <param name="Url"><c>--url</c>; null if it was not given.</param>
/// <param name="Key"><c>--key</c>; null if it was not given.</param>
/// <param name="Profile"><c>--profile</c>; null if it was not given.</param>
/// <param name="Patience"><c>--wait</c>; null if it was not given.</param>
internal sealed record ConnectionChoice(string? Url, string? Key, string? Profile, TimeSpan? Patience)
{
    /// <summary>Where a silo listens if nothing is said.</summary>
    public const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>What it comes to.</summary>
    /// <exception cref="CliException">An address is none, or there is no such profile.</exception>
    public Connection Resolve(Surroundings surroundings)
    {
        var given = GivenUrl(surroundings);
        var key = GivenKey(surroundings);
        var named = NamedProfile(surroundings);

        // What says everything needs no file: neither its absence nor its damage matters then.
        var profile = given is not null && key is not null && named is null ? null : Find(new ProfileStore(surroundings).Read(), named);
        var url = ParseUrl(given ?? profile?.Url ?? DefaultUrl);

        // A key goes to the address that it was given for, and to no other.
        if (key is null && profile is { Key: { } own } && (given is null || ParseUrl(profile.Url) == url))
        {
            key = own;
        }

        return new Connection(url, key, Patience);
    }

    /// <summary>The address that the command line or the environment gives; null for none.</summary>
    public string? GivenUrl(Surroundings surroundings) => Url ?? Filled(surroundings.Variable("FORGE_URL"));

    /// <summary>The profile that the command line or the environment names; null for none.</summary>
    public string? NamedProfile(Surroundings surroundings) => Profile ?? Filled(surroundings.Variable("FORGE_PROFILE"));

    /// <summary>The key that the command line or the environment gives; null for none.</summary>
    /// <exception cref="CliException">It cannot be read, or is none.</exception>
    public string? GivenKey(Surroundings surroundings) =>
        Key is null ? Filled(surroundings.Variable("FORGE_KEY")?.Trim()) is { } text ? Checked(text) : null : KeyOf(Key);

    /// <summary>What may stand in a header: printable ASCII.</summary>
    public static bool IsOfAHeader(string text) => text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;

    /// <summary>A key that can be sent.</summary>
    /// <exception cref="CliException">It cannot.</exception>
    public static string Checked(string key) => IsOfAHeader(key)
        ? key
        : throw new CliException(ExitCode.Usage, "The key is none: it has characters that no key has.", "Give it as it was shown when it was made.");

    /// <summary>An address of a silo.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public static Uri ParseUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
        ? url
        : throw new CliException(ExitCode.Usage, $"'{text}' is no address of a silo.", $"Give one like {DefaultUrl}.");

    /// <summary>A key, or that in the first line of a file.</summary>
    public static string KeyOf(string given)
    {
        if (!given.StartsWith('@'))
        {
            return Checked(given.Trim());
        }

        try
        {
            return Checked(File.ReadLines(given[1..]).FirstOrDefault()?.Trim() ?? "");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException(ExitCode.Usage, $"The key cannot be read: {exception.Message}", "--key @FILE takes the first line of a file.", exception);
        }
    }

    private static Profile? Find(ProfileDocument document, string? named)
    {
        if ((named ?? document.Current) is not { } name)
        {
            return null;
        }

        return document.Profiles.TryGetValue(name, out var profile)
            ? profile
            : throw new CliException(ExitCode.Usage, $"There is no profile '{name}'.", "`forge login --list` shows which there are.");
    }

    private static string? Filled(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
