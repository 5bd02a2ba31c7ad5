using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Forge.Tls;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Tls;

public sealed class PeerCertificatesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _authority;
    private readonly TestAuthority _other;
    private readonly List<string> _failures = [];
    private readonly List<string> _distrusts = [];

    public PeerCertificatesTests() => (_authority, _other) = (new(_folder.Path, "one"), new(_folder.Path, "two"));

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void DistrustOf_ACertificateOfAnotherAuthority_SaysWhy()
    {
        var certificates = Load(_authority.Peer("own"));
        using var own = _authority.Make("anybody");
        using var foreign = _other.Make("anybody");
        using var server = _authority.Make("anybody", PeerCertificates.ServerUse);

        Assert.Null(certificates.DistrustOf(own, null, PeerCertificates.ClientUse));
        Assert.Null(certificates.DistrustOf(server, null, PeerCertificates.ServerUse));
        Assert.NotEqual("", certificates.DistrustOf(foreign, null, PeerCertificates.ClientUse) ?? "");
        Assert.NotEqual("", certificates.DistrustOf(server, null, PeerCertificates.ClientUse) ?? "");
    }

    [Theory]
    [InlineData(-3)]
    [InlineData(31)]
    public void DistrustOf_ACertificateThatIsNotValidNow_SaysWhy(int days)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var certificates = Load(_authority.Peer("own"), time);
        using var peer = _authority.Make("peer");
        Assert.Null(certificates.DistrustOf(peer, null, null));

        time.AdjustTime(time.GetUtcNow().AddDays(days));

        Assert.NotNull(certificates.DistrustOf(peer, null, null));
    }

    [Theory]
    [InlineData("forge.example", "forge.example", true)]
    [InlineData("forge.example", "other.example", false)]
    [InlineData("forge.example", "a.forge.example", false)]
    public void DistrustOf_AnotherName_CountsIfOneIsWanted(string wanted, string has, bool isTrusted)
    {
        var options = _authority.Peer("own");
        using var peer = _authority.Make(has);
        Assert.Null(Load(options).DistrustOf(peer, null, null));
        options.PeerName = wanted;

        Assert.Equal(isTrusted, Load(options).DistrustOf(peer, null, null) is null);
    }

    [Fact]
    public void Own_FilesThatWereExchanged_IsWhatTheyAreNow()
    {
        var options = _authority.Peer("own");
        var certificates = Load(options);
        var before = certificates.Own;
        Assert.Same(before, certificates.Own);

        _authority.Issue("own");

        Assert.NotEqual(before.Thumbprint, certificates.Own.Thumbprint);
        Assert.True(certificates.Own.HasPrivateKey);
        using var foreign = _other.Make("peer");
        Assert.NotNull(certificates.DistrustOf(foreign, null, null));
        File.WriteAllText(options.Trusted!, _other.Pem);
        Assert.Null(certificates.DistrustOf(foreign, null, null));
        Assert.Empty(_failures);
    }

    [Fact]
    public void Own_FilesThatCannotBeUsed_IsWhatItWasUntilTheyCan()
    {
        var options = _authority.Peer("own");
        var certificates = Load(options);
        var before = certificates.Own.Thumbprint;

        // The certificate came, and its key is yet to come.
        var (next, key) = _authority.Issue("next");
        File.Copy(next, options.Certificate!, overwrite: true);
        Assert.Equal((before, before), (certificates.Own.Thumbprint, certificates.Own.Thumbprint));
        Assert.Single(_failures);
        File.Delete(options.Key!);
        Assert.Equal((before, before), (certificates.Own.Thumbprint, certificates.Own.Thumbprint));
        Assert.Equal(2, _failures.Count);
        File.Copy(key, options.Key!);

        using var expected = X509CertificateLoader.LoadCertificateFromFile(next);
        Assert.Equal(expected.Thumbprint, certificates.Own.Thumbprint);
        Assert.Equal(2, _failures.Count);
    }

    [Theory]
    [InlineData("pfx")]
    [InlineData("one file")]
    [InlineData("encrypted key")]
    public void Own_InEachFormThatItMayHave_HasItsKey(string form)
    {
        using var made = _authority.Make("forge");
        var options = _authority.Peer("own");
        var (file, key) = (Path.Combine(_folder.Path, "made"), made.GetECDsaPrivateKey()!);
        (options.Certificate, options.Key) = (file, null);
        switch (form)
        {
            case "pfx":
                options.Password = "secret";
                File.WriteAllBytes(file, made.Export(X509ContentType.Pkcs12, "secret"));
                break;
            case "one file":
                File.WriteAllText(file, $"{made.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}");
                break;
            default:
                (options.Password, options.Key) = ("secret", file + ".key");
                File.WriteAllText(file, made.ExportCertificatePem());
                File.WriteAllText(options.Key, key.ExportEncryptedPkcs8PrivateKeyPem(
                    "secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
                break;
        }

        Assert.Equal((made.Thumbprint, true), (Load(options).Own.Thumbprint, Load(options).Own.HasPrivateKey));
        Assert.Empty(PeerTlsRules.Problems("Forge:Tls", options, PeerCertificates.SiloUses, TimeProvider.System));
    }

    [Theory]
    [InlineData("off", null)]
    [InlineData("off with a certificate", "Forge:Tls:Certificate is given, and Forge:Tls:Mode is Off")]
    [InlineData("off with trusted", "Forge:Tls:Trusted is given, and Forge:Tls:Mode is Off")]
    [InlineData("right", null)]
    [InlineData("mode", "Forge:Tls:Mode is 7; it must be one of Off, Mutual.")]
    [InlineData("no certificate", "Forge:Tls:Certificate is empty")]
    [InlineData("no trusted", "Forge:Tls:Trusted is empty")]
    [InlineData("missing file", "names files that cannot be used")]
    [InlineData("no key", "names files that cannot be used")]
    [InlineData("trusted is a leaf", "an authority in PEM that it signed itself")]
    [InlineData("trusted is cut off", "begins 2 certificates and has 1 whole ones")]
    [InlineData("for servers alone", "Forge:Tls:Certificate is none that its peers would trust")]
    [InlineData("for clients alone", "Forge:Tls:Certificate is none that its peers would trust")]
    [InlineData("not trusted", "Forge:Tls:Certificate is none that its peers would trust")]
    [InlineData("name", "Forge:Tls:PeerName is 'a b'")]
    [InlineData("other name", "it is not for other.example")]
    public void Problems_OfSettings_NamesThem(string settings, string? expected)
    {
        var options = _authority.Peer("own");
        switch (settings)
        {
            case "off":
                options = new PeerTlsOptions();
                break;
            case "off with a certificate":
                options = new PeerTlsOptions { Certificate = "nowhere" };
                break;
            case "off with trusted":
                options = new PeerTlsOptions { Trusted = "nowhere" };
                break;
            case "mode":
                options.Mode = (PeerTlsMode)7;
                break;
            case "no certificate":
                options.Certificate = "";
                break;
            case "no trusted":
                options.Trusted = null;
                break;
            case "missing file":
                options.Key = "nowhere";
                break;
            case "no key":
                options.Key = null;
                break;
            case "trusted is a leaf":
                options.Trusted = options.Certificate;
                break;
            case "trusted is cut off":
                File.AppendAllText(options.Trusted!, $"\n{_other.Pem[..^30]}");
                break;
            case "for servers alone":
                _authority.Issue("own", "forge", PeerCertificates.ServerUse);
                break;
            case "for clients alone":
                _authority.Issue("own", "forge", PeerCertificates.ClientUse);
                break;
            case "not trusted":
                options.Trusted = _other.Trusted;
                break;
            case "name":
                options.PeerName = "a b";
                break;
            case "other name":
                options.PeerName = "other.example";
                break;
        }

        var problems = PeerTlsRules.Problems("Forge:Tls", options, PeerCertificates.SiloUses, TimeProvider.System).ToList();

        if (expected is null)
        {
            Assert.Empty(problems);
        }
        else
        {
            Assert.Contains(expected, Assert.Single(problems), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Problems_OfAClient_AreNoneWithACertificateForClientsAlone()
    {
        var options = _authority.Peer("own");
        _authority.Issue("own", "forge", PeerCertificates.ClientUse);
        Assert.Empty(PeerTlsRules.Problems("Forge:Client:Tls", options, PeerCertificates.ClientUses, TimeProvider.System));

        _authority.Issue("own", "forge", PeerCertificates.ServerUse);
        Assert.Single(PeerTlsRules.Problems("Forge:Client:Tls", options, PeerCertificates.ClientUses, TimeProvider.System));
    }

    [Fact]
    public void Trusted_FileThatIsBeingWritten_IsWhatItWas()
    {
        var options = _authority.Peer("own", _other);
        var certificates = Load(options);
        using var peer = _other.Make("peer");
        var whole = File.ReadAllText(options.Trusted!);

        File.WriteAllText(options.Trusted!, whole[..^30]);

        Assert.Null(certificates.DistrustOf(peer, null, null));
        Assert.Single(_failures);
        File.WriteAllText(options.Trusted!, _authority.Pem);
        Assert.NotNull(certificates.DistrustOf(peer, null, null));
    }

    [Fact]
    public void Own_ExchangedForOneThatPeersWouldNotTrust_IsToldOnce()
    {
        var options = _authority.Peer("own");
        var certificates = Load(options);
        _other.Issue("own");

        var own = certificates.Own;
        Assert.Same(own, certificates.Own);
        Assert.StartsWith($"{options.Certificate}: ", Assert.Single(_distrusts), StringComparison.Ordinal);

        // What is trusted may be what was wrong.
        File.WriteAllText(options.Trusted!, _other.Pem);
        Assert.Same(own, certificates.Own);
        File.WriteAllText(options.Trusted!, _authority.Pem);
        Assert.Same(own, certificates.Own);
        Assert.Equal(2, _distrusts.Count);
        Assert.Empty(_failures);
    }

    private PeerCertificates Load(PeerTlsOptions options, TimeProvider? time = null) =>
        new(
            options, PeerCertificates.SiloUses, time ?? TimeProvider.System, (file, exception) => _failures.Add($"{file}: {exception.Message}"),
            (file, distrust) => _distrusts.Add($"{file}: {distrust}"));
}
