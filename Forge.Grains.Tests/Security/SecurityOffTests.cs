using System.Net;
using System.Text;
using Forge.Grains.Tests.Http;

namespace Forge.Grains.Tests.Security;

/// <summary>What there is of it while it is off.</summary>
[Collection(HttpTests.Name)]
public sealed class SecurityOffTests(SiloServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer forge_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Bearer garbage")]
    public async Task WhoAmI_AnyCaller_IsTheDefaultTenant(string? credential)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/whoami");
        if (credential is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", credential);
        }

        using var response = await server.Client.SendAsync(request, Cancel);
        var answer = await HttpAnswer.ReadAsync(response);
        Assert.Equal("""{"tenant":"default","name":"anonymous","scopes":["read","write","admin"],"ends":null}""", answer.Text);
    }

    [Fact]
    public async Task Keys_WhileNobodyIsAnAdmin_AreNotMadeNorRevoked()
    {
        using var content = new StringContent("""{"name":"a","scopes":["admin"]}""", Encoding.UTF8, "application/json");
        using var made = await server.Client.PostAsync("/v1/keys", content, Cancel);
        using var revoked = await server.Client.DeleteAsync("/v1/keys/0123456789abcdef", Cancel);

        (await HttpAnswer.ReadAsync(made)).MustRefuse(HttpStatusCode.Conflict, "security_off");
        (await HttpAnswer.ReadAsync(revoked)).MustRefuse(HttpStatusCode.Conflict, "security_off");
    }

    [Theory]
    [InlineData("/v1/keys", 0, HttpStatusCode.BadRequest, "invalid_request")]
    [InlineData("/v1/keys", 1001, HttpStatusCode.RequestEntityTooLarge, "limit_exceeded")]
    [InlineData("/v1/audit", -1, HttpStatusCode.BadRequest, "invalid_request")]
    [InlineData("/v1/audit", 1001, HttpStatusCode.RequestEntityTooLarge, "limit_exceeded")]
    public async Task Lists_OfAsManyAsNoPageHas_AreRefused(string path, int limit, HttpStatusCode status, string code)
    {
        using var response = await server.Client.GetAsync($"{path}?limit={limit}", Cancel);
        (await HttpAnswer.ReadAsync(response)).MustRefuse(status, code, "limit");
    }

    [Theory]
    [InlineData("/v1/keys", """{"items":[],"next":null}""")]
    [InlineData("/v1/audit?after=3", """{"items":[],"next":3}""")]
    public async Task Lists_WhileNothingIsDone_AreEmpty(string path, string expected)
    {
        using var response = await server.Client.GetAsync(path, Cancel);
        Assert.Equal(expected, (await HttpAnswer.ReadAsync(response)).Text);
    }
}
