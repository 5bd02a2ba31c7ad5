using System.Globalization;
using Forge.Errors;

namespace Forge.Silo.Http;

/// <summary>The query of a request, by the names that its route declares.</summary>
internal sealed class QueryReader(HttpContext context)
{
    private readonly IQueryCollection _query = context.Request.Query;
    private readonly EndpointMetadataCollection _declared = context.GetEndpoint()!.Metadata;

    /// <summary>Refuses every name, of a request that says all in its body.</summary>
    public void RefuseAll() => RequestTarget.RequireQuery(context, []);

    /// <summary>True if the query has a parameter of a name.</summary>
    public bool Has(string name) => Values(name).Count > 0;

    public string? String(string name) => Values(name) switch
    {
        [] => null,
        [var value] => value,
        _ => throw new InvalidRequestException(name, "is given twice"),
    };

    public IReadOnlyList<string> Strings(string name) => [.. Values(name).Select(value => value ?? "")];

    public long? Integer(string name) => String(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value
        : throw new InvalidRequestException(name, "must be a whole number");

    /// <summary>A number that is looked at later, and may be out of all bounds here.</summary>
    public int Limit(string name, int otherwise) => (int)Math.Clamp(Integer(name) ?? otherwise, int.MinValue, int.MaxValue);

    public bool? Boolean(string name) => String(name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => throw new InvalidRequestException(name, "must be true or false"),
    };

    public DateTimeOffset? Time(string name) => String(name) is { } text ? WireTime.Parse(name, text) : null;

    private Microsoft.Extensions.Primitives.StringValues Values(string name) =>
        _declared.GetOrderedMetadata<QueryParameter>().Any(parameter => parameter.Name == name)
            ? _query[name]
            : throw new InvalidOperationException($"The route does not declare '{name}'.");
}
