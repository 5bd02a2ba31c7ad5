using Forge.Operations;
using Forge.Silo.Http;
using Forge.Silo.Security.Audit;
using Forge.Silo.Security.Callers;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Security;

/// <summary>What those are answered who may not come in, or may not do what they ask for.</summary>
internal static class AccessProblems
{
    /// <summary>Nobody was found, or what was brought is not good: which of these is not told to whoever guesses.</summary>
    public static Problem Unauthenticated(string? detail = null) => new(
        StatusCodes.Status401Unauthorized, "unauthenticated",
        detail ?? "A credential is wanted: a key or a token that is good, as Authorization: Bearer with it.");

    /// <summary>The credential does not allow it.</summary>
    /// <param name="audit">Is told of it.</param>
    /// <param name="caller">Who asked.</param>
    /// <param name="endpoint">What for.</param>
    public static Problem Forbid(AuditTrail audit, Caller caller, Endpoint? endpoint)
    {
        var scope = (endpoint?.Metadata.GetMetadata<RequiredScope>()?.Scope ?? AccessScope.Admin).ToName();
        audit.Forbid(caller.Tenant.Value, caller.Who, endpoint?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "");
        return new(
            StatusCodes.Status403Forbidden, "forbidden", $"The credential does not allow it: the scope '{scope}' is missing.", ("scope", scope));
    }
}

/// <summary>Answers what ASP.NET Core's authorization refuses.</summary>
internal sealed class AccessAnswers(AuditTrail audit) : IAuthorizationMiddlewareResultHandler
{
    /// <inheritdoc/>
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            return next(context);
        }

        if (Caller.Of(context) is { } caller)
        {
            return ProblemAnswers.AnswerAsync(context, AccessProblems.Forbid(audit, caller, context.GetEndpoint()));
        }

        context.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        return ProblemAnswers.AnswerAsync(context, AccessProblems.Unauthenticated());
    }
}
