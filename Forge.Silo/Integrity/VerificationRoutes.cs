using System.Text.Json;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Identity;
using Forge.Integrity;
using Forge.Operations;
using Forge.Sessions;
using Forge.Silo.Http;
using Forge.Tenants;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace Forge.Silo.Integrity;

/// <summary>The routes that verify sessions against their chains.</summary>
internal static class VerificationRoutes
{
    private const string Ndjson = "application/x-ndjson";
    private const string Anchors = "anchors";
    private const int BodyBytes = 256 * 1024;

    private static readonly JsonShape<Anchor> AnchorShape = new JsonShape<Anchor> { Limit = _ => BodyBytes }
        .Optional("position", JsonKind.Integer, "The position in the session's log.", (anchor, position) => anchor with { Position = position ?? 0 })
        .Optional("chain", JsonKind.Text, "The chain value in hexadecimal.", (anchor, chain) => anchor with { Chain = chain! });

    private static readonly JsonShape<IReadOnlyList<Anchor>> Shape =
        new JsonShape<IReadOnlyList<Anchor>> { Limit = _ => BodyBytes, IsOptional = true }
            .Optional(
                Anchors, JsonKind.Objects(AnchorShape, default, AnchorRules.Most), "Anchors from earlier answers.",
                (_, anchors) => anchors.Any(anchor => anchor.Chain is null)
                    ? throw new InvalidRequestException(Anchors, "must each have a position and a chain")
                    : anchors);

    public static RouteGroupBuilder MapVerification(this RouteGroupBuilder session)
    {
        session.MapPost("/verify", VerifyAsync).WithOperation("verifySession", AccessScope.Read, "Verify all that is stored of the session against its hash chain")
            .WithBody(Shape, "Anchors from earlier answers.");
        return session;
    }

    public static RouteGroupBuilder MapTenantVerification(this RouteGroupBuilder tenant)
    {
        tenant.MapPost("/verify", VerifyAllAsync).WithOperation("verifyAll", AccessScope.Admin, "Verify all sessions: a line for each as it is done, then a line with the sums")
            .WithQuery("after", "Only sessions whose names come after this one.")
            .Produces<SessionLine>(StatusCodes.Status200OK, Ndjson);
        return tenant;
    }

    private static async Task<Ok<VerifyAnswer>> VerifyAsync(SessionScope scope)
    {
        var anchors = await scope.ReadAsync<IReadOnlyList<Anchor>>([]);
        await scope.ConfirmAsync();
        await foreach (var result in scope.Grain.VerifyAsync(anchors, scope.Aborted).WithBatchSize(1))
        {
            return TypedResults.Ok(VerifyAnswer.Of(result));
        }

        throw new UnavailableException($"The verification of session {scope.Address} ended without a result.");
    }

    private static async Task VerifyAllAsync(
        TenantScope scope, IOptions<JsonOptions> json, ILogger<TenantScope> logger)
    {
        var context = scope.Context;
        var after = scope.Query().String("after") is { } name ? SessionId.Parse(name) : (SessionId?)null;
        await using var sessions = scope.Grain<ITenantGrain>().VerifyAsync(after, context.RequestAborted).WithBatchSize(1)
            .GetAsyncEnumerator(context.RequestAborted);

        // What fails before the first session is still answered as a problem.
        var more = await sessions.MoveNextAsync();
        context.Response.ContentType = Ndjson;
        var sums = new VerifySummary(0, 0, 0, 0);
        try
        {
            for (; more; more = await sessions.MoveNextAsync())
            {
                var done = sessions.Current;
                sums = new VerifySummary(
                    sums.Sessions + 1, sums.Damaged + (done.Result.Invalid > 0 ? 1 : 0), sums.Valid + done.Result.Valid,
                    sums.Invalid + done.Result.Invalid);
                await WriteAsync(context, SessionLine.Of(done), json.Value.SerializerOptions);
            }

            await WriteAsync(context, sums, json.Value.SerializerOptions);
            await context.Response.CompleteAsync();
        }
        catch (Exception exception)
        {
            // The status has gone out: only a connection that breaks off says that it was not all.
            if (!context.RequestAborted.IsCancellationRequested)
            {
                logger.LogWarning(exception, "The verification of all sessions broke off.");
            }

            context.Abort();
        }
    }

    private static async Task WriteAsync<T>(HttpContext context, T line, JsonSerializerOptions options)
    {
        await JsonSerializer.SerializeAsync(context.Response.Body, line, options, context.RequestAborted);
        await context.Response.Body.WriteAsync("\n"u8.ToArray(), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
