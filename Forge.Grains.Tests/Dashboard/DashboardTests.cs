using System.Net;
using System.Text.Json;
using Forge.Grains.Tests.Security;
using Forge.Silo.Hosting;
using Forge.Silo.Security;
using Forge.Silo.Security.Callers;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Forge.Grains.Tests.Dashboard;

/// <summary>The dashboard of Orleans is for admins of one tenant alone, and off unless somebody wants it.</summary>
public sealed class DashboardTests
{
    private const string On = "Forge:Dashboard:Enabled=true";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dashboard_OfASecuredSilo_IsForAdminsOfTheOneTenant()
    {
        await using var silo = await SecuredSilo.StartAsync(On);
        using var admin = await silo.CallerAsync("default");
        foreach (var path in new[] { "/dashboard/", "/dashboard/index.min.js", "/dashboard/DashboardCounters", "/dashboard/ClusterStats" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(silo.Client, path));
            foreach (var scopes in new[] { GivenScopes.Read, GivenScopes.Write | GivenScopes.Read })
            {
                using var less = await silo.CallerAsync("default", scopes);
                Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(less, path));
            }

            using var other = await silo.CallerAsync("acme");
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(other, path));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(admin, path));
        }

        using var page = await admin.GetAsync("/dashboard/", Cancel);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);

        // It counts by a timer, and has counted nothing yet in a silo that has just started.
        using var counters = JsonDocument.Parse(await admin.GetStringAsync("/dashboard/DashboardCounters", Cancel));
        Assert.InRange(counters.RootElement.GetProperty("totalActiveHostCount").GetInt32(), 0, 1);

        // Its page leaves grains out by parts of their names.
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(admin, "/dashboard/DashboardCounters?exclude=Orleans.&exclude=System."));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(admin, "/dashboard/DashboardCounters?include=Orleans."));

        // What tenants saved and what the silo logs is not shown, not to admins either.
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(admin, "/dashboard/Trace"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(admin, "/dashboard/grainstate"));
    }

    [Fact]
    public async Task Dashboard_EachOfItsRoutes_IsForAdminsOfTheOneTenant()
    {
        await using var silo = await SecuredSilo.StartAsync(On);
        using var other = await silo.CallerAsync("acme");
        using var less = await silo.CallerAsync("default", GivenScopes.Read);
        var routes = silo.Routes.Where(route => route.RoutePattern.RawText!.TrimStart('/').StartsWith("dashboard", StringComparison.OrdinalIgnoreCase)).ToList();
        Assert.True(routes.Count > 10);
        foreach (var route in routes)
        {
            var path = $"/{string.Join('/', route.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(TextOf))))}";
            var method = new HttpMethod(route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods[0] ?? "GET");

            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, await StatusAsync(silo.Client, path, method)));
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, await StatusAsync(less, path, method)));
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, await StatusAsync(other, path, method)));
        }

        static string TextOf(RoutePatternPart part) => part is RoutePatternLiteralPart literal ? literal.Content : "1";
    }

    [Fact]
    public async Task Dashboard_ByDefault_IsNotThere()
    {
        await using var silo = await SecuredSilo.StartAsync();
        using var admin = await silo.CallerAsync("default");

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(admin, "/dashboard/"));
    }

    [Fact]
    public async Task Dashboard_OfAnOpenSiloOnItsOwnMachine_IsOpen()
    {
        await using var silo = await SecuredSilo.StartAsync(On, "Forge:Security:Mode=Off");

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(silo.Client, "/dashboard"));
    }

    [Theory]
    [InlineData("Forge:Security:AllowAnonymous=true")]
    [InlineData("Forge:Security:AllowAnonymous=false")]
    public async Task Start_WithADashboardThatOthersReachWithoutSecurity_IsRefused(string setting)
    {
        var error = await Assert.ThrowsAsync<ExposedException>(
            () => SecuredSilo.StartAsync(On, setting, "Forge:Security:Mode=Off", "urls=http://0.0.0.0:0"));

        Assert.Contains("Forge:Dashboard:Enabled", StartFailure.Explain(error), StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        using var response = await client.SendAsync(request, Cancel);
        return response.StatusCode;
    }
}
