using Microsoft.OpenApi;

namespace Forge.Silo.Http;

/// <summary>Describes what routes read by hand: bodies, queries and headers.</summary>
internal static class OpenApiExtensions
{
    /// <summary>The body, as JSON of a type or as bytes.</summary>
    public static RouteHandlerBuilder WithBody<T>(
        this RouteHandlerBuilder route, string description, string contentType = "application/json", bool required = true) =>
        route.AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
        {
            var schema = typeof(T) == typeof(Stream)
                ? new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" }
                : await context.GetOrCreateSchemaAsync(typeof(T), cancellationToken: cancellationToken);
            var body = operation.RequestBody as OpenApiRequestBody
                ?? new OpenApiRequestBody { Content = new Dictionary<string, OpenApiMediaType>() };
            body.Description = body.Description is null ? description : $"{body.Description} {description}";
            body.Required = required;
            body.Content![contentType] = new OpenApiMediaType { Schema = schema };
            operation.RequestBody = body;
        });

    /// <summary>A parameter of the query.</summary>
    public static RouteHandlerBuilder WithQuery(
        this RouteHandlerBuilder route, string name, string description, JsonSchemaType type = JsonSchemaType.String) =>
        route.WithParameter(name, ParameterLocation.Query, description, type);

    /// <summary>The header that makes a request safe to send again.</summary>
    public static RouteHandlerBuilder WithIdempotencyKey(this RouteHandlerBuilder route) => route.WithParameter(
        RequestIds.Header, ParameterLocation.Header,
        "1 to 200 characters. A request that is sent again with the same key within 24 hours takes effect once.", JsonSchemaType.String);

    private static RouteHandlerBuilder WithParameter(
        this RouteHandlerBuilder route, string name, ParameterLocation location, string description, JsonSchemaType type) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = name,
                In = location,
                Description = description,
                Schema = new OpenApiSchema
                {
                    Type = type,
                    Items = type == JsonSchemaType.Array ? new OpenApiSchema { Type = JsonSchemaType.String } : null,
                },
            });
            return Task.CompletedTask;
        });
}
