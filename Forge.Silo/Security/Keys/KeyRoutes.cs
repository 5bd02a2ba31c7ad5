using Forge.Grains.Rules;
using Forge.History.Rows;
using Forge.Silo.Http;
using Forge.Silo.Security.Callers;
using Forge.Silo.Security.Settings;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Forge.Silo.Security.Keys;

/// <summary>The routes by which admins manage the keys of their tenant, and everybody learns who they are.</summary>
internal static class KeyRoutes
{
    private const int DefaultLimit = 100;
    private const int MostBodyBytes = 16 * 1024;

    private static readonly JsonShape<KeyDraft> Shape = new JsonShape<KeyDraft> { Limit = _ => MostBodyBytes }
        .Required("name", JsonKind.Text, "What people call it.", (draft, name) => draft with { Name = name })
        .Required(
            "scopes", JsonKind.Texts, "What it may do: read, write, admin. write includes read, and admin both.",
            (draft, scopes) => draft with { Scopes = KeyDraft.ReadScopes(scopes) })
        .Optional(
            "ends", JsonKind.TextOf((field, text) => text is null ? (DateTimeOffset?)null : WireTime.Parse(field, text), "date-time"),
            "When it ends by itself; never if nothing is said.", (draft, ends) => draft with { Ends = ends });

    public static RouteGroupBuilder MapKeys(this RouteGroupBuilder tenant)
    {
        tenant.MapPost("/keys", CreateAsync)
            .WithOperation<CreateKey>("Make a key of the tenant; its text is told in this answer and never again")
            .WithBody(Shape, "The key.");
        tenant.MapGet("/keys", ListAsync)
            .WithOperation<ListKeys>("The keys of the tenant, revoked ones too, in the order in which they were made")
            .WithQuery("limit", "1 to 1,000; 100 if nothing is said.", JsonSchemaType.Integer)
            .WithQuery("cursor", "The next of the page before.");
        tenant.MapDelete("/keys/{key}", RevokeAsync)
            .WithOperation<RevokeKey>("Revoke a key of the tenant; within seconds no silo takes it, and what it holds open is cut off")
            .ProducesProblem(StatusCodes.Status404NotFound);
        tenant.MapGet("/whoami", (TenantScope scope) => TypedResults.Ok(CallerAnswer.Of(Caller.Of(scope.Context))))
            .WithOperation<WhoAmI>("Who the caller is: the tenant, and what the credential allows");
        return tenant;
    }

    private static async Task<Created<NewKeyAnswer>> CreateAsync(TenantScope scope, KeyRing keys, IOptions<SecurityOptions> options)
    {
        RequireOn(options);
        var draft = await scope.ReadAsync(new KeyDraft("", GivenScopes.None, null));
        var (key, text) = await keys.CreateAsync(scope.Tenant, draft, Caller.Of(scope.Context)!.Who, scope.Aborted);
        scope.Context.Response.Headers.CacheControl = "no-store";
        var entry = KeyAnswer.Of(key);
        return TypedResults.Created(
            $"/v1/keys/{entry.Id}", new NewKeyAnswer(entry.Id, entry.Name, key.Tenant, entry.Scopes, entry.Created, entry.Ends, text));
    }

    private static async Task<Ok<KeyPageAnswer>> ListAsync(TenantScope scope, KeyRing keys, IOptions<LimitsOptions> limits)
    {
        var query = scope.Query();
        var limit = query.Limit("limit", DefaultLimit);
        PageRules.Require(limit, limits.Value.PageItems);
        var page = await keys.ListAsync(scope.Tenant, query.String("cursor"), limit, scope.Aborted);
        return TypedResults.Ok(new KeyPageAnswer([.. page.Select(KeyAnswer.Of)], page.Count < limit ? null : KeyText.IdOf(page[^1].Id)));
    }

    private static async Task<NoContent> RevokeAsync(TenantScope scope, KeyRing keys, IOptions<SecurityOptions> options)
    {
        RequireOn(options);
        var id = (string)scope.Context.GetRouteValue("key")!;
        return await keys.RevokeAsync(scope.Tenant, id, Caller.Of(scope.Context)!.Who, scope.Aborted) is not null
            ? TypedResults.NoContent()
            : throw new ProblemException(new Problem(StatusCodes.Status404NotFound, "key_not_found", "There is no such key."));
    }

    /// <summary>Whoever comes while security is off must not be able to come for ever after it was turned on.</summary>
    private static void RequireOn(IOptions<SecurityOptions> options)
    {
        if (options.Value.Mode != SecurityMode.On)
        {
            throw new ProblemException(new Problem(
                StatusCodes.Status409Conflict, "security_off",
                "Security is off, so that nobody is an admin: make the first key by the command 'key create' on the host."));
        }
    }
}

/// <summary>A key, without its text.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Ends">When it ends by itself; null for never.</param>
/// <param name="Revoked">When it was revoked; null if it was not.</param>
/// <param name="LastUsed">When it was last used, to a minute or two; null if it never was.</param>
internal sealed record KeyAnswer(
    string Id, string Name, IReadOnlyList<string> Scopes, DateTime Created, DateTime? Ends, DateTime? Revoked, DateTime? LastUsed)
{
    public static KeyAnswer Of(AccessKey key) => new(
        KeyText.IdOf(key.Id), key.Name, ((GivenScopes)key.Scopes).ToNames(), key.CreatedAt.UtcDateTime, key.EndsAt?.UtcDateTime,
        key.RevokedAt?.UtcDateTime, key.UsedAt?.UtcDateTime);
}

/// <summary>A page of keys.</summary>
/// <param name="Items">The keys.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
internal sealed record KeyPageAnswer(IReadOnlyList<KeyAnswer> Items, string? Next);

/// <summary>A key that was made.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Ends">When it ends by itself; null for never.</param>
/// <param name="Key">Its text, which is told now and never again.</param>
internal sealed record NewKeyAnswer(
    string Id, string Name, string Tenant, IReadOnlyList<string> Scopes, DateTime Created, DateTime? Ends, string Key);

/// <summary>Who a caller is.</summary>
/// <param name="Tenant">Whose sessions it sees.</param>
/// <param name="Name">What the credential is called; <c>anonymous</c> while security is off.</param>
/// <param name="Scopes">What it allows, with all that this includes.</param>
/// <param name="Ends">When it ends; null for never.</param>
internal sealed record CallerAnswer(string Tenant, string Name, IReadOnlyList<string> Scopes, DateTime? Ends)
{
    private const GivenScopes All = GivenScopes.Read | GivenScopes.Write | GivenScopes.Admin;

    public static CallerAnswer Of(Caller? caller) => caller is null
        ? new("default", "anonymous", All.ToNames(), null)
        : new(caller.Tenant.Value, caller.Name ?? "", caller.Scopes.WithIncluded().ToNames(), caller.Ends?.UtcDateTime);
}
