using System.Text.RegularExpressions;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>What differs from one run of a command to the next.</summary>
internal static partial class Varying
{
    /// <summary>An output with the same in the place of all that differs.</summary>
    public static string Scrub(string text)
    {
        text = WireTime().Replace(text, "2026-01-01T00:00:00Z");
        text = Written().Replace(text, "Wrote <size> to");
        text = Time().Replace(text, "2026-01-01 00:00:00Z");
        text = Id().Replace(text, "0198b1f2-0000-7000-8000-000000000000");
        text = Hash().Replace(text, "<64 digits>");
        text = KeyId().Replace(text, "key:0123456789abcdef");
        return Port().Replace(text, "http://127.0.0.1:5080");
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ")]
    private static partial Regex Time();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")]
    private static partial Regex WireTime();

    [GeneratedRegex("Wrote [0-9.]+ [KMi]*B to")]
    private static partial Regex Written();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Id();

    [GeneratedRegex("[0-9a-f]{64}")]
    private static partial Regex Hash();

    [GeneratedRegex("key:[0-9a-f]{16}")]
    private static partial Regex KeyId();

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Port();
}
