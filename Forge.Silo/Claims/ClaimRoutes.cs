using Forge.Claims;
using Forge.Errors;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Forge.Silo.Claims;

/// <summary>The routes of a session's claim.</summary>
internal static class ClaimRoutes
{
    public static RouteGroupBuilder MapClaim(this RouteGroupBuilder session)
    {
        var claim = session.MapGroup("/claim");
        claim.MapPost("", async (SessionScope scope) => TypedResults.Ok(ClaimAnswer.Of(
                await scope.RunAsync(await scope.ReadAsync(new ClaimSession(""))))))
            .WithOperation<ClaimSession>("Claim the session, and take it from whoever had claimed it", takesEpoch: false)
            .WithBody(ClaimShapes.Claim, "Who claims it, and for how long.");
        claim.MapPut("", RenewAsync)
            .WithOperation<RenewClaim>("Let the lease of a claim begin anew; its epoch stays")
            .WithBody(ClaimShapes.Renewal, "For how long.");
        claim.MapDelete("", ReleaseAsync)
            .WithOperation<ReleaseClaim>("Give the session free");
        claim.MapGet("", async (SessionScope scope) => TypedResults.Ok(ClaimAnswer.Of(
                await scope.RunAsync(new GetClaim()) ?? throw new SessionNotFoundException(scope.Address))))
            .WithOperation<GetClaim>("Who has claimed the session now");
        return session;
    }

    private static async Task<Ok<ClaimAnswer>> RenewAsync(SessionScope scope)
    {
        Epochs.Require(scope.Context.Request);
        return TypedResults.Ok(ClaimAnswer.Of(await scope.RunAsync(await scope.ReadAsync(new RenewClaim(default)))));
    }

    private static async Task<NoContent> ReleaseAsync(SessionScope scope)
    {
        Epochs.Require(scope.Context.Request);
        await scope.RunAsync(new ReleaseClaim());
        return TypedResults.NoContent();
    }
}

/// <summary>A claim.</summary>
/// <param name="Epoch">The number of the newest claim of the session; 0 if there never was one.</param>
/// <param name="Owner">Who has it; null for nobody.</param>
/// <param name="Until">When its lease runs out; null for no lease.</param>
internal sealed record ClaimAnswer(long Epoch, string? Owner, DateTime? Until)
{
    public static ClaimAnswer Of(SessionClaim claim) => new(claim.Epoch, claim.Owner, claim.Until?.UtcDateTime);
}
