using Forge.Effects;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace Forge.Silo.Effects;

/// <summary>The routes of effects.</summary>
internal static class EffectRoutes
{
    private const int DefaultLimit = 100;

    public static RouteGroupBuilder MapEffects(this RouteGroupBuilder session)
    {
        session.MapGet("/effects", ListAsync)
            .WithOperation<ListEffects>("List effects by their keys, without requests and results")
            .WithQuery("status", "Only those that stand so: running, completed, failed, unknown or retry.")
            .WithQuery("class", "Only those of this class: read, idempotent, write or token.")
            .WithQuery("limit", "1 to 1,000; 100 if nothing is said.", JsonSchemaType.Integer)
            .WithQuery("cursor", "The next of the page before.");
        var effect = session.MapGroup("/effects/{key}");
        effect.MapGet("", async (SessionScope scope) => TypedResults.Ok(EffectAnswer.Of(await scope.RunAsync(new GetEffect(KeyOf(scope))))))
            .WithOperation<GetEffect>("All that is known of an effect");
        effect.MapPost("/begin", async (SessionScope scope) => TypedResults.Ok(EffectAnswer.Of(
                await scope.RunAsync(await scope.ReadAsync(new BeginEffect(KeyOf(scope), default))))))
            .WithOperation<BeginEffect>("Begin an act under a key, or be told what is known of it")
            .WithBody(EffectShapes.Begin, "What is to be done.");
        effect.MapPost("/renew", async (SessionScope scope) => TypedResults.Ok(EffectSummaryAnswer.Of(
                await scope.RunAsync(await scope.ReadAsync(new RenewEffect(KeyOf(scope), 0, default))))))
            .WithOperation<RenewEffect>("Let the lease of a run begin anew", takesEpoch: false)
            .WithBody(EffectShapes.Renewal, "Of which run, and for how long.");
        effect.MapPost("/complete", async (SessionScope scope) => TypedResults.Ok(EffectAnswer.Of(
                await scope.RunAsync((await scope.ReadAsync(new EffectResultDraft())).ToCompletion(KeyOf(scope))))))
            .WithOperation<CompleteEffect>("Record that a run was done, with its result", takesEpoch: false)
            .WithBody(EffectShapes.Completion, "Of which run, and the result.");
        effect.MapPost("/fail", async (SessionScope scope) => TypedResults.Ok(EffectAnswer.Of(
                await scope.RunAsync(await scope.ReadAsync(new FailEffect(KeyOf(scope), 0, ""))))))
            .WithOperation<FailEffect>("Record that a run did nothing at its target", takesEpoch: false)
            .WithBody(EffectShapes.Failure, "Of which run, and why.");
        effect.MapPost("/resolve", async (SessionScope scope) => TypedResults.Ok(EffectAnswer.Of(
                await scope.RunAsync((await scope.ReadAsync(new EffectResultDraft())).ToResolution(KeyOf(scope))))))
            .WithOperation<ResolveEffect>("Say what became of a run of which it is not known", takesEpoch: false)
            .WithBody(EffectShapes.Resolution, "Of which run, what, who says so and why.");
        return session;
    }

    private static async Task<Ok<EffectPageAnswer>> ListAsync(SessionScope scope)
    {
        var query = scope.Query();
        return TypedResults.Ok(EffectPageAnswer.Of(await scope.RunAsync(new ListEffects(
            query.Limit("limit", DefaultLimit),
            query.String("cursor"),
            query.String("status") is { } status ? EffectNames.ParseStatus(status) : null,
            query.String("class") is { } name ? EffectNames.ParseClass(name) : null))));
    }

    private static string KeyOf(SessionScope scope) => (string)scope.Context.GetRouteValue("key")!;
}
