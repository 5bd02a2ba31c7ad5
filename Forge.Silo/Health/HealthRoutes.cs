using Forge.Errors;
using Forge.Grains.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Forge.Silo.Health;

/// <summary>Whether the process lives, and whether it can serve.</summary>
internal static class HealthRoutes
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => TypedResults.Ok(new HealthAnswer("live")))
            .WithName("live").WithSummary("Answers while the process lives").WithTags("Health");
        routes.MapGet("/health/ready", ReadyAsync)
            .WithName("ready").WithSummary("Answers 200 while this silo can serve: its database answers, and it is not stopping")
            .WithTags("Health");
        return routes;
    }

    private static async Task<Ok<HealthAnswer>> ReadyAsync(
        IForgeReadiness readiness, IHostApplicationLifetime lifetime, TimeProvider time, CancellationToken aborted)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new UnavailableException("The silo is stopping.");
        }

        using var timeout = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, timeout.Token);
        try
        {
            await readiness.CheckAsync(either.Token);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested)
        {
            throw new UnavailableException("The database does not answer.", exception);
        }

        return TypedResults.Ok(new HealthAnswer("ready"));
    }
}

/// <summary>The state of a silo.</summary>
/// <param name="Status"><c>live</c> or <c>ready</c>.</param>
internal sealed record HealthAnswer(string Status);
