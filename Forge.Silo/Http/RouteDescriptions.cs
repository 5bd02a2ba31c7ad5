using Forge.Operations;
using Forge.Silo.Security.Callers;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Forge.Silo.Http;

/// <summary>A parameter of the query that a route has.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it means.</param>
/// <param name="Type">What its value is.</param>
/// <param name="InPlaceOfBody">True if it is a property of the body, which stands here where the body is something else.</param>
internal sealed record QueryParameter(string Name, string Description, JsonSchemaType Type, bool InPlaceOfBody = false);

/// <summary>
/// Says of routes what they read: the same by which a request is read and refused, and by which the service describes itself.
/// </summary>
internal static class RouteDescriptions
{
    /// <summary>
    /// The operation that the route carries out: it gives the route its name and what its callers have to be allowed, and a change its key and
    /// its epoch.
    /// </summary>
    /// <param name="route">The route.</param>
    /// <param name="summary">What it does.</param>
    /// <param name="takesEpoch">False for a change that is made under no claim.</param>
    public static RouteHandlerBuilder WithOperation<TOperation>(this RouteHandlerBuilder route, string summary, bool takesEpoch = true)
        where TOperation : IOperation
    {
        route.WithOperation(IOperation.NameOf(typeof(TOperation)), IOperation.ScopeOf(typeof(TOperation)), summary);
        return !IsChange(typeof(TOperation)) ? route
            : takesEpoch ? route.WithIdempotencyKey().WithEpoch()
            : route.WithIdempotencyKey();
    }

    /// <summary>An operation whose input is no record of its own.</summary>
    /// <param name="route">The route.</param>
    /// <param name="name">Its name.</param>
    /// <param name="scope">What its callers have to be allowed.</param>
    /// <param name="summary">What it does.</param>
    public static RouteHandlerBuilder WithOperation(this RouteHandlerBuilder route, string name, AccessScope scope, string summary) =>
        route.WithName(name).WithSummary(summary).WithMetadata(new RequiredScope(scope));

    /// <summary>The body, as JSON.</summary>
    public static RouteHandlerBuilder WithBody(
        this RouteHandlerBuilder route, JsonShape shape, string description, string contentType = "application/json") =>
        route.WithMetadata(shape).WithBody(shape.Describe, description, contentType, !shape.IsOptional);

    /// <summary>The body, as lines that each are JSON.</summary>
    /// <param name="route">The route.</param>
    /// <param name="lines">What the lines are together.</param>
    /// <param name="shape">A line.</param>
    /// <param name="description">What a line is.</param>
    public static RouteHandlerBuilder WithLines(this RouteHandlerBuilder route, TakesLines lines, JsonShape shape, string description) =>
        route.WithMetadata(lines).WithBody(shape, description, "application/x-ndjson");

    /// <summary>The body, as bytes.</summary>
    public static RouteHandlerBuilder WithBytes(this RouteHandlerBuilder route, string description, string contentType) =>
        route.WithBody(() => new() { Type = JsonSchemaType.String, Format = "binary" }, description, contentType, required: true);

    /// <summary>A parameter of the query.</summary>
    public static RouteHandlerBuilder WithQuery(
        this RouteHandlerBuilder route, string name, string description, JsonSchemaType type = JsonSchemaType.String,
        bool required = false) =>
        route.WithQuery(new QueryParameter(name, description, type), required);

