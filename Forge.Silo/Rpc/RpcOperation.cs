using System.Net.Mime;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Forge.Silo.Rpc;

/// <summary>Where a parameter stands over HTTP.</summary>
internal enum RpcPlace
{
    Path,
    Query,
    Header,
    Body,
    Lines,
}

/// <summary>A parameter of an operation.</summary>
/// <param name="Place">Where it stands over HTTP.</param>
/// <param name="Name">Its name there.</param>
internal readonly record struct RpcParameter(RpcPlace Place, string Name);

/// <summary>An operation as a method: all of it follows from its route.</summary>
internal sealed class RpcOperation
{
    private const string Ndjson = "application/x-ndjson";

    /// <summary>The beginning of headers of ours, which a parameter does not need.</summary>
    private const string OurHeaders = "Forge-";

    private readonly Dictionary<string, RpcParameter> _parameters = new(StringComparer.Ordinal);

    private RpcOperation(string name, string method, RouteEndpoint endpoint)
    {
        (Name, Method, Endpoint) = (name, method, endpoint);
        var metadata = endpoint.Metadata;
        var (shape, lines) = (metadata.GetMetadata<JsonShape>(), metadata.GetMetadata<TakesLines>());
        var bodies = metadata.GetOrderedMetadata<TakesBody>();
        var answers = metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>()
            .Where(answer => answer.StatusCode == StatusCodes.Status200OK).ToList();
        HasJsonBody = shape is not null && bodies.Any(body => body.ContentType == MediaTypeNames.Application.Json);
        IsStreamed = answers.Any(answer => answer.ContentTypes.Contains(Ndjson)) || (bodies.Count > 0 && !HasJsonBody && lines is null);
        AnswersBytes = answers.Any(answer => answer.Type == typeof(Stream));
        Limit = lines?.Limit ?? shape?.Limit ?? (_ => 0);
        foreach (var parameter in endpoint.RoutePattern.Parameters)
        {
            Add(RpcPlace.Path, parameter.Name, parameter.Name);
        }

        foreach (var parameter in metadata.GetOrderedMetadata<QueryParameter>().Where(parameter => !parameter.InPlaceOfBody))
        {
            Add(RpcPlace.Query, parameter.Name, parameter.Name);
        }

        foreach (var header in metadata.GetOrderedMetadata<KnownHeader>())
        {
            Add(RpcPlace.Header, header.Name, CallOf(header.Name));
        }

        foreach (var property in lines is not null ? [lines.Name] : HasJsonBody ? shape!.Names : [])
        {
            Add(lines is not null ? RpcPlace.Lines : RpcPlace.Body, property, property);
        }

        BodyNames = _parameters.Where(parameter => parameter.Value.Place == RpcPlace.Body)
            .ToDictionary(parameter => parameter.Key, parameter => parameter.Value.Name, StringComparer.Ordinal);
    }

    /// <summary>Its name, the <c>operationId</c> of the route.</summary>
    public string Name { get; }

    /// <summary>The method of the route.</summary>
    public string Method { get; }

    public RouteEndpoint Endpoint { get; }

    /// <summary>The path of the route, with its parameters in braces.</summary>
    public string Path => "/" + Endpoint.RoutePattern.RawText!.Trim('/');

    /// <summary>The parameters by what they are called.</summary>
    public IReadOnlyDictionary<string, RpcParameter> Parameters => _parameters;

    /// <summary>The names of the body's properties, by what they are called.</summary>
    public IReadOnlyDictionary<string, string> BodyNames { get; }

    /// <summary>True if it may change something.</summary>
    public bool Changes => !HttpMethods.IsGet(Method);

    public bool HasJsonBody { get; }

    /// <summary>True if its answer is bytes, and no JSON.</summary>
    public bool AnswersBytes { get; }

    /// <summary>True if what it takes or answers is a stream of any length, so that it is not for one message.</summary>
    public bool IsStreamed { get; }

    /// <summary>The most bytes that its body can need.</summary>
    public Func<BodyLimits, long> Limit { get; }

    /// <summary>The operation of a route; null if it is none.</summary>
    public static RpcOperation? Of(RouteEndpoint route) =>
        route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null
        && route.Metadata.GetMetadata<IEndpointNameMetadata>() is { } name
        && route.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods: [var method] }
            ? new RpcOperation(name.EndpointName, method, route)
            : null;

    // Over HTTP a name may stand in two places: a fork has the session that is forked in its path, and the one to make in its body.
    private void Add(RpcPlace place, string name, string called)
    {
        var parameter = new RpcParameter(place, name);
        if (!_parameters.TryAdd(called, parameter) && !_parameters.TryAdd($"to{char.ToUpperInvariant(called[0])}{called[1..]}", parameter))
        {
            throw new InvalidOperationException($"The parameter '{name}' of '{Name}' stands in more places than there are names for.");
        }
    }

    private static string CallOf(string header)
    {
        var name = (header.StartsWith(OurHeaders, StringComparison.Ordinal) ? header[OurHeaders.Length..] : header)
            .Replace("-", "", StringComparison.Ordinal);
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
