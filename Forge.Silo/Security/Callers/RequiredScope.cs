using Forge.Operations;
using Microsoft.AspNetCore.Authorization;

namespace Forge.Silo.Security.Callers;

/// <summary>What a route wants of its callers: a policy of ASP.NET Core's authorization, which has one for each scope.</summary>
/// <param name="scope">The scope.</param>
internal sealed class RequiredScope(AccessScope scope) : IAuthorizeData
{
    public AccessScope Scope { get; } = scope;

    /// <inheritdoc/>
    public string? Policy { get; set; } = PolicyOf(scope);

    /// <inheritdoc/>
    public string? Roles { get; set; }

    /// <inheritdoc/>
    public string? AuthenticationSchemes { get; set; }

    /// <summary>The name of the policy of a scope.</summary>
    public static string PolicyOf(AccessScope scope) => $"forge.{scope.ToName()}";
}
