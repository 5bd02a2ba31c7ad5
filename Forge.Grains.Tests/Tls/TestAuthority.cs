using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Forge.Tls;

namespace Forge.Grains.Tests.Tls;

/// <summary>An authority that makes certificates, whose files stand in a folder.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly string _folder;
    private readonly string _name;
    private readonly X509Certificate2 _certificate;

    public TestAuthority(string folder, string name)
    {
        (_folder, _name) = (folder, name);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _certificate = request.CreateSelfSigned(Now.AddDays(-2), Now.AddDays(100));
        File.WriteAllText(Trusted, Pem);
    }

    /// <summary>The file of its own certificate.</summary>
    public string Trusted => Path.Combine(_folder, $"{_name}.pem");

    public string Pem => _certificate.ExportCertificatePem();

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>A certificate for this machine, for a day before and 30 days after now.</summary>
    /// <param name="subject">Its subject's common name, and its DNS name.</param>
    /// <param name="uses">What it is allowed for; for a server and a client if nothing is said.</param>
    public X509Certificate2 Make(string subject, params Oid[] uses)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(subject);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [.. uses.Length > 0 ? uses : [PeerCertificates.ServerUse, PeerCertificates.ClientUse]], false));
        using var bare = request.Create(_certificate, Now.AddDays(-1), Now.AddDays(30), RandomNumberGenerator.GetBytes(8));
        return bare.CopyWithPrivateKey(key);
    }

    /// <summary>Writes a new certificate into files, also over those that are there, the key in a file of its own.</summary>
    public (string Certificate, string Key) Issue(string file, string subject = "forge", params Oid[] uses)
    {
        using var made = Make(subject, uses);
        var (certificate, key) = (Path.Combine(_folder, $"{file}.crt"), Path.Combine(_folder, $"{file}.key"));
        File.WriteAllText(certificate, made.ExportCertificatePem());
        File.WriteAllText(key, made.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return (certificate, key);
    }

    /// <summary>Settings of a peer with a new certificate, that trusts this authority and others.</summary>
    public PeerTlsOptions Peer(string file, params TestAuthority[] others)
    {
        var (certificate, key) = Issue(file);
        var trusted = Path.Combine(_folder, $"{file}.trusted.pem");
        File.WriteAllText(trusted, string.Join('\n', others.Prepend(this).Select(authority => authority.Pem)));
        return new PeerTlsOptions { Mode = PeerTlsMode.Mutual, Certificate = certificate, Key = key, Trusted = trusted };
    }

    public void Dispose() => _certificate.Dispose();
}
