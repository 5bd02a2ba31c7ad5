using System.IO.Enumeration;

namespace Forge.Benchmarks.Runs;

/// <summary>What the command line asks for.</summary>
internal sealed record BenchmarkArguments
{
    public const string Usage = "<scenario> [--json FILE] [--svg DIR] [--quick] [--only TEXT] [--rounds N] [--seconds S] [--trajectories DIR]";

    public required string Scenario { get; init; }

    /// <summary>Where the JSON form of the report goes; null for nowhere.</summary>
    public string? Json { get; init; }

    /// <summary>The folder that gets the charts; null for none.</summary>
    public string? Svg { get; init; }

    /// <summary>Shorter rounds, fewer of them, and smaller sizes: to see that it works, not to quote.</summary>
    public bool Quick { get; init; }

    /// <summary>Only sides whose name has one of these ways of beginning, parted by commas, <c>*</c> for anything; null for all.</summary>
    public string? Only { get; init; }

    /// <summary>How many rounds count; null for the scenario's own number.</summary>
    public int? Rounds { get; init; }

    /// <summary>How long a round of a rate lasts; null for the scenario's own time.</summary>
    public double? Seconds { get; init; }

    /// <summary>The folder with recorded runs for <c>transcript</c>; null for the one beside the repository.</summary>
    public string? Trajectories { get; init; }

    /// <exception cref="ArgumentException">The command line cannot be read; the message says why.</exception>
    public static BenchmarkArguments Parse(string[] args)
    {
        var found = new BenchmarkArguments { Scenario = args is [var name, ..] ? name : throw new ArgumentException("No scenario is named.") };
        for (var i = 1; i < args.Length; i++)
        {
            found = args[i] switch
            {
                "--quick" => found with { Quick = true },
                "--json" => found with { Json = Value() },
                "--svg" => found with { Svg = Value() },
                "--only" => found with { Only = Value() },
                "--rounds" => found with { Rounds = Number<int>(1) },
                "--seconds" => found with { Seconds = Number(0.1) },
                "--trajectories" => found with { Trajectories = Value() },
                var other => throw new ArgumentException($"'{other}' is not known."),
            };

            string Value() => ++i < args.Length ? args[i] : throw new ArgumentException($"{args[i - 1]} needs a value.");

            T Number<T>(T least)
                where T : struct, System.Numerics.INumber<T> =>
                T.TryParse(Value(), System.Globalization.CultureInfo.InvariantCulture, out var number) && number >= least
                    ? number
                    : throw new ArgumentException($"{args[i - 1]} needs a number of at least {least}.");
        }

        return found;
    }

    /// <summary>True if a side is to be run.</summary>
    public bool Wants(string side) => Only is null || Only.Split(',').Any(part => FileSystemName.MatchesSimpleExpression(part + "*", side));

    /// <summary>True if sides whose names begin like this may be wanted, so that what they share is worth starting.</summary>
    public bool WantsAny(string prefix) => Only is null || Only.Split(',').Any(part =>
        part.StartsWith('*') || part.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(part, StringComparison.Ordinal));
}
