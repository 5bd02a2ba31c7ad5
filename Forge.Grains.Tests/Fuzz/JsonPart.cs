using System.Text;
using System.Text.Json;

namespace Forge.Grains.Tests.Fuzz;

/// <summary>A part of a JSON text that can become what no writer of JSON would write: names twice, halves of texts, no value at all.</summary>
internal abstract class JsonPart
{
    /// <summary>Values that are wrong somewhere, and right somewhere else.</summary>
    private static readonly string[] OddValues =
    [
        "null", "true", "0", "-1", "1.5", "-0", "1e400", "1E-400", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
        "[]", "{}", "[[]]", "[null]", "{\"\":null}", "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00x\"", "\"x\\ud83d\"", "\"a/b\"",
        "\"%2F\"", "\"latest\"", "\"none\"", "\"0\"", "\"-1\"", "\"99999999999999999999\"", "\"00000000-0000-0000-0000-000000000000\"",
        "\"9999-12-31T23:59:59.9999999Z\"", "\"0001-01-01T00:00:00+14:00\"", "\"2026-02-30T00:00:00Z\"", "\"2026-01-01T00:00:00\"",
        "\"P99999999999999999999D\"", "\"-P1D\"", "\"P1Y\"", "\"PT\"", "\"AA=\"", "\"*\"", "\"\\\\u\"", "\"\u2028\uFEFF\"",
        "NaN", "'a'", "\"\\x\"", "\"", "tru", "01", "+1", ".5", "//", "",
    ];

    private static readonly string[] OddNames =
        ["\\ud83d", "\\u0000", "", "MESSAGE", "__proto__", "$type", "\\u0066orge", "dryRun", "state", "id", "sequence", "x"];

    public abstract void Write(StringBuilder text);

    public override string ToString()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    public static JsonPart Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Of(document.RootElement);
    }

    public static JsonPart Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new Members([.. element.EnumerateObject().Select(member => (Escaped(member.Name), Of(member.Value)))]),
        JsonValueKind.Array => new Items([.. element.EnumerateArray().Select(Of)]),
        _ => new Raw(element.GetRawText()),
    };

    /// <summary>The part with one of its parts changed, anywhere in it.</summary>
    public JsonPart Changed(Random random)
    {
        switch (this)
        {
            case Members { Parts.Count: > 0 } members when random.Next(4) > 0:
                return Changed(members, random);
            case Items { Parts.Count: > 0 } items when random.Next(4) > 0:
                var parts = items.Parts.ToList();
                var at = random.Next(parts.Count);
                switch (random.Next(4))
                {
                    case 0: parts.RemoveAt(at); break;
                    case 1: parts.Insert(at, parts[random.Next(parts.Count)]); break;
                    default: parts[at] = parts[at].Changed(random); break;
                }

                return new Items(parts);
            default:
                return Odd(random);
        }
    }

    /// <summary>Some value, seldom the right one.</summary>
    public static JsonPart Odd(Random random) => random.Next(60) switch
    {
        0 => new Raw(new string('9', random.Next(1, 5_000))),
        1 => new Raw($"\"{new string('x', random.Next(1, 70_000))}\""),
        2 => new Raw(Nested(random.Next(1, 300))),
        3 => new Raw(Nested(random.Next(300, 20_000))),
        4 => new Raw(new string('[', random.Next(1, 2_000))),
        5 => new Raw($"[{string.Join(',', Enumerable.Repeat("\"a\"", random.Next(1, 300)))}]"),
        6 => new Raw($"{{{string.Join(',', Enumerable.Range(0, random.Next(1, 100)).Select(i => $"\"{i}\":\"{i}\""))}}}"),
        _ => new Raw(OddValues[random.Next(OddValues.Length)]),
    };

    private static Members Changed(Members members, Random random)
    {
        var parts = members.Parts.ToList();
        var at = random.Next(parts.Count);
        var (name, value) = parts[at];
        switch (random.Next(9))
        {
            case 0: parts.RemoveAt(at); break;
            case 1: parts.Insert(random.Next(parts.Count + 1), (name, value)); break;
            case 2: parts.Insert(random.Next(parts.Count + 1), (name, Odd(random))); break;
            case 3: parts[at] = (OddNames[random.Next(OddNames.Length)], value); break;
            case 4: parts.Insert(random.Next(parts.Count + 1), (OddNames[random.Next(OddNames.Length)], Odd(random))); break;
            case 5:
                var other = random.Next(parts.Count);
                (parts[at], parts[other]) = (parts[other], parts[at]);
                break;
            default: parts[at] = (name, value.Changed(random)); break;
        }

        return new Members(parts);
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static string Escaped(string name) => JsonSerializer.Serialize(name)[1..^1];

    public sealed class Members(IReadOnlyList<(string Name, JsonPart Value)> parts) : JsonPart
    {
        public IReadOnlyList<(string Name, JsonPart Value)> Parts => parts;

        public override void Write(StringBuilder text)
        {
            text.Append('{');
            foreach (var (i, (name, value)) in parts.Index())
            {
                text.Append(i > 0 ? "," : "").Append('"').Append(name).Append("\":");
                value.Write(text);
            }

            text.Append('}');
        }
    }

    public sealed class Items(IReadOnlyList<JsonPart> parts) : JsonPart
    {
        public IReadOnlyList<JsonPart> Parts => parts;

        public override void Write(StringBuilder text)
        {
            text.Append('[');
            foreach (var (i, part) in parts.Index())
            {
                text.Append(i > 0 ? "," : "");
                part.Write(text);
            }

            text.Append(']');
        }
    }

    public sealed class Raw(string json) : JsonPart
    {
        public override void Write(StringBuilder text) => text.Append(json);
    }
}
