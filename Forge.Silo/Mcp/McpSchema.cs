using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Silo.Http;
using Forge.Silo.Rpc;
using Microsoft.OpenApi;

namespace Forge.Silo.Mcp;

/// <summary>What a tool takes, as a JSON Schema: what its operation takes, as its route says.</summary>
internal static class McpSchema
{
    /// <summary>The schema of a tool's arguments.</summary>
    /// <exception cref="InvalidOperationException">An argument is no parameter of the operation.</exception>
    public static JsonElement Of(McpTool tool, RpcOperation operation)
    {
        var (properties, required) = (new JsonObject(), new JsonArray());
        foreach (var argument in tool.Arguments)
        {
            var schema = (JsonObject?)argument.Schema?.DeepClone() ?? OfParameter(operation, argument.Parameter);
            if (!argument.IsOwn && !operation.Parameters.ContainsKey(argument.Parameter))
            {
                throw new InvalidOperationException($"'{argument.Parameter}' is no parameter of '{operation.Name}'.");
            }

            schema["description"] = argument.Description;
            properties[argument.Name] = schema;
            if (argument.IsRequired)
            {
                required.Add(argument.Name);
            }
        }

        return JsonSerializer.SerializeToElement(new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = required,
            ["additionalProperties"] = false,
        });
    }

    private static JsonObject OfParameter(RpcOperation operation, string name)
    {
        var parameter = operation.Parameters[name];
        var metadata = operation.Endpoint.Metadata;
        return parameter.Place switch
        {
            RpcPlace.Body => Plain(metadata.GetRequiredMetadata<JsonShape>().Describe().Properties![parameter.Name]),
            RpcPlace.Query when metadata.GetOrderedMetadata<QueryParameter>().First(query => query.Name == parameter.Name) is { Type: var type } => Plain(new OpenApiSchema
            {
                Type = type,
                Items = type == JsonSchemaType.Array ? new OpenApiSchema { Type = JsonSchemaType.String } : null,
            }),
            _ => new JsonObject { ["type"] = "string" },
        };
    }

    private static JsonObject Plain(IOpenApiSchema schema)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        schema.SerializeAsV31(new OpenApiJsonWriter(text));
        var json = JsonNode.Parse(text.ToString())!.AsObject();

        // Formats of OpenAPI that JSON Schema does not have.
        json.Remove("format");
        return json;
    }
}
