using Forge.Errors;
using Microsoft.OpenApi;

namespace Forge.Silo.Http;

/// <summary>A JSON object that a request may bring: its properties, by which it is both read and described.</summary>
internal abstract class JsonShape
{
    /// <summary>The most bytes that one can need; what is inside is checked against its own limits.</summary>
    public required Func<BodyLimits, long> Limit { get; init; }

    /// <summary>True if a body may be left out, and then says nothing.</summary>
    public bool IsOptional { get; init; }

    /// <summary>The names of its properties.</summary>
    public abstract IEnumerable<string> Names { get; }

    /// <summary>The object as the description of the service tells of it.</summary>
    public abstract OpenApiSchema Describe();

    /// <summary>The properties that can stand in a query, as parameters of it.</summary>
    public abstract IEnumerable<QueryParameter> Parameters();
}

/// <summary>A JSON object that fills in a <typeparamref name="T"/>.</summary>
internal sealed class JsonShape<T> : JsonShape
{
    private readonly Dictionary<string, Property> _properties = new(StringComparer.Ordinal);

    private delegate T Reader(ref JsonObjectReader reader, T target);

    /// <inheritdoc/>
    public override IEnumerable<string> Names => _properties.Keys;

    /// <summary>Adds a property that may be left out.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="kind">What its value is.</param>
    /// <param name="description">What it means, and what holds without it.</param>
    /// <param name="set">Puts the value into the target; told null for a JSON null.</param>
    public JsonShape<T> Optional<TValue>(string name, JsonKind<TValue> kind, string description, Func<T, TValue, T> set) =>
        Add(
            name, kind, description, null,
            (ref reader, target) => set(target, kind.Read(ref reader)),
            (query, target) => set(target, kind.Query!(query, name)));

    /// <summary>Adds a property that must be there.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="kind">What its value is.</param>
    /// <param name="description">What it means.</param>
    /// <param name="set">Puts the value into the target.</param>
    /// <param name="missing">What is wrong without it.</param>
    public JsonShape<T> Required<TValue>(
        string name, JsonKind<TValue?> kind, string description, Func<T, TValue, T> set, string missing = "must be given")
        where TValue : class => Add(
            name, kind, description, missing,
            (ref reader, target) => set(target, kind.Read(ref reader) ?? throw new InvalidRequestException(reader.Field, missing)),
            (query, target) => set(target, kind.Query!(query, name)!));

    /// <summary>As the other, of a value that is no object.</summary>
    public JsonShape<T> Required<TValue>(
        string name, JsonKind<TValue?> kind, string description, Func<T, TValue, T> set, string missing = "must be given")
        where TValue : struct => Add(
            name, kind, description, missing,
            (ref reader, target) => set(target, kind.Read(ref reader) ?? throw new InvalidRequestException(reader.Field, missing)),
            (query, target) => set(target, kind.Query!(query, name)!.Value));

    /// <summary>Reads an object; the values of the target stay that it says nothing of.</summary>
    /// <param name="json">The bytes.</param>
    /// <param name="target">What is filled in.</param>
    /// <param name="path">What goes before the names of properties in errors; empty for a body.</param>
    /// <exception cref="InvalidRequestException">It is no such object.</exception>
    public T Read(ReadOnlyMemory<byte> json, T target, string path = "") => json.IsEmpty && IsOptional
        ? target
        : JsonObjectReader.Read(json, path, (ref reader) => Read(ref reader, target, path));

    /// <summary>Reads the properties of an object that is being read.</summary>
    public T Read(ref JsonObjectReader reader, T target, string path) => Read(ref reader, target, path, null);

    /// <summary>Reads the part of a request's parameters that would be its body.</summary>
    /// <param name="given">The parameters, of which others were looked at and each is known.</param>
    /// <param name="target">What is filled in.</param>
    public T Read(GivenObject given, T target) =>
        JsonObjectReader.Read(given.Json, "", (ref reader) => Read(ref reader, target, "", given));

    /// <summary>Reads the properties that can stand in a query; the values of the target stay that it says nothing of.</summary>
    /// <param name="query">The query of a route that declares them.</param>
    /// <param name="target">What is filled in.</param>
    /// <param name="missing">What is wrong without one that must be there.</param>
    /// <exception cref="InvalidRequestException">One is missing, given twice, or not what it should be.</exception>
    public T Read(QueryReader query, T target, string missing)
    {
        foreach (var (name, property) in _properties.Where(property => property.Value.IsInQuery))
        {
            target = query.Has(name) ? property.ReadQuery(query, target)
                : property.Missing is null ? target
                : throw new InvalidRequestException(name, missing);
        }

        return target;
    }

    /// <inheritdoc/>
    public override IEnumerable<QueryParameter> Parameters() => _properties.Where(property => property.Value.IsInQuery)
        .Select(property => new QueryParameter(property.Key, property.Value.Description, property.Value.Schema().Type!.Value));

    /// <inheritdoc/>
    public override OpenApiSchema Describe() => new()
    {
        Type = JsonSchemaType.Object,
        Properties = _properties.ToDictionary(
            property => property.Key,
            property =>
            {
                var schema = property.Value.Schema();
                schema.Description = property.Value.Description;
                return (IOpenApiSchema)schema;
            }),
        Required = _properties.Where(property => property.Value.Missing is not null).Select(property => property.Key).ToHashSet(),
        AdditionalPropertiesAllowed = false,
    };

    private T Read(ref JsonObjectReader reader, T target, string path, GivenObject? given)
    {
        while (reader.Next(out var called))
        {
            if (given?.IsElsewhere(called) is true)
            {
                reader.Raw();
                continue;
            }

            if (!_properties.TryGetValue(given?.NameOf(called) ?? called, out var property))
            {
                reader.RefuseUnknown();
            }

            target = property.Read(ref reader, target);
        }

        foreach (var (name, property) in _properties)
        {
            var called = given?.CallOf(name) ?? name;
            if (property.Missing is { } problem && !reader.Has(called))
            {
                throw new InvalidRequestException(path + called, problem);
            }
        }

        return target;
    }

    private JsonShape<T> Add<TValue>(
        string name, JsonKind<TValue> kind, string description, string? missing, Reader read, Func<QueryReader, T, T> readQuery)
    {
        _properties.Add(name, new Property(kind.Schema, description, missing, read, readQuery, kind.Query is not null));
        return this;
    }

    private sealed record Property(
        Func<OpenApiSchema> Schema, string Description, string? Missing, Reader Read, Func<QueryReader, T, T> ReadQuery, bool IsInQuery);
}
