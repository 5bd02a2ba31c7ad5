using System.Globalization;
using Forge.Cli.Hosting;

namespace Forge.Cli.Commands;

/// <summary>Times and spans of time, as people give them.</summary>
internal static class Moment
{
    /// <summary>A time in RFC 3339, or how long ago: <c>90s</c>, <c>15m</c>, <c>2h</c>, <c>3d</c>. Null for none.</summary>
    /// <exception cref="CliException">It is neither.</exception>
    public static string? Parse(string option, string? text, TimeProvider time) => Parse(option, text, span => time.GetUtcNow() - span, "how long ago");

    /// <summary>A time in RFC 3339, or in how long: <c>2h</c>, <c>90d</c>. Null for none.</summary>
    /// <exception cref="CliException">It is neither.</exception>
    public static string? ParseAhead(string option, string? text, TimeProvider time) => Parse(option, text, span => time.GetUtcNow() + span, "in how long");

    /// <summary>A span of time as ISO 8601, given so or as <c>90s</c>, <c>15m</c>, <c>2h</c>, <c>3d</c>. Null for none.</summary>
    /// <exception cref="CliException">It is neither.</exception>
    public static string? ParseSpan(string option, string? text) => text switch
    {
        null => null,
        _ when text.StartsWith('P') => text,
        _ when TryParseSpan(text) is { } span => System.Xml.XmlConvert.ToString(span),
        _ => throw new CliException(ExitCode.Usage, $"{option} does not understand '{text}'.", "Give a span of time as 90s, 15m, 2h, 3d or PT5M."),
    };

    private static string? Parse(string option, string? text, Func<TimeSpan, DateTimeOffset> from, string relation)
    {
        if (text is null)
        {
            return null;
        }

        if (TryParseSpan(text) is { } span)
        {
            return from(span).UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)
            : throw new CliException(ExitCode.Usage, $"{option} does not understand '{text}'.", $"Give a time as 2026-01-31T12:00:00Z, or {relation} as 15m, 2h or 3d.");
    }

    private static TimeSpan? TryParseSpan(string text)
    {
        // Further than ten years is nothing that anybody means, and soon beyond the calendar.
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return null;
        }

        long? seconds = text[^1] switch
        {
            's' => count,
            'm' => count * 60L,
            'h' => count * 3_600L,
            'd' => count * 86_400L,
            _ => null,
        };
        return seconds <= 3_650 * 86_400L ? TimeSpan.FromSeconds(seconds.Value) : null;
    }
}
