using System.Text.Json.Serialization;
using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.Grains.Integrity;
using Forge.Silo.Draining;
using Forge.Silo.Security.Settings;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Health;

/// <summary>Whether the process lives, and whether it can serve.</summary>
internal static class HealthRoutes
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => TypedResults.Ok(new HealthAnswer("live")))
            .WithName("live").WithSummary("Answers while the process lives").WithTags("Health").AllowAnonymous().DisableRateLimiting();
        routes.MapGet("/health/ready", ReadyAsync)
            .WithName("ready").WithSummary("Answers 200 while this silo can serve: its database answers, and it is not stopping")
            .WithTags("Health").AllowAnonymous().DisableRateLimiting();
        return routes;
    }

    private static async Task<Ok<HealthAnswer>> ReadyAsync(
        IForgeReadiness readiness, IForgeIntegrity integrity, Drain drain, IOptions<SecurityOptions> security, TimeProvider time,
        CancellationToken aborted)
    {
        if (drain.HasBegun)
        {
            throw new UnavailableException("The silo is stopping.");
        }

        using var timeout = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, timeout.Token);
        IntegritySummary summary;
        try
        {
            await readiness.CheckAsync(either.Token);
            summary = await integrity.SummarizeAsync(either.Token);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested)
        {
            throw new UnavailableException("The database does not answer.", exception);
        }

        return TypedResults.Ok(new HealthAnswer("ready")
        {
            // Told beside it and never a reason not to serve: the damage of one session is no trouble of its neighbours.
            // It counts the sessions of all tenants, and is not for everybody while callers have to say who they are.
            Integrity = security.Value.Mode == SecurityMode.Off ? IntegrityAnswer.Of(summary) : null,
        });
    }
}

/// <summary>The state of a silo.</summary>
/// <param name="Status"><c>live</c> or <c>ready</c>.</param>
internal sealed record HealthAnswer(string Status)
{
    /// <summary>What the background verification of all sessions found; left out while security is on, for it is of all tenants.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IntegrityAnswer? Integrity { get; init; }
}

/// <summary>What the background verification of all sessions found.</summary>
/// <param name="VerifiedAt">When the last round over all sessions ended; null before the first did.</param>
/// <param name="Sessions">How many sessions that round verified.</param>
/// <param name="Damaged">How many of them were damaged.</param>
/// <param name="Unreadable">How many others it could not read, and so did not verify.</param>
/// <param name="RunningSince">When the round began that is under way; null between rounds.</param>
/// <param name="RunningSessions">How many sessions that one has verified.</param>
/// <param name="RunningDamaged">How many of them are damaged.</param>
/// <param name="RunningUnreadable">How many others it could not read.</param>
/// <param name="Mended">How many damaged rows this silo has put right since it started.</param>
internal sealed record IntegrityAnswer(
    DateTime? VerifiedAt, long Sessions, long Damaged, long Unreadable, DateTime? RunningSince, long RunningSessions,
    long RunningDamaged, long RunningUnreadable, long Mended)
{
    // Not the names of the sessions: they are the tenants' own. The log has them.
    public static IntegrityAnswer Of(IntegritySummary summary) => new(
        summary.DoneAt?.UtcDateTime, summary.Sessions, summary.Damaged, summary.Unreadable, summary.RunningSince?.UtcDateTime,
        summary.RunningSessions, summary.RunningDamaged, summary.RunningUnreadable, summary.Mended);
}
