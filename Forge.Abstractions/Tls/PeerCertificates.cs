using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Forge.Tls;

/// <summary>
/// The certificate that a silo or a client shows its peers, and those that it trusts, as their files have them now. Safe for concurrent use.
/// </summary>
internal sealed class PeerCertificates
{
    /// <summary>What a certificate must be allowed for to be shown by who listens.</summary>
    public static readonly Oid ServerUse = new("1.3.6.1.5.5.7.3.1");

    /// <summary>What a certificate must be allowed for to be shown by who connects.</summary>
    public static readonly Oid ClientUse = new("1.3.6.1.5.5.7.3.2");

    private readonly string? _peerName;
    private readonly TimeProvider _time;
    private readonly FileParts<X509Certificate2> _own;
    private readonly FileParts<Authorities> _trusted;

    /// <param name="options">Which files; checked.</param>
    /// <param name="time">The clock by which certificates are valid.</param>
    /// <param name="failed">Is told of files that were exchanged and cannot be used, once until they change again.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="CryptographicException">A file is not what it is to be.</exception>
    public PeerCertificates(PeerTlsOptions options, TimeProvider time, Action<string, Exception> failed)
    {
        (_peerName, _time) = (options.PeerName, time);
        var password = options.Password;
        string[] files = options.Key is { } key ? [options.Certificate!, key] : [options.Certificate!];
        _own = new(files, parts => Load(parts, password), failed);
        _trusted = new([options.Trusted!], parts => Authorities.Load(parts[0]), failed);
    }

    /// <summary>The own certificate, with its key.</summary>
    public X509Certificate2 Own => _own.Current;

    /// <summary>Why a peer's certificate is not trusted, as a half sentence; null if it is.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="chain">What the peer sent along; null for nothing.</param>
    /// <param name="use">What it must be allowed for; null for nothing.</param>
    public string? DistrustOf(X509Certificate2 certificate, X509Chain? chain, Oid? use)
    {
        using var path = new X509Chain();
        var (policy, trusted) = (path.ChainPolicy, _trusted.Current);
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(trusted.Roots);
        policy.ExtraStore.AddRange(trusted.Between);
        policy.ExtraStore.AddRange(chain?.ChainPolicy.ExtraStore ?? []);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = _time.GetUtcNow().UtcDateTime;
        if (use is not null)
        {
            policy.ApplicationPolicy.Add(use);
        }

        return !path.Build(certificate)
            ? string.Join(", ", path.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.')).Distinct())
            : _peerName is not null && !certificate.MatchesHostname(_peerName, allowWildcards: false, allowCommonName: false)
                ? $"it is not for {_peerName}"
                : null;
    }

    private static X509Certificate2 Load(IReadOnlyList<byte[]> parts, string? password)
    {
        var certificate = IsPem(parts[0])
            ? LoadPem(Encoding.ASCII.GetString(parts[0]), Encoding.ASCII.GetString(parts[^1]), password)
            : parts.Count == 1
                ? X509CertificateLoader.LoadPkcs12(parts[0], password)
                : throw new CryptographicException("A certificate that is not PEM brings its key along; no other file may be named for it.");
        return certificate.HasPrivateKey ? certificate : throw new CryptographicException("The certificate comes without its private key.");
    }

    private static X509Certificate2 LoadPem(string certificate, string key, string? password)
    {
        var loaded = password is null
            ? X509Certificate2.CreateFromPem(certificate, key)
            : X509Certificate2.CreateFromEncryptedPem(certificate, key, password);

        // Windows shows no certificate whose key is in memory alone.
        return OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(loaded.Export(X509ContentType.Pkcs12), null) : loaded;
    }

    private static bool IsPem(ReadOnlySpan<byte> content) => content.IndexOf("-----BEGIN "u8) >= 0;

    /// <summary>The certificates that are trusted, and those that lead to them.</summary>
    private sealed record Authorities(X509Certificate2Collection Roots, X509Certificate2Collection Between)
    {
        public static Authorities Load(byte[] pem)
        {
            X509Certificate2Collection all = [];
            all.ImportFromPem(Encoding.ASCII.GetString(pem));
            var roots = all.Where(c => c.SubjectName.RawData.AsSpan().SequenceEqual(c.IssuerName.RawData)).ToArray();
            return roots.Length > 0
                ? new Authorities([.. roots], [.. all.Except(roots)])
                : throw new CryptographicException("The file of what is trusted has no certificate of an authority in PEM that it signed itself.");
        }
    }
}
