using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Forge.Errors;

namespace Forge.Documents.Json;

/// <summary>
/// Reads one JSON object property by property, strictly: a property that comes twice is refused here, and one that is not
/// known by <see cref="RefuseUnknown"/>. Values can be taken as the very bytes that were sent.
/// </summary>
internal ref struct JsonObjectReader
{
    // States may be nested far deeper than the reader's default of 64; it walks without recursion, one bit a level.
    private const int MaxDepth = 1_000_000;

    private readonly ReadOnlyMemory<byte> _json;
    private readonly string _path;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private Utf8JsonReader _reader;
    private string _name = "";

    private JsonObjectReader(ReadOnlyMemory<byte> json, string path, int maxDepth)
    {
        (_json, _path) = (json, path);
        _reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = maxDepth });
    }

    /// <summary>True if the current value is an object.</summary>
    public readonly bool IsObject => _reader.TokenType == JsonTokenType.StartObject;

    public delegate T Parse<out T>(ref JsonObjectReader reader);

    /// <summary>What goes before the names of its properties in errors.</summary>
    public readonly string Path => _path;

    /// <summary>The current property as errors name it.</summary>
    public readonly string Field => _path + _name;

    /// <summary>Reads the whole of <paramref name="json"/> as one object.</summary>
    /// <param name="json">The bytes.</param>
    /// <param name="path">What goes before the names of properties in errors; empty for the body itself.</param>
    /// <param name="parse">Reads the properties.</param>
    /// <param name="maxDepth">How deep it may be nested.</param>
    /// <exception cref="InvalidRequestException">It is not UTF-8, not JSON, too deep, or not one object.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> json, string path, Parse<T> parse, int maxDepth = MaxDepth)
    {
        var body = path.Length == 0 ? "body" : path.TrimEnd('.');
        if (!Utf8.IsValid(json.Span))
        {
            throw new InvalidRequestException(body, "must be UTF-8");
        }

        try
        {
            var reader = new JsonObjectReader(json, path, maxDepth);
            if (!reader._reader.Read() || reader._reader.TokenType != JsonTokenType.StartObject)
            {
                throw new InvalidRequestException(body, "must be a JSON object");
            }

            var result = parse(ref reader);

            // Nothing but white space may follow; anything else makes the reader throw.
            reader._reader.Read();
            return result;
        }
        catch (JsonException exception)
        {
            throw new InvalidRequestException(body, Describe(exception), exception);
        }
    }

    /// <summary>True if the bytes are one JSON value in UTF-8, so that they can stand inside another document.</summary>
    public static bool IsJson(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes))
        {
            return false;
        }

        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
            {
                // Every token has to be looked at for the whole to be known good.
            }

            return bytes.Length > 0;
        }
        catch (JsonException)
        {
            // That it is no JSON is the answer, not a failure.
            return false;
        }
    }

    /// <summary>The name of the first property of what begins so; null if it is no object, or its beginning does not tell.</summary>
    public static string? FirstName(ReadOnlySpan<byte> start)
    {
        var reader = new Utf8JsonReader(start, isFinalBlock: false, state: default);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject
                && reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Half a surrogate pair is the second of these. Whoever reads all of it says what is wrong.
            return null;
        }
    }

    /// <summary>Moves to the next property; false at the end of the object.</summary>
    public bool Next([NotNullWhen(true)] out string? name)
    {
        _reader.Read();
        if (_reader.TokenType == JsonTokenType.EndObject)
        {
            name = null;
            return false;
        }

        name = _name = Text();
        if (!_seen.Add(name))
        {
            throw new InvalidRequestException(Field, "is given twice");
        }

        _reader.Read();
        return true;
    }

    /// <summary>True if a property of that name was there.</summary>
    public readonly bool Has(string name) => _seen.Contains(name);

    /// <exception cref="InvalidRequestException">Always: the current property is not one of the request's.</exception>
    [DoesNotReturn]
    public readonly void RefuseUnknown() => throw new InvalidRequestException(Field, "is not a known property");

    /// <summary>The value as text; null for a JSON null.</summary>
    public string? String() => _reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String => Text(),
        _ => throw new InvalidRequestException(Field, "must be a string"),
    };

    /// <summary>The value as a number or a text, as text; null for a JSON null.</summary>
    public string? StringOrInteger() => _reader.TokenType == JsonTokenType.Number
        ? Integer()!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : String();

    /// <summary>The value as a whole number; null for a JSON null.</summary>
    public long? Integer() => _reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.Number when _reader.TryGetInt64(out var value) => value,
        _ => throw new InvalidRequestException(Field, "must be a whole number"),
    };

    public bool Boolean() => _reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False or JsonTokenType.Null => false,
        _ => throw new InvalidRequestException(Field, "must be true or false"),
    };

    /// <summary>The value as a time; null for a JSON null.</summary>
    public DateTimeOffset? Time() => _reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String when IsUnicode() && _reader.TryGetDateTimeOffset(out var time) => time,
        _ => throw new InvalidRequestException(Field, "must be a time, as in 2026-01-31T08:30:00Z"),
    };

    /// <summary>The bytes of a text in base 64; null for a JSON null.</summary>
    public byte[]? Base64() => _reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String when IsUnicode() && _reader.TryGetBytesFromBase64(out var bytes) => bytes,
        _ => throw new InvalidRequestException(Field, "must be a string in base 64"),
    };

    /// <summary>The texts of an array; null for a JSON null.</summary>
    /// <param name="limit">The most that are read.</param>
    /// <exception cref="OverLimitException">There are more.</exception>
    public IReadOnlyList<string>? Strings(int limit = int.MaxValue)
    {
        if (_reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        var problem = "must be an array of strings";
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            throw new InvalidRequestException(Field, problem);
        }

        List<string> items = [];
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            RequireRoom(items.Count, limit);
            items.Add(_reader.TokenType == JsonTokenType.String ? Text() : throw new InvalidRequestException(Field, problem));
        }

        return items;
    }

    /// <summary>The whole numbers of an array.</summary>
    /// <param name="limit">The most that are read.</param>
    /// <exception cref="OverLimitException">There are more.</exception>
    public IReadOnlyList<long> Integers(int limit)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            throw new InvalidRequestException(Field, "must be an array of whole numbers");
        }

        List<long> items = [];
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            RequireRoom(items.Count, limit);
            items.Add(_reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out var value)
                ? value
                : throw new InvalidRequestException(Field, "must be an array of whole numbers"));
        }

        return items;
    }

    /// <summary>The items of an array of numbers and texts, as texts; null for a JSON null.</summary>
    public IReadOnlyList<string>? StringsOrIntegers()
    {
        if (_reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        var problem = "must be an array of numbers and strings";
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            throw new InvalidRequestException(Field, problem);
        }

        List<string> items = [];
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(StringOrInteger() ?? throw new InvalidRequestException(Field, problem));
        }

        return items;
    }

    /// <summary>Exactly the bytes of the value, as they were sent.</summary>
    public ReadOnlyMemory<byte> Raw()
    {
        var start = checked((int)_reader.TokenStartIndex);
        _reader.Skip();
        return _json[start..checked((int)_reader.BytesConsumed)];
    }

    /// <summary>The first items of an array, each as the bytes that were sent, and how many there are.</summary>
    /// <param name="limit">The most that are kept.</param>
    public (List<ReadOnlyMemory<byte>> Items, int Count) Items(int limit)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            throw new InvalidRequestException(Field, "must be an array of objects");
        }

        var count = 0;
        List<ReadOnlyMemory<byte>> items = [];
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            var item = Raw();
            if (++count <= limit)
            {
                items.Add(item);
            }
        }

        return (items, count);
    }

    /// <summary>The objects of an array, each read on its own.</summary>
    /// <param name="parse">Reads the properties of one.</param>
    /// <param name="limit">The most that are read.</param>
    /// <exception cref="OverLimitException">There are more.</exception>
    public List<T> Objects<T>(Parse<T> parse, int limit)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            throw new InvalidRequestException(Field, "must be an array of objects");
        }

        List<T> items = [];
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            RequireRoom(items.Count, limit);
            items.Add(Read(Raw(), $"{Field}[{items.Count}].", parse));
        }

        return items;
    }

    /// <summary>The bytes of an object; null for a JSON null.</summary>
    public ReadOnlyMemory<byte>? Object() => _reader.TokenType switch
    {
        // Without its type, null would be the empty memory that null as an array converts to.
        JsonTokenType.Null => (ReadOnlyMemory<byte>?)null,
        JsonTokenType.StartObject => Raw(),
        _ => throw new InvalidRequestException(Field, "must be an object"),
    };

    private readonly void RequireRoom(int count, int limit)
    {
        if (count == limit)
        {
            throw new OverLimitException(Field, limit, count + 1L, "items");
        }
    }

    private readonly string Text()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            // What else can be wrong with a string of valid UTF-8: an escape that is half of a surrogate pair. A name is told
            // as it was sent, since the current property is still the one before.
            var field = _reader.TokenType == JsonTokenType.PropertyName ? _path + Encoding.UTF8.GetString(_reader.ValueSpan) : Field;
            throw new InvalidRequestException(field, "must be valid Unicode", exception);
        }
    }

    /// <summary>True if a string can be read; what reads it as something else throws an error of its own if not.</summary>
    private readonly bool IsUnicode() => !_reader.ValueIsEscaped || Text() is not null;

    private static string Describe(JsonException exception)
    {
        var end = exception.Message.IndexOf(" LineNumber", StringComparison.Ordinal);
        var what = (end < 0 ? exception.Message : exception.Message[..end]).TrimEnd('.');
        return $"is not valid JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}: {what}";
    }
}
