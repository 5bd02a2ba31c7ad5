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

    /// <summary>What the certificate of a silo must be allowed for: it listens, and connects to other silos.</summary>
    public static readonly IReadOnlyList<Oid> SiloUses = [ServerUse, ClientUse];

    /// <summary>What the certificate of a client must be allowed for.</summary>
    public static readonly IReadOnlyList<Oid> ClientUses = [ClientUse];

    private readonly string? _peerName;
    private readonly IReadOnlyList<Oid> _uses;
    private readonly string _certificate;
    private readonly Action<string, string> _distrusted;
    private readonly TimeProvider _time;
    private readonly FileParts<X509Certificate2> _own;
    private readonly FileParts<Authorities> _trusted;
    private Looked _looked;

    /// <param name="options">Which files; checked.</param>
    /// <param name="uses">What the own certificate must be allowed for.</param>
    /// <param name="time">The clock by which certificates are valid.</param>
    /// <param name="failed">Is told of files that were exchanged and cannot be used, once until they change again.</param>
    /// <param name="distrusted">
    /// Is told of an own certificate that was exchanged, or whose authorities were, and that peers of the same settings do not trust, and why, as a half
    /// sentence: once until either changes again. It is used all the same, since peers may have other settings.
    /// </param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="CryptographicException">A file is not what it is to be.</exception>
    public PeerCertificates(
        PeerTlsOptions options, IReadOnlyList<Oid> uses, TimeProvider time, Action<string, Exception> failed, Action<string, string> distrusted)
    {
        (_peerName, _uses, _certificate, _time, _distrusted) = (options.PeerName, uses, options.Certificate!, time, distrusted);
        var password = options.Password;
        string[] files = options.Key is { } key ? [options.Certificate!, key] : [options.Certificate!];
        _own = new(files, parts => Load(parts, password), failed);
        _trusted = new([options.Trusted!], parts => Authorities.Load(parts[0]), failed);
        _looked = new Looked(_own.Current, _trusted.Current);
    }

    /// <summary>The own certificate, with its key.</summary>
    public X509Certificate2 Own
    {
        get
        {
            var now = new Looked(_own.Current, _trusted.Current);
            if (Interlocked.Exchange(ref _looked, now) is var before && (before.Own != now.Own || before.Trusted != now.Trusted)
                && DistrustOfOwn(now) is { } distrust)
            {
                _distrusted(_certificate, distrust);
            }

            return now.Own;
        }
    }

    /// <summary>Why peers of the same settings do not trust the own certificate, as a half sentence; null if they do.</summary>
    public string? DistrustOfOwn() => DistrustOfOwn(new Looked(_own.Current, _trusted.Current));

    /// <summary>Why a peer's certificate is not trusted, as a half sentence; null if it is.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="chain">What the peer sent along; null for nothing.</param>
    /// <param name="use">What it must be allowed for; null for nothing.</param>
    public string? DistrustOf(X509Certificate2 certificate, X509Chain? chain, Oid? use) => DistrustOf(certificate, chain, use, _trusted.Current);

    private string? DistrustOfOwn(Looked looked)
    {
        foreach (var use in _uses)
        {
            if (DistrustOf(looked.Own, chain: null, use, looked.Trusted) is { } distrust)
            {
                return distrust;
            }
        }

        return null;
    }

    private string? DistrustOf(X509Certificate2 certificate, X509Chain? chain, Oid? use, Authorities trusted)
    {
        using var path = new X509Chain();
        var policy = path.ChainPolicy;
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

    /// <summary>What the own certificate and those that are trusted were when they were looked at.</summary>
    private sealed record Looked(X509Certificate2 Own, Authorities Trusted);

    /// <summary>The certificates that are trusted, and those that lead to them.</summary>
    private sealed class Authorities(X509Certificate2Collection roots, X509Certificate2Collection between)
    {
        private const string Begin = "-----BEGIN CERTIFICATE-----";

        public X509Certificate2Collection Roots => roots;

        public X509Certificate2Collection Between => between;

        public static Authorities Load(byte[] pem)
        {
            X509Certificate2Collection all = [];
            var text = Encoding.ASCII.GetString(pem);
            all.ImportFromPem(text);
            if (text.AsSpan().Count(Begin.AsSpan()) is var begun && begun != all.Count)
            {
                // A block without its end is passed over, and with it whoever it is to be trusted.
                throw new CryptographicException(
                    $"The file of what is trusted begins {begun} certificates and has {all.Count} whole ones: it is cut off, or being written.");
            }

            var roots = all.Where(c => c.SubjectName.RawData.AsSpan().SequenceEqual(c.IssuerName.RawData)).ToArray();
            return roots.Length > 0
                ? new Authorities([.. roots], [.. all.Except(roots)])
                : throw new CryptographicException("The file of what is trusted has no certificate of an authority in PEM that it signed itself.");
        }
    }
}
