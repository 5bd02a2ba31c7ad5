using System.Text;
using Forge.Documents.Json;
using Forge.Errors;

namespace Forge.Grains.Tests.Json;

public sealed class JsonObjectReaderTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("[]")]
    [InlineData("\"a\"")]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{a:1}")]
    [InlineData("{'a':1}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":+1}")]
    [InlineData("{\"a\":.5}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":tru}")]
    [InlineData("{\"a\":\"\t\"}")]
    [InlineData("{\"a\":\"\\x41\"}")]
    [InlineData("{\"a\":1}}")]
    [InlineData("{\"a\":1} {}")]
    [InlineData("{\"a\":1}x")]
    [InlineData("// c\n{\"a\":1}")]
    [InlineData("{\"a\":/* c */1}")]
    [InlineData("\ufeff{\"a\":1}")]
    public void Read_NoJsonObject_NamesTheBody(string json)
    {
        Assert.Equal("body", Refused(Utf8(json), "", Skip).Field);
        Assert.Equal("items[3]", Refused(Utf8(json), "items[3].", Skip).Field);
    }

    [Theory]
    [InlineData(new byte[] { 0xc3, 0x28 })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })]
    [InlineData(new byte[] { 0xc0, 0x80 })]
    [InlineData(new byte[] { 0xf8 })]
    [InlineData(new byte[] { 0xe2, 0x82 })]
    public void Read_NoUtf8_NamesTheBody(byte[] inside)
    {
        byte[] json = [.. "{\"a\":\""u8, .. inside, .. "\"}"u8];

        Assert.Equal("body", Refused(json, "", Skip).Field);
        Assert.False(JsonObjectReader.IsJson(json));
    }

    [Fact]
    public void Read_NoJson_TellsLineAndByte() =>
        Assert.Contains("line 2, byte 5", Refused(Utf8("{\n\"a\":x}"), "", Skip).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":1,\"b\":2,\"a\":{}}")]
    [InlineData("{\"a\":1,\"\\u0061\":2}")]
    public void Next_PropertyTwice_NamesIt(string json) => Assert.Equal("p.a", Refused(Utf8(json), "p.", Skip).Field);

    [Fact]
    public void Next_NamesThatDifferByCase_AreTwo() => Assert.Equal(
        ["a", "A"], JsonObjectReader.Read(Utf8("{\"a\":1,\"A\":2}"), "", Names));

    [Fact]
    public void Next_SamePropertyInANestedObject_IsItsOwn() =>
        Assert.Equal(["a", "b"], JsonObjectReader.Read(Utf8("{\"a\":{\"a\":1,\"a\":2},\"b\":[{\"a\":1}]}"), "", Names));

    [Fact]
    public void Next_NameIsHalfASurrogatePair_NamesItAsItWasSent() =>
        Assert.Equal("\\ud83d", Refused(Utf8("""{"a":1,"\ud83d":2}"""), "", Skip).Field);

    [Fact]
    public void RefuseUnknown_Property_NamesIt() => Assert.Equal("p.b", Refused(Utf8("{\"a\":1,\"b\":2}"), "p.", (ref r) =>
    {
        while (r.Next(out var name))
        {
            if (name == "b")
            {
                r.RefuseUnknown();
            }

            r.Raw();
        }

        return 0;
    }).Field);

    [Fact]
    public void String_Values_AreReadAsTheyMean()
    {
        Assert.Equal("aé🧭\n", Value("\"a\\u00e9\\ud83e\\udded\\n\"", (ref r) => r.String()));
        Assert.Equal("a\0b", Value("\"a\\u0000b\"", (ref r) => r.String()));
        Assert.Null(Value("null", (ref r) => r.String()));
        Assert.All(["1", "true", "{}", "[]"], json => Refused(json, (ref r) => r.String()));
    }

    [Theory]
    [InlineData("\"\\ud83d\"")]
    [InlineData("\"a\\udded\"")]
    [InlineData("\"\\udded\\ud83e\"")]
    public void AnyText_HalfASurrogatePair_NamesTheField(string json)
    {
        Refused(json, (ref r) => r.String());
        Refused(json, (ref r) => r.StringOrInteger());
        Refused(json, (ref r) => r.Time());
        Refused(json, (ref r) => r.Base64());
        Refused($"[{json}]", (ref r) => r.Strings());
    }

    [Fact]
    public void Integer_Values_AreWholeAndFit()
    {
        Assert.Equal(long.MaxValue, Value("9223372036854775807", (ref r) => r.Integer()));
        Assert.Equal(long.MinValue, Value("-9223372036854775808", (ref r) => r.Integer()));
        Assert.Equal(0, Value("-0", (ref r) => r.Integer()));
        Assert.Null(Value("null", (ref r) => r.Integer()));
        Assert.All(
            ["9223372036854775808", "1.5", "1e400", "1" + new string('0', 100_000), "\"1\"", "true", "{}", "[1]"],
            json => Refused(json, (ref r) => r.Integer()));
    }

    [Fact]
    public void StringOrInteger_Either_IsText()
    {
        Assert.Equal("12", Value("12", (ref r) => r.StringOrInteger()));
        Assert.Equal("x", Value("\"x\"", (ref r) => r.StringOrInteger()));
        Assert.Null(Value("null", (ref r) => r.StringOrInteger()));
        Assert.All(["1.5", "true", "[]"], json => Refused(json, (ref r) => r.StringOrInteger()));
    }

    [Fact]
    public void Boolean_Values_AreTrueOrFalseAndNothingElse()
    {
        Assert.True(Value("true", (ref r) => r.Boolean()));
        Assert.False(Value("false", (ref r) => r.Boolean()));
        Assert.False(Value("null", (ref r) => r.Boolean()));
        Assert.All(["1", "\"true\"", "{}", "[]"], json => Refused(json, (ref r) => r.Boolean()));
    }

    [Fact]
    public void Time_Values_AreOfTheDocumentedForm()
    {
        Assert.Equal(
            new DateTimeOffset(2026, 1, 31, 8, 30, 0, TimeSpan.Zero), Value("\"2026-01-31T08:30:00Z\"", (ref r) => r.Time()));
        Assert.Equal(TimeSpan.FromHours(2), Value("\"2026-01-31T08:30:00+02:00\"", (ref r) => r.Time())!.Value.Offset);
        Assert.Null(Value("null", (ref r) => r.Time()));
        Assert.All(
            ["\"31.1.2026\"", "\"2026-02-30T00:00:00Z\"", "\"\"", "\"2026-01-31T08:30:00Z \"", "1", "[]"],
            json => Refused(json, (ref r) => r.Time()));
    }

    [Fact]
    public void Base64_Values_AreBytes()
    {
        Assert.Equal<byte[]?>([1, 2, 3, 4], Value("\"AQIDBA==\"", (ref r) => r.Base64()));
        Assert.Equal<byte[]?>([1, 2, 3, 4], Value("\"\\u0041QIDBA==\"", (ref r) => r.Base64()));
        Assert.Equal<byte[]?>([], Value("\"\"", (ref r) => r.Base64()));
        Assert.Null(Value("null", (ref r) => r.Base64()));
        Assert.All(["\"AQIDBA\"", "\"!\"", "\"AQ-_\"", "1", "{}"], json => Refused(json, (ref r) => r.Base64()));
    }

    [Fact]
    public void Strings_Array_IsReadToItsLimit()
    {
        Assert.Equal(["a", "", "b"], Value("[\"a\", \"\", \"b\"]", (ref r) => r.Strings(3)));
        Assert.Equal([], Value("[]", (ref r) => r.Strings(0)));
        Assert.Null(Value("null", (ref r) => r.Strings()));
        Assert.All(["\"a\"", "[1]", "[null]", "[[\"a\"]]", "{}"], json => Refused(json, (ref r) => r.Strings()));
        var error = Assert.Throws<OverLimitException>(() => Value("[\"a\",\"b\",\"c\"]", (ref r) => r.Strings(2)));
        Assert.Equal(("p.v", 2, 3), (error.Field, error.Limit, error.Actual));
    }

    [Fact]
    public void Objects_Array_ReadsEachAndNamesItsPlace()
    {
        JsonObjectReader.Parse<IReadOnlyList<string>> names = Names;
        Assert.Equal([["a"], [], ["b", "c"]], Value("[{\"a\":1}, {},{\"b\":[{}],\"c\":2}]", (ref r) => r.Objects(names, 3)));
        Assert.All(["null", "{}", "\"a\""], json => Refused(json, (ref r) => r.Objects(names, 3)));
        Assert.Equal("p.v[1].a", Field("[{\"a\":1},{\"a\":1,\"a\":2}]"));
        Assert.Equal("p.v[1]", Field("[{\"a\":1},5]"));
        Assert.Equal(3, Assert.Throws<OverLimitException>(() => Value("[{},{},{}]", (ref r) => r.Objects(names, 2))).Actual);

        string Field(string json) => Assert.Throws<InvalidRequestException>(
            () => Value(json, (ref r) => r.Objects(names, 3))).Field;
    }

    [Fact]
    public void Object_Value_IsItsBytes()
    {
        Assert.Equal("{ \"a\" : 1 }", Value("{ \"a\" : 1 }", (ref r) => r.IsObject ? Text(r.Object()!.Value) : null));
        Assert.Null(Value("null", (ref r) => r.Object()));
        Assert.All(["[]", "1", "\"a\""], json => Refused(json, (ref r) => r.Object()));
    }

    [Theory]
    [InlineData("1e400")]
    [InlineData("-0.0")]
    [InlineData("1.0000000000000000000000000000001")]
    [InlineData("123456789012345678901234567890")]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"\\u0041\\/\\u0000 é\"")]
    [InlineData("{ \"b\" : 1,\t\"a\":[ 1 , 2 ] , \"b\":2}")]
    [InlineData("[ ]")]
    [InlineData("true")]
    [InlineData("null")]
    public void Raw_AnyValue_IsExactlyWhatWasSent(string json)
    {
        Assert.Equal(json, Value(json, (ref r) => Text(r.Raw())));
        Assert.True(JsonObjectReader.IsJson(Utf8(json)));
    }

    [Fact]
    public void Raw_NestedVeryDeep_IsExactlyWhatWasSent()
    {
        var json = new string('[', 200_000) + new string(']', 200_000);

        Assert.Equal(json, Value(json, (ref r) => Text(r.Raw())));
    }

    [Fact]
    public void Read_DeeperThanAllowed_NamesTheBody()
    {
        Assert.Equal(1, JsonObjectReader.Read(Utf8("{\"a\":[[1]]}"), "", Skip, maxDepth: 3));
        Assert.Equal("body", Assert.Throws<InvalidRequestException>(
            () => JsonObjectReader.Read(Utf8("{\"a\":[[1]]}"), "", Skip, maxDepth: 2)).Field);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("1 2")]
    [InlineData("\ufeff1")]
    [InlineData("// c\n1")]
    public void IsJson_NotOneValue_IsFalse(string text) => Assert.False(JsonObjectReader.IsJson(Utf8(text)));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Read_AnyValuesAndSpaces_GivesEachAsItWasSent(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 200; i++)
        {
            List<(string Name, string Value)> sent = [.. Enumerable.Range(0, random.Next(8)).Select(n => ($"p{n}", RandomValue(random, 4)))];
            var json = $"{Space(random)}{{{Space(random)}{string.Join(",", sent.Select(p => $"{Space(random)}\"{p.Name}\"{Space(random)}:{Space(random)}{p.Value}{Space(random)}"))}}}{Space(random)}";

            Assert.Equal(sent, JsonObjectReader.Read(Utf8(json), "", (ref r) =>
            {
                var read = new List<(string, string)>();
                while (r.Next(out var name))
                {
                    read.Add((name, Text(r.Raw())));
                }

                return read;
            }));
        }
    }

    private static string RandomValue(Random random, int depth) => random.Next(depth == 0 ? 4 : 6) switch
    {
        0 => random.NextInt64().ToString(System.Globalization.CultureInfo.InvariantCulture) + (random.Next(2) == 0 ? "" : ".50e-3"),
        1 => "\"" + string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => Pieces[random.Next(Pieces.Length)])) + "\"",
        2 => random.Next(2) == 0 ? "true" : "false",
        3 => "null",
        4 => "[" + string.Join(",", Enumerable.Range(0, random.Next(4)).Select(_ => Space(random) + RandomValue(random, depth - 1))) + Space(random) + "]",
        _ => "{" + string.Join(",", Enumerable.Range(0, random.Next(4)).Select(_ => $"{Space(random)}\"n\":{RandomValue(random, depth - 1)}")) + "}",
    };

    private static readonly string[] Pieces = ["a", "\\\"", "\\\\", "\\u0000", "\\ud83d", "🧭", "é", "{", "]", ",", "\\n"];

    private static string Space(Random random) => new([.. Enumerable.Range(0, random.Next(3)).Select(_ => " \t\r\n"[random.Next(4)])]);

    private static int Skip(ref JsonObjectReader reader)
    {
        var count = 0;
        while (reader.Next(out _))
        {
            reader.Raw();
            count++;
        }

        return count;
    }

    private static IReadOnlyList<string> Names(ref JsonObjectReader reader)
    {
        var names = new List<string>();
        while (reader.Next(out var name))
        {
            reader.Raw();
            names.Add(name);
        }

        return names;
    }

    /// <summary>The value of the one property <c>v</c>.</summary>
    private static T Value<T>(string json, JsonObjectReader.Parse<T> parse) => JsonObjectReader.Read(Utf8($"{{\"v\":{json}}}"), "p.", (ref r) =>
    {
        Assert.True(r.Next(out var name));
        Assert.Equal("v", name);
        var value = parse(ref r);
        Assert.False(r.Next(out _));
        return value;
    });

    private static void Refused<T>(string json, JsonObjectReader.Parse<T> parse) =>
        Assert.Equal("p.v", Assert.Throws<InvalidRequestException>(() => Value(json, parse)).Field);

    private static InvalidRequestException Refused<T>(byte[] json, string path, JsonObjectReader.Parse<T> parse) =>
        Assert.Throws<InvalidRequestException>(() => JsonObjectReader.Read(json, path, parse));

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
