using System.Security.Claims;
using System.Text;
using Forge.Identity;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace Forge.Silo.Security.Callers;

/// <summary>Who calls, as a credential says that was found to be good.</summary>
internal sealed class Caller : ClaimsIdentity
{
    private const int MostCharacters = 200;

    /// <param name="scheme">By which scheme it was found out.</param>
    /// <param name="tenant">Whose sessions it may see.</param>
    /// <param name="name">What people call it; an authority may call it anything, so that it is cleaned and cut off at 200 characters.</param>
    /// <param name="who">What the audit calls it, so that it can be found; cleaned as the name.</param>
    /// <param name="scopes">What it may do.</param>
    /// <param name="ends">When the credential ends; null for never.</param>
    public Caller(string scheme, TenantId tenant, string name, string who, GivenScopes scopes, DateTimeOffset? ends)
        : base([new Claim(DefaultNameClaimType, Clean(name))], scheme) => (Tenant, Who, Scopes, Ends) = (tenant, Clean(who), scopes, ends);

    public TenantId Tenant { get; }

    /// <summary>What the audit calls it: <c>key:</c> with its id, or <c>jwt:</c> with its subject.</summary>
    public string Who { get; }

    public GivenScopes Scopes { get; }

    public DateTimeOffset? Ends { get; }

    /// <summary>The key that it came by; null for none.</summary>
    public long? Key { get; init; }

    /// <summary>Who makes a request; null if security is off, or nobody was found.</summary>
    // Not the context's own property, which makes an empty principal for each request that has none.
    public static Caller? Of(HttpContext context) => Of(context.Features.Get<IHttpAuthenticationFeature>()?.User);

    /// <summary>As the other, of what a connection or request was found to be.</summary>
    public static Caller? Of(ClaimsPrincipal? user) => user?.Identity as Caller;

    /// <summary>The tenant of a caller; the default one if security is off, when nobody is anybody else.</summary>
    public static TenantId TenantOf(ClaimsPrincipal? user) => Of(user)?.Tenant ?? TenantId.Default;

    // No database takes half a character, nor each of them a zero.
    private static string Clean(string text)
    {
        if (text.Length <= MostCharacters && !text.Any(character => char.IsControl(character) || char.IsSurrogate(character)))
        {
            return text;
        }

        var clean = new StringBuilder(MostCharacters);
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > MostCharacters)
            {
                break;
            }

            clean.Append((Rune.IsControl(rune) ? Rune.ReplacementChar : rune).ToString());
        }

        return clean.ToString();
    }
}
