namespace Forge.Silo.Hosting;

/// <summary>What a command on the host was told, apart from the settings of the silo whose database it works on.</summary>
/// <param name="Verb">What to do.</param>
/// <param name="Id">What it is about; null for none.</param>
/// <param name="Given">The options that were given, by their names; of a flag an empty text.</param>
/// <param name="Settings">The arguments that are settings.</param>
internal sealed record HostCommandLine(string Verb, string? Id, IReadOnlyDictionary<string, string> Given, string[] Settings)
{
    /// <summary>Reads it.</summary>
    /// <param name="args">What stands behind the name of the command.</param>
    /// <param name="forms">How it may be.</param>
    /// <exception cref="FormatException">It is none; the message says how one is.</exception>
    public static HostCommandLine Parse(string[] args, Forms forms)
    {
        if (args is not [{ } verb, ..] || !forms.Verbs.TryGetValue(verb, out var known))
        {
            throw new FormatException(forms.Usage);
        }

        var (given, settings, at) = (new Dictionary<string, string>(StringComparer.Ordinal), new List<string>(), 1);
        string? id = null;
        if (verb == forms.VerbWithId)
        {
            id = args.Length > 1 && !args[1].StartsWith('-') ? args[at++] : throw new FormatException(forms.Usage);
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
                    throw new FormatException($"'{args[at]}' is not known.\n{forms.Usage}");
                }

                settings.Add(args[at++]);
                if (value is null && at < args.Length && !args[at].StartsWith("--", StringComparison.Ordinal))
                {
                    settings.Add(args[at++]);
                }

                continue;
            }

            at++;
            given[option] = option == forms.Flag
                ? value is null ? "" : throw new FormatException($"{name} has a value.\n{forms.Usage}")
                : value ?? (at < args.Length && !args[at].StartsWith("--", StringComparison.Ordinal) ? args[at++] : throw new FormatException($"{name} has no value.\n{forms.Usage}"));
        }

        return new HostCommandLine(verb, id, given, [.. settings]);
    }

    /// <summary>How a command line may be.</summary>
    /// <param name="Usage">That, for people.</param>
    /// <param name="Verbs">What can be done, each with its options.</param>
    /// <param name="VerbWithId">The one that is told what it is about; null for none.</param>
    /// <param name="Flag">The option that has no value; null for none.</param>
    internal sealed record Forms(string Usage, IReadOnlyDictionary<string, string[]> Verbs, string? VerbWithId = null, string? Flag = null);
}
