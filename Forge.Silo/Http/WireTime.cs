using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using Forge.Errors;

namespace Forge.Silo.Http;

/// <summary>Times as RFC 3339 and spans of time as ISO 8601 durations.</summary>
internal static partial class WireTime
{
    /// <summary>Reads a time with its offset. In a query a plus sign may have become a space.</summary>
    /// <exception cref="InvalidRequestException">It is not one.</exception>
    public static DateTimeOffset Parse(string field, string text)
    {
        var value = SpaceBeforeOffset().Replace(text, "+");
        return Rfc3339().IsMatch(value)
            && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time)
                ? time
                : throw new InvalidRequestException(field, "must be a time with its offset, as in 2026-01-31T08:30:00Z");
    }

    /// <summary>Reads a duration of days, hours, minutes and seconds.</summary>
    /// <exception cref="InvalidRequestException">It is not one.</exception>
    public static TimeSpan ParseDuration(string field, string text)
    {
        // Years and months have no fixed length.
        if (Duration().IsMatch(text))
        {
            try
            {
                return XmlConvert.ToTimeSpan(text);
            }
            catch (Exception exception) when (exception is FormatException or OverflowException)
            {
                throw new InvalidRequestException(field, "is longer than can be", exception);
            }
        }

        throw new InvalidRequestException(field, "must be a duration of days, hours, minutes and seconds, as in P7D or PT5M");
    }

    /// <summary>Writes a duration.</summary>
    public static string Format(TimeSpan duration) => XmlConvert.ToString(duration);

    [GeneratedRegex(@"(?<=:\d\d(\.\d+)?) (?=\d\d:\d\d$)")]
    private static partial Regex SpaceBeforeOffset();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$")]
    private static partial Regex Rfc3339();

    [GeneratedRegex(@"^-?P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$")]
    private static partial Regex Duration();
}