    /// <summary>What of a body can stand in the query in its place.</summary>
    /// <param name="route">The route.</param>
    /// <param name="shape">The body.</param>
    /// <param name="when">When it stands there.</param>
    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder route, JsonShape shape, string when) =>
        shape.Parameters().Aggregate(route, (described, parameter) => described.WithQuery(
            parameter with
            {
                Description = $"{parameter.Description} {when}{(parameter.Type == JsonSchemaType.Array ? " May come several times." : "")}",
                InPlaceOfBody = true,
            },
            required: false));

    /// <summary>The header that makes a request safe to send again.</summary>
    public static RouteHandlerBuilder WithIdempotencyKey(this RouteHandlerBuilder route) => route
        .WithMetadata(new KnownHeader(RequestIds.Header))
        .WithParameter(
            RequestIds.Header, ParameterLocation.Header,
            "1 to 200 characters. A request that is sent again with the same key within 24 hours takes effect once.",
            JsonSchemaType.String);

    /// <summary>The header that says which claim a change is made under.</summary>
    public static RouteHandlerBuilder WithEpoch(this RouteHandlerBuilder route) => route
        .WithMetadata(new KnownHeader(Epochs.Header))
        .WithParameter(
            Epochs.Header, ParameterLocation.Header,
            "The epoch of the claim that the change is made under. In a session that somebody has claimed it must be that of the claim.",
            JsonSchemaType.Integer);

    /// <summary>The header that says what a caller was told of the session's log, of all routes of a group.</summary>
    public static RouteGroupBuilder WithAnchor(this RouteGroupBuilder routes) => routes
        .WithMetadata(new KnownHeader(Anchors.Header))
        .WithParameter(
            Anchors.Header, ParameterLocation.Header,
            "An anchor from an earlier answer, as position:chain. If the session's log does not contain it, nothing is done: history_rewritten.",
            JsonSchemaType.String);

    /// <summary>Another header that the route reads.</summary>
    public static RouteHandlerBuilder WithHeader(this RouteHandlerBuilder route, string name, string description, JsonSchemaType type) => route
        .WithMetadata(new KnownHeader(name))
        .WithParameter(name, ParameterLocation.Header, description, type);

    /// <summary>The parameters of the path, which are read beside the handler's own.</summary>
    public static Task DescribePathAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var name in (context.Description.RelativePath ?? "").Split('/')
            .Where(part => part is ['{', .., '}']).Select(part => part[1..^1]))
        {
            operation.Parameters ??= [];
            if (!operation.Parameters.Any(parameter => parameter.Name == name))
            {
                operation.Parameters.Insert(0, new OpenApiParameter
                {
                    Name = name,
                    In = ParameterLocation.Path,
                    Required = true,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>A parameter of the query.</summary>
    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder route, QueryParameter parameter) => route.WithQuery(parameter, required: false);

    private static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder route, QueryParameter parameter, bool required) =>
        route.WithMetadata(parameter)
            .WithParameter(parameter.Name, ParameterLocation.Query, parameter.Description, parameter.Type, required);

    private static bool IsChange(Type? operation) => operation is not null
        && ((operation.IsGenericType && operation.GetGenericTypeDefinition() == typeof(Change<>)) || IsChange(operation.BaseType));

    private static RouteHandlerBuilder WithBody(
        this RouteHandlerBuilder route, Func<OpenApiSchema> describe, string description, string contentType, bool required) =>
        route.WithMetadata(new TakesBody(contentType)).AddOpenApiOperationTransformer((operation, _, _) =>
        {
            var body = operation.RequestBody as OpenApiRequestBody
                ?? new OpenApiRequestBody { Content = new Dictionary<string, OpenApiMediaType>() };
            body.Description = body.Description is null ? description : $"{body.Description} {description}";
            body.Required = required;
            body.Content![contentType] = new OpenApiMediaType { Schema = describe() };
            operation.RequestBody = body;
            return Task.CompletedTask;
        });

    private static TBuilder WithParameter<TBuilder>(
        this TBuilder route, string name, ParameterLocation location, string description, JsonSchemaType type, bool required = false)
        where TBuilder : IEndpointConventionBuilder =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = name,
                In = location,
                Description = description,
                Required = required,
                Schema = new OpenApiSchema
                {
                    Type = type,
                    Items = type == JsonSchemaType.Array ? new OpenApiSchema { Type = JsonSchemaType.String } : null,
                },
            });
            return Task.CompletedTask;
        });
}
