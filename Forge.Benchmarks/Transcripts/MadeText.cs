using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Forge.Benchmarks.Transcripts;

/// <summary>
/// Sentences, code and names that repeat about as often as those of a recorded run do: a word list with few frequent and
/// many rare words, and the names of one made project. The same for the same seed.
/// </summary>
internal sealed class MadeText
{
    private const string Words = """
        the to a and of is in that it for this with we be not on as are from but which was has have by an at so there one
        if can will its no when file test value function line code call error then should does what first only more need
        same after before where them look check returns because into change fix now still case see run each both how find
        name method class argument field default list string number result output shows expected instead failing passes
        probably likely means already never always without inside between another again next last other two three any all
        behaviour rounding serializer parser handler module package import exception traceback message type wrong correct
        missing empty negative nested optional implementation assertion definition reference documentation release branch
        commit hypothesis evidence confirm contradict reproduce verify regression boundary precision timestamp conversion
        overflow cache lookup iterator generator decorator attribute subclass override signature keyword positional
        constructor factory registry schema validation coverage fixture parametrize snapshot baseline configuration
        environment variable dependency version compatible deprecated warning upstream maintainer review suggestion minimal
        surrounding context careful unrelated intentional accidental obvious subtle consistent ambiguous explicit implicit
        truncate integer floating division remainder duration delta milliseconds microseconds timezone locale encoding
        unicode escape delimiter whitespace indentation newline trailing prefix suffix offset cursor buffer stream chunk
        socket timeout retry backoff queue worker thread lock deadlock race ordering commit rollback transaction isolation
        """;

    private const string Stems = """
        parse load dump field schema time delta value round format render token cursor index page cache entry node edge
        graph path route match rule state event queue task batch retry limit quota user group role grant scope audit trace
        span metric gauge stamp clock zone range slice chunk block frame header body query filter sort merge split join
        bind call wrap proxy store fetch push pull sync lease claim sweep prune guard check probe ping open close read
        write flush seek scan hash digest sign verify encode decode pack unpack escape quote trim pad align
        """;

    private static readonly char[] Separators = [' ', '\n', '\r'];
    private static readonly string[] WordList = Words.Split(Separators, StringSplitOptions.RemoveEmptyEntries);
    private static readonly string[] StemList = Stems.Split(Separators, StringSplitOptions.RemoveEmptyEntries);

    private readonly Random _random;
    private readonly string[] _names;
    private readonly string[] _paths;

    [SuppressMessage("Security", "CA5394", Justification = "The text has to be the same in every run; nothing is secret.")]
    public MadeText(int seed)
    {
        _random = new Random(seed);
        _names = [.. Enumerable.Range(0, 400).Select(_ => $"{Any(StemList)}_{Any(StemList)}{(Chance(40) ? $"_{Any(StemList)}" : "")}")];
        _paths = [.. Enumerable.Range(0, 60).Select(i => $"{(i % 3 == 0 ? "tests/test" : "src/" + Any(StemList))}_{Any(StemList)}.py")];
    }

    public string Name() => Skewed(_names);

    public string Path() => Skewed(_paths);

    [SuppressMessage("Security", "CA5394", Justification = "The text has to be the same in every run; nothing is secret.")]
    public int Number(int below) => _random.Next(below);

    public bool Chance(int percent) => Number(100) < percent;

    public string Any(IReadOnlyList<string> choices) => choices[Number(choices.Count)];

    /// <summary>Digits that nothing can make smaller than half, as ids and digests have them.</summary>
    public string Hex(int length) => string.Create(length, this, static (text, made) =>
    {
        foreach (ref var digit in text)
        {
            digit = "0123456789abcdef"[made.Number(16)];
        }
    });

    public string Time() => string.Create(
        CultureInfo.InvariantCulture, $"2026-03-{1 + Number(28):00}T{Number(24):00}:{Number(60):00}:{Number(60):00}.{Number(1000):000}Z");

    public string Sentences(int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => Sentence()));

    public string CodeLine() => Number(8) switch
    {
        0 => $"def {Name()}(self, {Name()}, {Name()}=None):",
        1 => $"    {Name()} = self.{Name()}({Name()}, {Number(500)})",
        2 => $"    if {Name()} is None or {Name()} > {Number(100)}:",
        3 => $"        raise ValueError(\"{Sentence()}\")",
        4 => $"    return {Name()}[{Number(20)}:{20 + Number(80)}]",
        5 => $"    for {Any(StemList)} in {Name()}.items():",
        6 => $"        # {Sentence()}",
        _ => $"    assert {Name()}({Number(1000)}) == {Number(100_000)}",
    };

    public string CodeLines(int count) => string.Join('\n', Enumerable.Range(0, count).Select(_ => CodeLine()));

    private string Sentence()
    {
        var text = new StringBuilder();
        for (var left = 5 + Number(14); left > 0; left--)
        {
            text.Append(Chance(7) ? $"`{Name()}`" : Skewed(WordList)).Append(Chance(8) && left > 1 ? ", " : left > 1 ? " " : ".");
        }

        text[0] = char.ToUpperInvariant(text[0]);
        return text.ToString();
    }

    /// <summary>The first are chosen most.</summary>
    [SuppressMessage("Security", "CA5394", Justification = "The text has to be the same in every run; nothing is secret.")]
    private string Skewed(string[] choices)
    {
        var place = _random.NextDouble();
        return choices[(int)(place * place * choices.Length)];
    }
}
