using Forge.Operations;
using Forge.Silo.Security.Audit;
using Forge.Silo.Security.Callers;
using Forge.Silo.Security.Keys;
using Forge.Silo.Security.Settings;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Security;

/// <summary>Adds who may come in to the host: ASP.NET Core's authentication and authorization, if security is on.</summary>
internal static class SecurityServices
{
    private const string Selector = "Forge";

    public static IServiceCollection AddSecurity(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<SecurityOptions>, SecurityOptionsValidator>();
        services.AddOptions<SecurityOptions>().BindConfiguration(SecurityOptions.Section).ValidateOnStart();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<AccessRules>();
        services.AddSingleton<OpenCallers>();
        services.AddSingleton<CheckedKeys>();
        services.AddSingleton<KeyRing>();
        services.AddHostedService<ExposureCheck>();
        services.AddHostedService<TrialKey>();
        services.AddHostedService<SecurityUpkeep>();

        // Routes say what they want of their callers whether or not anybody asks.
        services.Configure<RouteOptions>(routes => routes.SuppressCheckForUnhandledSecurityMetadata = true);
        if (!IsOn(configuration))
        {
            return services;
        }

        var takesTokens = !string.IsNullOrEmpty(configuration[$"{SecurityOptions.Section}:Jwt:Authority"]);
        var authentication = services.AddAuthentication(Selector)
            .AddPolicyScheme(Selector, null, select => select.ForwardDefaultSelector = context =>
                takesTokens && !KeyAuthentication.IsOpen(context) && BearerToken.Of(context.Request) is { Length: > 0 } token && !token.StartsWith(KeyText.Prefix, StringComparison.Ordinal)
                    ? JwtAuthentication.Scheme
                    : CheckedKeys.Scheme)
            .AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(CheckedKeys.Scheme, null);
        if (takesTokens)
        {
            authentication.AddJwtBearer(JwtAuthentication.Scheme, _ => { });
            services.AddSingleton<IConfigureOptions<JwtBearerOptions>, JwtAuthentication>();
        }

        services.AddSingleton<IAuthorizationHandler, ScopeHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessAnswers>();
        services.AddAuthorization(authorization =>
        {
            foreach (var scope in Enum.GetValues<AccessScope>())
            {
                authorization.AddPolicy(RequiredScope.PolicyOf(scope), policy => policy.AddRequirements(new ScopeRequirement(scope)));
            }

            authorization.FallbackPolicy = new AuthorizationPolicy([new ScopeRequirement(null)], []);
        });
        return services;
    }

    /// <summary>Has each request that comes say who makes it, if security is on.</summary>
    public static void UseSecurity(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<SecurityOptions>>().Value.Mode == SecurityMode.On)
        {
            app.UseAuthentication();
            app.UseAuthorization();
        }
    }

    // Which services there are has to be known before the options are.
    /// <summary>True if callers say who they are.</summary>
    public static bool IsOn(IConfiguration configuration) =>
        configuration.GetSection(SecurityOptions.Section).Get<SecurityOptions>()?.Mode == SecurityMode.On;
}
