using Forge.Operations;
using Forge.Silo.Http;
using Forge.Silo.Security.Audit;
using Forge.Silo.Security.Callers;
using Forge.Silo.Security.Settings;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Security;

/// <summary>A caller must be allowed a scope.</summary>
/// <param name="Scope">The scope; null for whoever is somebody, and asks for nothing that is there.</param>
internal sealed record ScopeRequirement(AccessScope? Scope) : IAuthorizationRequirement;

/// <summary>Decides by what the caller's credential allows.</summary>
internal sealed class ScopeHandler : AuthorizationHandler<ScopeRequirement>
{
    /// <inheritdoc/>
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, ScopeRequirement requirement)
    {
        // A route that says nothing of its scope is for nobody, whoever forgot it.
        if (Caller.Of(context.User) is { } caller
            && (requirement.Scope is { } scope ? caller.Scopes.Allow(scope) : (context.Resource as HttpContext)?.GetEndpoint() is not RouteEndpoint))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}

/// <summary>
/// Requires of a call inside a connection or of a tool what the authorization of ASP.NET Core requires of a request: such a call has come
/// past none.
/// </summary>
internal sealed class AccessRules(
    IOptions<SecurityOptions> options, AuditTrail audit, IAuthorizationService? authorization = null, IAuthorizationPolicyProvider? policies = null)
{
    private readonly bool _isOn = options.Value.Mode == SecurityMode.On;

    /// <summary>Requires that the user of a context may call its endpoint.</summary>
    /// <exception cref="ProblemException">The user may not.</exception>
    public ValueTask RequireAsync(HttpContext context) => _isOn ? new(CheckAsync(context)) : default;

    private async Task CheckAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return;
        }

        var policy = await AuthorizationPolicy.CombineAsync(policies!, endpoint?.Metadata.GetOrderedMetadata<IAuthorizeData>() ?? []);
        if (policy is null || !(await authorization!.AuthorizeAsync(context.User, context, policy)).Succeeded)
        {
            throw new ProblemException(Caller.Of(context.User) is { } caller
                ? AccessProblems.Forbid(audit, caller, endpoint)
                : AccessProblems.Unauthenticated());
        }
    }
}
