using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Forge.Grains.Hosting;
using Forge.Grains.Tests.Security;

namespace Forge.Grains.Tests.Tls;

/// <summary>HTTPS of the silo itself, as <c>Kestrel:Endpoints</c> says.</summary>
public sealed class HttpsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Https_CertificateThatWasExchanged_IsShownWithoutARestart()
    {
        using var folder = new TemporaryFolder();
        using var authority = new TestAuthority(folder.Path, "one");
        var (certificate, key) = authority.Issue("https");
        using var port = PortReservation.Take(IPAddress.Loopback);
        var url = $"https://127.0.0.1:{port.Port}";
        await using var silo = await SecuredSilo.StartAsync(
            "urls=", $"Kestrel:Endpoints:Https:Url={url}", $"Kestrel:Endpoints:Https:Certificate:Path={certificate}",
            $"Kestrel:Endpoints:Https:Certificate:KeyPath={key}");
        var before = await ShownAsync(url);
        using var expected = X509CertificateLoader.LoadCertificateFromFile(certificate);
        Assert.Equal(expected.Thumbprint, before);

        // The key first: what the server reads of a pair that does not fit it does not show.
        authority.Issue("next");
        File.Copy(Path.Combine(folder.Path, "next.key"), key, overwrite: true);
        File.Copy(Path.Combine(folder.Path, "next.crt"), certificate, overwrite: true);

        using var next = X509CertificateLoader.LoadCertificateFromFile(certificate);
        Assert.Equal(next.Thumbprint, await SecuredSilo.UntilAsync(() => ShownAsync(url), shown => shown != before && shown is not null));
    }

    /// <summary>The thumbprint of what a new connection is shown; null if there is none at the moment.</summary>
    private static async Task<string?> ShownAsync(string url)
    {
        string? shown = null;
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    shown = (certificate as X509Certificate2)?.Thumbprint;
                    return shown is not null;
                },
            },
        };
        using var client = new HttpClient(handler);
        try
        {
            using var answer = await client.GetAsync($"{url}/health/live", Cancel);
            return answer.StatusCode == HttpStatusCode.OK ? shown : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
