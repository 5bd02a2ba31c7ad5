using System.Globalization;
using Forge.Errors;

namespace Forge.Silo.Http;

/// <summary>The query of a request. One that is not known is refused, as is one that is given twice where one is meant.</summary>
internal sealed class QueryReader
{
    private readonly IQueryCollection _query;

    /// <summary>Reads the query of a route that knows these names.</summary>
    /// <exception cref="InvalidRequestException">The query has another name.</exception>
    public QueryReader(HttpRequest request, params ReadOnlySpan<string> known)
    {
        _query = request.Query;
        foreach (var name in _query.Keys)
        {
            if (!known.Contains(name))
            {
                throw new InvalidRequestException(name, "is not a known query parameter");
            }
        }
    }

    public string? String(string name) => _query[name] switch
    {
        [] => null,
        [var value] => value,
        _ => throw new InvalidRequestException(name, "is given twice"),
    };

    public IReadOnlyList<string> Strings(string name) => [.. _query[name].Select(value => value ?? "")];

    public long? Integer(string name) => String(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value
        : throw new InvalidRequestException(name, "must be a whole number");

    public bool? Boolean(string name) => String(name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => throw new InvalidRequestException(name, "must be true or false"),
    };

    public DateTimeOffset? Time(string name) => String(name) is { } text ? WireTime.Parse(name, text) : null;
}
