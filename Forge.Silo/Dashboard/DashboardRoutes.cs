using Forge.Operations;
using Forge.Silo.Http;
using Forge.Silo.Security.Callers;
using Forge.Silo.Security.Settings;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Orleans.Dashboard;

namespace Forge.Silo.Dashboard;

/// <summary>
/// The dashboard of Orleans, which shows silos and grains of all tenants: off unless <c>Forge:Dashboard:Enabled</c> is true, and for admins of the one
/// tenant that sees what is nobody's.
/// </summary>
internal static class DashboardRoutes
{
    public const string Path = "/dashboard";

    /// <summary>
    /// As of the page at <c>/</c>, but for styles, which its scripts write into elements, and for pictures and fonts that stand in its style sheet.
    /// </summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // The state of a grain is what its tenant saved, and the log of a silo is its operator's.
    private static readonly string[] Hidden = [$"{Path}/GrainState", $"{Path}/Trace"];

    /// <summary>Gathers what the dashboard shows, if it is on.</summary>
    /// <exception cref="InvalidOperationException">The setting is neither true nor false.</exception>
    public static ISiloBuilder AddOrleansDashboard(this ISiloBuilder silo, IConfiguration configuration) =>
        DashboardSetting.IsOn(configuration) ? silo.AddDashboard(dashboard => dashboard.HideTrace = true) : silo;

    /// <summary>Serves the dashboard, if it is on.</summary>
    public static void MapDashboard(this WebApplication app)
    {
        if (!DashboardSetting.IsOn(app.Configuration))
        {
            return;
        }

        var security = app.Services.GetRequiredService<IOptions<SecurityOptions>>().Value;
        app.MapOrleansDashboard(Path)
            .WithMetadata(new RequiredScope(AccessScope.Admin))
            .WithMetadata(new QueryParameter("exclude", "A part of the names of grains that its page leaves out; as often as wanted.", JsonSchemaType.String))
            .ExcludeFromDescription()
            .AddEndpointFilter(async (context, next) =>
            {
                var http = context.HttpContext;
                if (Caller.Of(http) is { } caller && caller.Tenant.Value != security.AuditTenant)
                {
                    return ProblemAnswers.Result(new Problem(
                        StatusCodes.Status403Forbidden, "forbidden",
                        $"The dashboard shows all tenants, and is for admins of the tenant '{security.AuditTenant}'.", ("scope", AccessScope.Admin.ToName())));
                }

                if (Hidden.Contains(http.Request.Path.Value?.TrimEnd('/'), StringComparer.OrdinalIgnoreCase))
                {
                    return ProblemAnswers.Result(Problem.FromStatus(StatusCodes.Status404NotFound));
                }

                var headers = http.Response.Headers;
                headers.ContentSecurityPolicy = Policy;
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "no-referrer";
                return await next(context);
            });
    }
}
