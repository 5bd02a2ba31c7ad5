using System.Net.Mime;
using System.Reflection;
using Forge.Operations;
using Forge.Silo.Http;
using Forge.Silo.Security.Callers;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Forge.Silo.Mcp;

/// <summary>Marks the route of the Model Context Protocol, whose requests and errors are that protocol's own.</summary>
internal sealed record TakesMcp;

/// <summary>The route of the Model Context Protocol: tools and resources for models.</summary>
internal static class McpRoute
{
    public const string Path = "/mcp";

    private const string Instructions =
        "Forge keeps the states of agents. A session is one line of work and has checkpoints, numbered 1, 2, 3 and so on; each saved a state. Find a session with list_sessions, see what "
        + "happened with list_checkpoints, and read what was saved with read_state, part by part if it is large. Ids of sessions and names of checkpoints are taken as they are told. An answer "
        + "with 'next' has more: call again with it as the cursor. A change has a requestId: after an answer that did not come, or outcome_unknown, call again with the same one. An error has a "
        + "code, a detail, and the field that is wrong.";

    public static IServiceCollection AddMcp(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<McpOptions>, McpOptionsValidator>();
        services.AddOptions<McpOptions>().BindConfiguration(McpOptionsValidator.Section).ValidateOnStart();
        services.AddSingleton<McpCallers>();
        services.AddSingleton<McpCalls>();
        services.AddSingleton<McpTools>();
        services.AddSingleton<McpResources>();
        services.AddScoped<McpRequest>();
        services.AddMcpServer().WithHttpTransport(transport => transport.SessionMode = HttpServerSessionMode.Stateless);
        services.AddOptions<McpServerOptions>().Configure<McpTools, McpResources>(Describe);
        return services;
    }

    public static IEndpointRouteBuilder MapMcpServer(this IEndpointRouteBuilder routes)
    {
        var route = routes.MapMcp(Path)
            .WithMetadata(new TakesMcp(), new TakesBody(MediaTypeNames.Application.Json), new RequiredScope(AccessScope.Read))
            .AddEndpointFilter<IEndpointConventionBuilder, McpEntry>()
            .ExcludeFromDescription();

        // By this the router would refuse other content types before anything of ours could say which field is wrong.
        route.Finally(endpoint =>
        {
            foreach (var accepts in endpoint.Metadata.OfType<IAcceptsMetadata>().ToList())
            {
                endpoint.Metadata.Remove(accepts);
            }
        });
        return routes;
    }

    private static void Describe(McpServerOptions server, McpTools tools, McpResources resources)
    {
        server.ServerInfo = new Implementation
        {
            Name = "forge",
            Title = "Forge",
            Version = typeof(McpRoute).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
        };
        server.ServerInstructions = Instructions;
        server.Handlers.ListToolsHandler = tools.ListAsync;
        server.Handlers.CallToolHandler = tools.CallAsync;
        server.Handlers.ListResourcesHandler = resources.ListAsync;
        server.Handlers.ListResourceTemplatesHandler = McpResources.ListTemplatesAsync;
        server.Handlers.ReadResourceHandler = resources.ReadAsync;
    }
}
