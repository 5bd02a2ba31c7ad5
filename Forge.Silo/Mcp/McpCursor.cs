using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Forge.Errors;

namespace Forge.Silo.Mcp;

/// <summary>
/// Where the next part of an answer begins that is given in parts. What it is of is named by ids, so that <c>latest</c> may move meanwhile.
/// </summary>
/// <param name="Offset">How much was given: items, or characters.</param>
/// <param name="Ids">What it is of.</param>
internal sealed record McpCursor(long Offset, IReadOnlyList<string> Ids)
{
    private const int DigestBytes = 8;
    private const char Between = '.';

    /// <summary>The text of one.</summary>
    /// <param name="conditions">The arguments that it is good with.</param>
    public string ToText(params ReadOnlySpan<string?> conditions) => string.Join(
        Between, [DigestOf(conditions), Offset.ToString(CultureInfo.InvariantCulture), .. Ids]);

    /// <summary>Reads one.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="ids">How many ids it has.</param>
    /// <param name="conditions">The arguments that it has to be good with.</param>
    /// <exception cref="InvalidRequestException">It is none, or none with these arguments.</exception>
    public static McpCursor Parse(string text, int ids, params ReadOnlySpan<string?> conditions)
    {
        var parts = text.Split(Between);
        return parts.Length == ids + 2 && parts[0] == DigestOf(conditions)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
                ? new McpCursor(offset, parts[2..])
                : throw new InvalidRequestException("cursor", "is none of this tool with these arguments; give the other arguments as they were");
    }

    private static string DigestOf(ReadOnlySpan<string?> conditions)
    {
        // A text that is left out is another than an empty one.
        var all = new StringBuilder();
        foreach (var condition in conditions)
        {
            all.Append(condition is null ? "-" : $"{condition.Length}:{condition}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all.ToString())).AsSpan(0, DigestBytes));
    }
}
