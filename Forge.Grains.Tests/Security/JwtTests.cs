using System.Net;
using System.Security.Cryptography;
using Forge.Grains.Tests.Http;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Forge.Grains.Tests.Security;

/// <summary>Tokens of an authority that the test is.</summary>
public sealed class JwtTests : IAsyncLifetime, IDisposable
{
    private const string Issuer = "https://login.example";
    private const string Audience = "forge";

    private readonly RSA _key = RSA.Create(2048);
    private readonly RSA _other = RSA.Create(2048);
    private SecuredSilo _silo = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var known = new OpenIdConnectConfiguration { Issuer = Issuer };
        known.SigningKeys.Add(new RsaSecurityKey(_key.ExportParameters(includePrivateParameters: false)) { KeyId = "1" });
        _silo = await SecuredSilo.StartAsync(
            services => services.AddOptions<JwtBearerOptions>("ForgeJwt").Configure(options =>
                options.ConfigurationManager = new StaticConfigurationManager<OpenIdConnectConfiguration>(known)),
            $"Forge:Security:Jwt:Authority={Issuer}",
            $"Forge:Security:Jwt:Audience={Audience}",
            "Forge:Security:Jwt:TenantClaim=org",
            "Forge:Security:Jwt:ScopeClaim=scp");
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        Dispose();
    }

    public void Dispose()
    {
        _key.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task Token_OfTheAuthority_IsOfItsTenantAndScopes()
    {
        var answer = await GetAsync(Token(new() { ["sub"] = "ann", ["org"] = "acme", ["scp"] = "openid write other" }), "/v1/whoami");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(
            ("acme", "ann", """["read","write"]"""),
            (answer.Json.GetProperty("tenant").GetString(), answer.Json.GetProperty("name").GetString(), answer.Json.GetProperty("scopes").GetRawText()));
        Assert.NotNull(answer.Json.GetProperty("ends").GetString());
    }

    [Fact]
    public async Task Token_WithScopesAsAList_HasThem()
    {
        var token = Token(new() { ["sub"] = "ann", ["org"] = "acme", ["scp"] = new[] { "read", "admin" } });
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(token, "/v1/keys")).Status);
    }

    [Fact]
    public async Task Token_WithoutAScope_IsForbiddenAll()
    {
        var token = Token(new() { ["sub"] = "ann", ["org"] = "acme" });
        (await GetAsync(token, "/v1/sessions")).MustRefuse(HttpStatusCode.Forbidden, "forbidden");
        (await GetAsync(token, "/v1/whoami")).MustRefuse(HttpStatusCode.Forbidden, "forbidden");
    }

    [Fact]
    public async Task Token_BesideKeys_SharesTheTenant()
    {
        var token = Token(new() { ["sub"] = "ann", ["org"] = "acme", ["scp"] = "read" });
        using var writer = await _silo.CallerAsync("acme");
        await new SessionHttp(writer, "s").CreateAsync("one");

        Assert.Equal(HttpStatusCode.OK, (await GetAsync(token, "/v1/sessions/s")).Status);
    }

    [Fact]
    public async Task Token_ThatIsNotGood_IsUnauthenticatedAlike()
    {
        Dictionary<string, object> good = new() { ["sub"] = "ann", ["org"] = "acme", ["scp"] = "admin" };
        Dictionary<string, string> tokens = new()
        {
            ["another key"] = Token(good, key: _other),
            ["another issuer"] = Token(good, issuer: "https://evil.example"),
            ["another audience"] = Token(good, audience: "somebody"),
            ["over"] = Token(good, ends: TimeSpan.FromHours(-1)),
            ["over for longer than clocks are apart"] = Token(good, ends: TimeSpan.FromMinutes(-1)),
            ["no tenant"] = Token(new() { ["sub"] = "ann", ["scp"] = "admin" }),
            ["two tenants"] = Token(new() { ["sub"] = "ann", ["org"] = new[] { "acme", "other" }, ["scp"] = "admin" }),
            ["a tenant that cannot be"] = Token(new() { ["sub"] = "ann", ["org"] = "a/b", ["scp"] = "admin" }),
            ["unsigned"] = Token(good).Split('.') is [_, var body, _] ? $"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}." : "",
            ["garbage"] = "a.b.c",
        };
        foreach (var (name, token) in tokens)
        {
            var answer = await GetAsync(token, "/v1/whoami");
            Assert.True(answer.Status == HttpStatusCode.Unauthorized, name);
            answer.MustRefuse(HttpStatusCode.Unauthorized, "unauthenticated");
        }
    }

    private string Token(
        Dictionary<string, object> claims, RSA? key = null, string issuer = Issuer, string audience = Audience, TimeSpan? ends = null)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Claims = claims,
            NotBefore = now.AddHours(-2),
            IssuedAt = now.AddHours(-2),
            Expires = now + (ends ?? TimeSpan.FromHours(1)),
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(key ?? _key) { KeyId = "1" }, SecurityAlgorithms.RsaSha256),
        });
    }

    private async Task<HttpAnswer> GetAsync(string token, string path)
    {
        using var client = _silo.With(token);
        using var response = await client.GetAsync(path, Cancel);
        return await HttpAnswer.ReadAsync(response);
    }
}
