using System.Text.Encodings.Web;
using Forge.Grains.Hosting;
using Forge.Silo.Branches;
using Forge.Silo.Checkpoints;
using Forge.Silo.Claims;
using Forge.Silo.Dashboard;
using Forge.Silo.Draining;
using Forge.Silo.Effects;
using Forge.Silo.Events;
using Forge.Silo.Health;
using Forge.Silo.Http;
using Forge.Silo.Integrity;
using Forge.Silo.Mcp;
using Forge.Silo.Portability;
using Forge.Silo.Quotas;
using Forge.Silo.Rpc;
using Forge.Silo.Security;
using Forge.Silo.Security.Audit;
using Forge.Silo.Security.Keys;
using Forge.Silo.Sessions;
using Forge.Silo.Telemetry;
using Forge.Silo.Timeline;
using Forge.Silo.Welcome;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;

namespace Forge.Silo.Hosting;

/// <summary>The silo with its HTTP surface, as one host.</summary>
internal static class ForgeHost
{
    private const string DefaultUrl = "http://127.0.0.1:5080";

    private static readonly string[] UrlSettings = ["urls", "http_ports", "https_ports"];

    /// <summary>Builds the host; nothing listens before it is started.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="configure">Changes the builder last, for tests.</param>
    /// <exception cref="InvalidOperationException">A setting cannot be read; the message names it.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        var startLog = new StartLog();
        AddDefaults(builder);
        startLog.Attach(builder.Logging);
        configure?.Invoke(builder);
        builder.UseOrleans(silo => silo
            .AddForge(builder.Configuration)
            .AddTelemetry(builder.Configuration)
            .AddOrleansDashboard(builder.Configuration));
        builder.Services.AddSingleton<SessionCalls>();
        builder.Services.AddSingleton<BodyLimits>();
        builder.Services.AddSingleton<BodyBudget>();
        builder.Services.AddSingleton<DocumentTransfer>();
        builder.Services.AddSingleton<EventStreams>();
        builder.Services.AddProblemDetails();
        builder.Services.AddSingleton<ProblemAnswers>();
        builder.Services.AddExceptionHandler<ProblemAnswers>();
        builder.Services.AddSecurity(builder.Configuration);
        builder.Services.AddQuotas();
        builder.Services.AddDrain();
        builder.Services.AddRpc();
        builder.Services.AddMcp();
        builder.Services.AddOpenApi(description =>
        {
            description.AddOperationTransformer(RouteDescriptions.DescribePathAsync);
            if (SecurityServices.IsOn(builder.Configuration))
            {
                AccessDescription.AddTo(description);
            }
        });
        builder.Services.ConfigureHttpJsonOptions(json =>

            // Answers are JSON and nothing else, so that only what JSON itself needs is escaped.
            json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        var app = builder.Build();
        MapRoutes(app);
        app.Announce();
        startLog.Attach(app.Lifetime);
        return app;
    }

    /// <summary>The settings as the host has them, without the host.</summary>
    public static IConfiguration ReadSettings(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        AddDefaults(builder);
        return builder.Configuration;
    }

    private static void MapRoutes(WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(ProblemAnswers.AnswerStatusAsync);
        app.UseWebSockets();
        app.UseSecurity();
        app.UseQuotas();
        app.Use(RequestParts.RefuseUnknownAsync);
        app.MapGroup("/v1/sessions/{session}")
            .WithTags("Sessions")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status410Gone)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithAnchor()
            .MapSession()
            .MapBranches()
            .MapClaim()
            .MapForks()
            .MapEffects()
            .MapCheckpoints()
            .MapDifferences()
            .MapPortability()
            .MapVerification()
            .MapEvents();
        app.MapGroup("/v1")
            .WithTags("Tenant")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .MapCatalog()
            .MapFeed()
            .MapTenantPortability()
            .MapTenantVerification()
            .MapKeys()
            .MapAudit();
        app.MapRpc();
        app.MapMcpServer();
        app.MapHealth();
        app.MapOpenApi().AllowAnonymous();
        app.MapWelcome();
        app.MapTimeline();
        app.MapDashboard();
    }

    private static void AddDefaults(WebApplicationBuilder builder)
    {
        // The file beside the program holds the defaults, wherever it is started from; everything else goes before it.
        builder.Configuration.Sources.Insert(0, new JsonConfigurationSource
        {
            Path = "appsettings.json",
            Optional = true,
            FileProvider = new PhysicalFileProvider(AppContext.BaseDirectory),
        });
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        if (UrlSettings.All(name => string.IsNullOrEmpty(builder.Configuration[name]))
            && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }
    }
}
