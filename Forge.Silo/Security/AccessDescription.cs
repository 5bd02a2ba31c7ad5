using Forge.Silo.Security.Callers;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Forge.Silo.Security;

/// <summary>Says in the service's description of itself what callers bring, and what each operation wants of them.</summary>
internal static class AccessDescription
{
    private const string Scheme = "bearer";

    /// <summary>Adds it to a description.</summary>
    public static void AddTo(OpenApiOptions description)
    {
        description.AddDocumentTransformer((document, _, _) =>
        {
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = Scheme,
                Description = "A key (forge_…) or a token of the configured authority. It names the tenant, and allows scopes: read; write, which includes read; admin, which includes both.",
            };
            return Task.CompletedTask;
        });
        description.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            if (metadata.OfType<RequiredScope>().LastOrDefault() is { Scope: var scope } && !metadata.OfType<IAllowAnonymous>().Any())
            {
                operation.Security =
                [
                    new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [scope.ToName()] },
                ];
            }

            return Task.CompletedTask;
        });
    }
}
