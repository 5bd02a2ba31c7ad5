namespace Forge.Grains.Tests.Fuzz;

/// <summary>
/// How much is tried: 100,000 cases, or as many as <c>FORGE_TEST_FUZZ_CASES</c> says; from <c>FORGE_TEST_FUZZ_SEED</c>, or one that is
/// fixed. Each case has a generator of its own, made of the seed and its number, so that one can be told and made again.
/// </summary>
internal static class FuzzSettings
{
    private const int DefaultCases = 100_000;
    private const int DefaultSeed = 20_261_126;

    public static int Cases { get; } = Read("FORGE_TEST_FUZZ_CASES", DefaultCases);

    public static int Seed { get; } = Read("FORGE_TEST_FUZZ_SEED", DefaultSeed);

    /// <summary>The chance of one case, the same each time.</summary>
    public static Random Case(int number) => new(unchecked((Seed * 1_000_003) + number));

    private static int Read(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
            : otherwise;
}
