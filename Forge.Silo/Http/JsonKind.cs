using Forge.Errors;
using Microsoft.OpenApi;

namespace Forge.Silo.Http;

/// <summary>What the value of a property is: how it is read, and how it is described.</summary>
/// <param name="Read">Reads it.</param>
/// <param name="Schema">Describes it.</param>
/// <param name="Query">Reads it from the parameters of a query that have a name; null if it cannot stand in a query.</param>
internal sealed record JsonKind<T>(
    JsonObjectReader.Parse<T> Read, Func<OpenApiSchema> Schema, Func<QueryReader, string, T>? Query = null);

/// <summary>The kinds of values that there are.</summary>
internal static class JsonKind
{
    public static JsonKind<string?> Text { get; } = new(
        (ref reader) => reader.String(), Of(JsonSchemaType.String), (query, name) => query.String(name));

    public static JsonKind<IReadOnlyList<string>?> Texts { get; } = new(
        (ref reader) => reader.Strings(),
        () => new()
        {
            Type = JsonSchemaType.Array,
            Items = new OpenApiSchema { Type = JsonSchemaType.String },
        },
        (query, name) => query.Strings(name));

    public static JsonKind<long?> Integer { get; } = new(
        (ref reader) => reader.Integer(), Of(JsonSchemaType.Integer, "int64"), (query, name) => query.Integer(name));

    /// <summary>A number of things, from 0.</summary>
    public static JsonKind<int?> Count { get; } = new(
        (ref reader) => ToCount(reader.Field, reader.Integer()), Of(JsonSchemaType.Integer, "int32"),
        (query, name) => ToCount(name, query.Integer(name)));

    public static JsonKind<bool> Flag { get; } = new((ref reader) => reader.Boolean(), Of(JsonSchemaType.Boolean));

    /// <summary>An ISO 8601 duration.</summary>
    public static JsonKind<TimeSpan?> Duration { get; } = new(
        (ref reader) => reader.String() is { } text ? WireTime.ParseDuration(reader.Field, text) : null,
        Of(JsonSchemaType.String, "duration"));

    /// <summary>Any JSON, as the very bytes that were sent.</summary>
    public static JsonKind<ReadOnlyMemory<byte>> Raw { get; } = new((ref reader) => reader.Raw(), () => new());

    public static JsonKind<byte[]?> Base64 { get; } = new((ref reader) => reader.Base64(), Of(JsonSchemaType.String, "byte"));

    /// <summary>An object whose properties are texts of the caller's own.</summary>
    public static JsonKind<IReadOnlyDictionary<string, string>> Pairs { get; } = new(
        (ref reader) => reader.Object() is not { } json
            ? new Dictionary<string, string>()
            : JsonObjectReader.Read(json, $"{reader.Field}.", ReadPairs),
        () => new()
        {
            Type = JsonSchemaType.Object,
            AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String },
        });

    /// <summary>A text that stands for something else.</summary>
    /// <param name="parse">Is told the field and the text, null for a JSON null.</param>
    /// <param name="format">The format of the text; null for none.</param>
    public static JsonKind<T> TextOf<T>(Func<string, string?, T> parse, string? format = null) => new(
        (ref reader) => parse(reader.Field, reader.String()), Of(JsonSchemaType.String, format),
        (query, name) => parse(name, query.String(name)));

    /// <summary>As the other, of a text that may come as a number.</summary>
    public static JsonKind<T> TextOrIntegerOf<T>(Func<string, string?, T> parse) =>
        TextOf(parse) with { Read = (ref reader) => parse(reader.Field, reader.StringOrInteger()) };

    /// <summary>An array of texts that stand for something else and may come as numbers; null for a JSON null.</summary>
    /// <param name="parse">Is told the field and a text.</param>
    public static JsonKind<IReadOnlyList<T>?> TextsOrIntegersOf<T>(Func<string, string, T> parse) => new(
        (ref reader) =>
        {
            var field = reader.Field;
            return reader.StringsOrIntegers()?.Select(text => parse(field, text)).ToArray();
        },
        () => new()
        {
            Type = JsonSchemaType.Array,
            Items = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Integer },
        },
        (query, name) => query.Strings(name).Select(text => parse(name, text)).ToArray());

    /// <summary>An object; null for a JSON null.</summary>
    public static JsonKind<T?> Object<T>(JsonShape<T> shape, T empty)
        where T : class => new(
            (ref reader) => reader.Object() is { } json ? shape.Read(json, empty, $"{reader.Field}.") : null,
            shape.Describe);

    /// <summary>An array of at most so many objects.</summary>
    public static JsonKind<IReadOnlyList<T>> Objects<T>(JsonShape<T> shape, T empty, int limit) => new(
        (ref reader) => reader.Objects((ref item) => shape.Read(ref item, empty, item.Path), limit),
        () => new() { Type = JsonSchemaType.Array, Items = shape.Describe() });

    private static int? ToCount(string field, long? number) => number switch
    {
        null => null,
        >= 0 and <= int.MaxValue and var count => (int)count,
        _ => throw new InvalidRequestException(field, $"must be from 0 to {int.MaxValue}"),
    };

    private static Dictionary<string, string> ReadPairs(ref JsonObjectReader reader)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Next(out var name))
        {
            pairs[name] = reader.String() ?? throw new InvalidRequestException(reader.Field, "must be a string");
        }

        return pairs;
    }

    private static Func<OpenApiSchema> Of(JsonSchemaType type, string? format = null) => () => new() { Type = type, Format = format };
}
