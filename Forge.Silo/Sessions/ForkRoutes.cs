using Forge.Sessions;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace Forge.Silo.Sessions;

/// <summary>The routes of forks.</summary>
internal static class ForkRoutes
{
    private const int DefaultLimit = 100;

    public static RouteGroupBuilder MapForks(this RouteGroupBuilder session)
    {
        session.MapPost("/fork", ForkAsync)
            .WithOperation<ForkSession>("Make a session that begins with the state of a checkpoint of this one", takesEpoch: false)
            .WithBody(ForkDraft.Shape, "What to fork, and what to make of it.");
        session.MapGet("/forks", async (SessionScope scope) =>
            {
                var query = scope.Query();
                return TypedResults.Ok(ForkPageAnswer.Of(
                    await scope.RunAsync(new ListForks(query.Limit("limit", DefaultLimit), query.String("cursor")))));
            })
            .WithOperation<ListForks>("List the living sessions that were forked from this one, the newest first")
            .WithQuery("limit", "1 to 1,000; 100 if nothing is said.", JsonSchemaType.Integer)
            .WithQuery("cursor", "The next of the page before.");
        return session;
    }

    private static async Task<Results<Created<ForkAnswer>, Ok<ForkAnswer>>> ForkAsync(SessionScope scope)
    {
        var draft = await scope.ReadAsync(new ForkDraft());
        await scope.ConfirmAsync();
        var answer = ForkAnswer.Of(await scope.RunAsync(draft.Session, draft.ToInput(scope.Address.Session)));
        return draft.DryRun
            ? TypedResults.Ok(answer)
            : TypedResults.Created($"/v1/sessions/{Uri.EscapeDataString(answer.Session)}", answer);
    }
}
