using System.Text.Encodings.Web;
using Forge.Silo.Security.Audit;
using Forge.Silo.Security.Keys;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Security;

/// <summary>Finds out who calls by a key.</summary>
internal sealed class KeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, CheckedKeys keys, AuditTrail audit)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>True of a request for what is open to everybody.</summary>
    public static bool IsOpen(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // What is open to everybody asks nobody who it is, and the database nothing.
        if (IsOpen(Context) || BearerToken.Of(Request) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }

        if (KeyText.Parse(token) is not { } key)
        {
            audit.Refuse(null, "", "malformed");
            return AuthenticateResult.Fail("It is no key.");
        }

        var found = await keys.CheckAsync(key, Context.RequestAborted);
        switch (found.Refusal)
        {
            case KeyRefusal.None:
                return AuthenticateResult.Success(new AuthenticationTicket(found.User!, Scheme.Name));
            case KeyRefusal.Revoked:
                audit.Refuse(found.Row!.Tenant, WhoOf(found), "revoked");
                return AuthenticateResult.Fail("The key was revoked.");
            case KeyRefusal.Ended:
                audit.Refuse(found.Row!.Tenant, WhoOf(found), "ended");
                return AuthenticateResult.Fail("The key has ended.");
            default:
                // Somebody who guesses at a key of a tenant's is that tenant's to know of; the caller learns nothing of it.
                audit.Refuse(found.Row?.Tenant, found.Row is null ? "" : WhoOf(found), found.Row is null ? "unknown" : "wrong secret");
                return AuthenticateResult.Fail("The key is not known.");
        }
    }

    private static string WhoOf(CheckedKey found) => $"key:{KeyText.IdOf(found.Row!.Id)}";
}
