using System.Text.Json;
using Forge.Errors;
using Forge.Identity;
using Forge.Integrity;
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
    private const int BodyBytes = 256 * 1024;

    public static RouteGroupBuilder MapVerification(this RouteGroupBuilder session)
    {
        session.MapPost("/verify", VerifyAsync).WithName("verifySession")
            .WithSummary("Verify all that is stored of the session against its hash chain")
            .WithBody<VerifyBody>("Anchors from earlier answers.", required: false);
        return session;
    }

    public static RouteGroupBuilder MapTenantVerification(this RouteGroupBuilder tenant)
    {
        tenant.MapPost("/verify", VerifyAllAsync).WithName("verifyAll")
            .WithSummary("Verify all sessions: a line for each as it is done, then a line with the sums")
            .WithQuery("after", "Only sessions whose names come after this one.")
            .Produces<SessionLine>(StatusCodes.Status200OK, Ndjson);
        return tenant;
    }

    private static async Task<Ok<VerifyAnswer>> VerifyAsync(string session, HttpContext context, SessionCalls sessions)
    {
        _ = new QueryReader(context.Request);
        var address = SessionCalls.AddressOf(session);
        var anchors = VerifyBody.Parse(await RequestBody.ReadAsync(context, "body", BodyBytes));
        await foreach (var result in sessions.Grain(address).VerifyAsync(anchors, context.RequestAborted).WithBatchSize(1))
        {
            return TypedResults.Ok(VerifyAnswer.Of(result));
        }

        throw new UnavailableException($"The verification of session {address} ended without a result.");
    }

    private static async Task VerifyAllAsync(
        HttpContext context, IGrainFactory grains, IOptions<JsonOptions> json, ILogger<SessionCalls> logger)
    {
        var query = new QueryReader(context.Request, "after");
        var after = query.String("after") is { } name ? SessionId.Parse(name) : (SessionId?)null;
        var tenant = grains.GetGrain<ITenantGrain>(SessionAddress.ToGrainKey(TenantId.Default));
        await using var sessions = tenant.VerifyAsync(after, context.RequestAborted).WithBatchSize(1)
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
