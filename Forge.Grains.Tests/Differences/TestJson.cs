using System.Text;

namespace Forge.Grains.Tests.Differences;

/// <summary>
/// A JSON value of the tests' own, which shares nothing with what is tested: texts as the characters that they stand for, all other
/// scalars as they are written.
/// </summary>
internal abstract class TestJson
{
    /// <summary>Reads a document that is known to be good.</summary>
    public static TestJson Parse(string json)
    {
        var at = 0;
        var value = Read(json, ref at);
        Skip(json, ref at);
        Assert.Equal(json.Length, at);
        return value;
    }

    public static TestJson Parse(ReadOnlySpan<byte> json) => Parse(Encoding.UTF8.GetString(json));

    /// <summary>The one form of all documents that are the same.</summary>
    public string Canonical()
    {
        var text = new StringBuilder();
        Write(text, null);
        return text.ToString();
    }

    /// <summary>The document in one of the ways in which it can be written.</summary>
    public string Write(Random style)
    {
        var text = new StringBuilder();
        Write(text, style);
        return text.ToString();
    }

    public abstract TestJson Copy();

    /// <param name="text">Where to.</param>
    /// <param name="style">Chooses among the ways; null for the canonical one.</param>
    protected abstract void Write(StringBuilder text, Random? style);

    private static TestJson Read(string json, ref int at)
    {
        Skip(json, ref at);
        switch (json[at])
        {
            case '{':
                var members = new TestObject();
                for (var next = Open(json, ref at, '}'); next; next = Next(json, ref at, '}'))
                {
                    Skip(json, ref at);
                    var name = ReadText(json, ref at);
                    Skip(json, ref at);
                    Assert.Equal(':', json[at++]);
                    members.Members.Add(name, Read(json, ref at));
                }

                return members;
            case '[':
                var elements = new TestArray();
                for (var next = Open(json, ref at, ']'); next; next = Next(json, ref at, ']'))
                {
                    elements.Elements.Add(Read(json, ref at));
                }

                return elements;
            case '"':
                return new TestText(ReadText(json, ref at));
            default:
                var start = at;
                while (at < json.Length && !",]} \t\r\n".Contains(json[at], StringComparison.Ordinal))
                {
                    at++;
                }

                return new TestScalar(json[start..at]);
        }
    }

    private static bool Open(string json, ref int at, char end)
    {
        at++;
        Skip(json, ref at);
        if (json[at] != end)
        {
            return true;
        }

        at++;
        return false;
    }

    private static bool Next(string json, ref int at, char end)
    {
        Skip(json, ref at);
        return json[at++] == ',' || (json[at - 1] == end ? false : throw new FormatException($"at {at}"));
    }

    private static string ReadText(string json, ref int at)
    {
        Assert.Equal('"', json[at++]);
        var text = new StringBuilder();
        for (; json[at] != '"'; at++)
        {
            if (json[at] != '\\')
            {
                text.Append(json[at]);
                continue;
            }

            at++;
            if (json[at] == 'u')
            {
                text.Append((char)Convert.ToInt32(json.Substring(at + 1, 4), 16));
                at += 4;
            }
            else
            {
                const string Escapes = "\"\\/bfnrt";
                text.Append("\"\\/\b\f\n\r\t"[Escapes.IndexOf(json[at], StringComparison.Ordinal)]);
            }
        }

        at++;
        return text.ToString();
    }

    private static void Skip(string json, ref int at)
    {
        while (at < json.Length && " \t\r\n".Contains(json[at], StringComparison.Ordinal))
        {
            at++;
        }
    }
}

internal sealed class TestObject : TestJson
{
    public Dictionary<string, TestJson> Members { get; } = new(StringComparer.Ordinal);

    public override TestJson Copy()
    {
        var copy = new TestObject();
        foreach (var (name, value) in Members)
        {
            copy.Members.Add(name, value.Copy());
        }

        return copy;
    }

    protected override void Write(StringBuilder text, Random? style)
    {
        var members = Members.OrderBy(member => member.Key, StringComparer.Ordinal).ToArray();
        style?.Shuffle(members);
        TestText.WriteBetween(text, style, '{', '}', members, member =>
        {
            TestText.Write(text, member.Key, style);
            text.Append(style is not null && style.Next(10) == 0 ? " : " : ":");
            Append(member.Value, text, style);
        });
    }

    private static void Append(TestJson value, StringBuilder text, Random? style) =>
        text.Append(style is null ? value.Canonical() : value.Write(style));
}

internal sealed class TestArray : TestJson
{
    public List<TestJson> Elements { get; } = [];

    public override TestJson Copy()
    {
        var copy = new TestArray();
        copy.Elements.AddRange(Elements.Select(element => element.Copy()));
        return copy;
    }

    protected override void Write(StringBuilder text, Random? style) => TestText.WriteBetween(
        text, style, '[', ']', Elements, element => text.Append(style is null ? element.Canonical() : element.Write(style)));
}

internal sealed class TestText(string value) : TestJson
{
    public string Value => value;

    public static void Write(StringBuilder text, string value, Random? style)
    {
        text.Append('"');
        for (var i = 0; i < value.Length; i++)
        {
            var isPair = char.IsHighSurrogate(value[i]) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]);
            if (isPair && (style is null || style.Next(4) > 0))
            {
                text.Append(value, i++, 2);
                continue;
            }

            if (isPair)
            {
                // Both halves escaped: one alone and one plain would be no UTF-8.
                text.Append($"\\u{(int)value[i]:x4}\\u{(int)value[++i]:X4}");
            }
            else if (value[i] < ' ' || value[i] is '"' or '\\' || char.IsSurrogate(value[i]) || style?.Next(20) == 0)
            {
                text.Append($"\\u{(int)value[i]:x4}");
            }
            else
            {
                text.Append(value[i]);
            }
        }

        text.Append('"');
    }

    public static void WriteBetween<T>(StringBuilder text, Random? style, char open, char close, IEnumerable<T> parts, Action<T> write)
    {
        var isFirst = true;
        text.Append(open);
        foreach (var part in parts)
        {
            text.Append(isFirst ? "" : ",").Append(style?.Next(8) == 0 ? "\n\t " : "");
            isFirst = false;
            write(part);
            text.Append(style?.Next(12) == 0 ? " \r\n" : "");
        }

        text.Append(close);
    }

    public override TestJson Copy() => this;

    protected override void Write(StringBuilder text, Random? style) => Write(text, value, style);
}

internal sealed class TestScalar(string written) : TestJson
{
    public override TestJson Copy() => this;

    protected override void Write(StringBuilder text, Random? style) => text.Append(written);
}
