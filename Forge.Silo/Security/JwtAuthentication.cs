using System.Security.Claims;
using Forge.Identity;
using Forge.Silo.Security.Audit;
using Forge.Silo.Security.Callers;
using Forge.Silo.Security.Settings;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Security;

/// <summary>How tokens of the authority are read: ASP.NET Core checks them, and who calls is told by the claims that the settings name.</summary>
internal sealed class JwtAuthentication(IOptions<SecurityOptions> options, AuditTrail audit) : IConfigureNamedOptions<JwtBearerOptions>
{
    public const string Scheme = "ForgeJwt";

    /// <summary>How far the clocks of the authority and of silos may be apart: so long a token is good behind its end.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    private readonly JwtOptions _jwt = options.Value.Jwt;

    /// <inheritdoc/>
    public void Configure(JwtBearerOptions options) => Configure(Scheme, options);

    /// <inheritdoc/>
    public void Configure(string? name, JwtBearerOptions options)
    {
        if (name != Scheme)
        {
            return;
        }

        options.Authority = _jwt.Authority;
        options.Audience = _jwt.Audience;

        // The validator lets an authority of this machine be without TLS, for tests and trials.
        options.RequireHttpsMetadata = !(Uri.TryCreate(_jwt.Authority, UriKind.Absolute, out var authority) && authority.IsLoopback);
        options.MapInboundClaims = false;
        options.TokenValidationParameters.ClockSkew = ClockSkew;
        options.Events = new JwtBearerEvents
        {
            OnMessageReceived = context =>
            {
                context.Token = BearerToken.Of(context.Request);
                return Task.CompletedTask;
            },
            OnTokenValidated = context =>
            {
                if (CallerOf(context.Principal!, context.SecurityToken.ValidTo) is { } caller)
                {
                    context.Principal = new ClaimsPrincipal(caller);
                }
                else
                {
                    audit.Refuse(null, "", "token without a tenant");
                    context.Fail($"The token names no tenant by its claim '{_jwt.TenantClaim}'.");
                }

                return Task.CompletedTask;
            },
            OnAuthenticationFailed = context =>
            {
                audit.Refuse(null, "", $"token: {context.Exception.GetType().Name}");
                return Task.CompletedTask;
            },
        };
    }

    private Caller? CallerOf(ClaimsPrincipal token, DateTime validTo)
    {
        // One of two would be taken by chance.
        if (token.FindAll(_jwt.TenantClaim).Take(2).ToList() is not [{ Value: var name }] || !TenantId.TryParse(name, out var tenant))
        {
            return null;
        }

        var scopes = token.FindAll(_jwt.ScopeClaim)
            .SelectMany(claim => claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Aggregate(GivenScopes.None, (given, scope) => given | GivenScopesExtensions.Parse(scope));
        var subject = token.FindFirst("sub")?.Value ?? "";
        var ends = new DateTimeOffset(validTo, TimeSpan.Zero);
        ends = ends < DateTimeOffset.MaxValue - ClockSkew ? ends + ClockSkew : ends;
        return new Caller(Scheme, tenant, subject, $"jwt:{subject}", scopes, ends);
    }
}
