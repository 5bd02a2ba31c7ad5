namespace Forge.Silo.Hosting;

/// <summary>What the command <c>key</c> was told, apart from the settings of the silo whose database it works on.</summary>
/// <param name="Verb">What to do.</param>
/// <param name="Id">The key that it is about; null for none.</param>
/// <param name="Given">The options that were given, by their names.</param>
/// <param name="Settings">The arguments that are settings.</param>
internal sealed record KeyCommandLine(string Verb, string? Id, IReadOnlyDictionary<string, string> Given, string[] Settings)
{
    public const string Usage = """
        Forge.Silo key create --name NAME [--tenant TENANT] [--scopes read,write,admin] [--ends TIME or DURATION]
        Forge.Silo key list [--tenant TENANT]
        Forge.Silo key revoke ID [--tenant TENANT]
        The settings of the silo say which database it is, as --Forge:Data or --ConnectionStrings:Forge.
        """;

    private static readonly Dictionary<string, string[]> Verbs = new(StringComparer.Ordinal)
    {
        ["create"] = ["name", "tenant", "scopes", "ends"],
        ["list"] = ["tenant"],
        ["revoke"] = ["tenant"],
    };

    /// <summary>Reads it.</summary>
    /// <param name="args">What stands behind <c>key</c>.</param>
    /// <exception cref="FormatException">It is none; the message says how one is.</exception>
    public static KeyCommandLine Parse(string[] args)
    {
        if (args is not [{ } verb, ..] || !Verbs.TryGetValue(verb, out var known))
        {
            throw new FormatException(Usage);
        }

        var (given, settings, at) = (new Dictionary<string, string>(StringComparer.Ordinal), new List<string>(), 1);
        string? id = null;
        if (verb == "revoke")
        {
            id = args.Length > 1 && !args[1].StartsWith('-') ? args[at++] : throw new FormatException(Usage);
        }

        while (at < args.Length)
        {
            var (name, value) = args[at].Split('=', 2) is [var left, var right] ? (left, right) : (args[at], null);
            var option = known.FirstOrDefault(option => name == $"--{option}");
            if (option is null)
            {
                // Settings are read as ever; what is none of them, as a misspelt option, is not passed over.
                if (!name.Contains(':', StringComparison.Ordinal))
                {
                    throw new FormatException($"'{args[at]}' is not known.\n{Usage}");
                }

                settings.Add(args[at++]);
                if (value is null && at < args.Length && !args[at].StartsWith("--", StringComparison.Ordinal))
                {
                    settings.Add(args[at++]);
                }

                continue;
            }

            at++;
            given[option] = value ?? (at < args.Length && !args[at].StartsWith("--", StringComparison.Ordinal) ? args[at++] : throw new FormatException($"{name} has no value.\n{Usage}"));
        }

        return new KeyCommandLine(verb, id, given, [.. settings]);
    }
}
