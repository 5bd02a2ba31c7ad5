using System.Globalization;

namespace Forge.History.Rows;

/// <summary>
/// What a checkpoint requires, as the one text that its row has of it: the sequences in decimal, rising, each once, with a comma between.
/// </summary>
internal static class RequiredText
{
    private const char Comma = ',';

    /// <summary>The text; null if there are none.</summary>
    public static string? Of(IEnumerable<long> sequences)
    {
        var text = string.Join(Comma, sequences.Order().Distinct().Select(s => s.ToString(CultureInfo.InvariantCulture)));
        return text.Length == 0 ? null : text;
    }

    /// <summary>
    /// The sequences, rising. What is no sequence is passed over: only somebody behind the service's back can have written it, and the
    /// chain tells of that.
    /// </summary>
    public static IReadOnlyList<long> Read(string? text)
    {
        if (text is null)
        {
            return [];
        }

        var sequences = new List<long>();
        foreach (var part in text.AsSpan().Split(Comma))
        {
            if (long.TryParse(text.AsSpan(part), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) && sequence > 0)
            {
                sequences.Add(sequence);
            }
        }

        return sequences;
    }
}
