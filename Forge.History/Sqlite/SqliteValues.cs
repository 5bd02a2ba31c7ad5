using System.Text.Json;
using Forge.Checkpoints;
using Forge.History.Rows;

namespace Forge.History.Sqlite;

/// <summary>How values are kept in columns.</summary>
internal static class SqliteValues
{
    private const string NoTags = "[]";

    /// <summary>Whole microseconds since 1970, rounded down.</summary>
    public static long ToMicroseconds(DateTimeOffset time) => Floor(time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks);

    /// <summary>Whole microseconds since 1970, rounded up: for lower bounds that include.</summary>
    public static long ToMicrosecondsUp(DateTimeOffset time) => -Floor(DateTimeOffset.UnixEpoch.Ticks - time.UtcTicks);

    public static DateTimeOffset FromMicroseconds(long value) =>
        DateTimeOffset.UnixEpoch.AddTicks(value * TimeSpan.TicksPerMicrosecond);

    public static string FromTags(IReadOnlyList<string> tags) => tags.Count == 0 ? NoTags : JsonSerializer.Serialize(tags);

    public static IReadOnlyList<string> ToTags(string text) => text == NoTags ? [] : JsonSerializer.Deserialize<string[]>(text)!;

    private static long Floor(long ticks)
    {
        var (whole, rest) = Math.DivRem(ticks, TimeSpan.TicksPerMicrosecond);
        return rest < 0 ? whole - 1 : whole;
    }
}
