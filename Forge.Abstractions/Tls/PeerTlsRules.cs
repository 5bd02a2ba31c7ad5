using System.Security.Cryptography;

namespace Forge.Tls;

/// <summary>What settings of TLS must be, of a silo and of a client alike.</summary>
internal static class PeerTlsRules
{
    /// <summary>What is wrong with settings; nothing if all is well.</summary>
    /// <param name="section">The section that they are of.</param>
    /// <param name="options">The settings.</param>
    /// <param name="uses">What its peers want the certificate to be allowed for.</param>
    /// <param name="time">The clock by which certificates are valid.</param>
    public static IEnumerable<string> Problems(string section, PeerTlsOptions? options, IReadOnlyList<Oid> uses, TimeProvider time)
    {
        if (options is null)
        {
            yield return $"{section} is null; leave it out for no TLS.";
            yield break;
        }

        if (!Enum.IsDefined(options.Mode))
        {
            yield return $"{section}:Mode is {options.Mode}; it must be one of {string.Join(", ", Enum.GetNames<PeerTlsMode>())}.";
        }

        if (options.Mode != PeerTlsMode.Mutual)
        {
            // Whoever names files believes that TLS is spoken.
            foreach (var (setting, _) in FilesOf(options).Where(file => options.Mode == PeerTlsMode.Off && !string.IsNullOrWhiteSpace(file.Value)))
            {
                yield return $"{section}:{setting} is given, and {section}:Mode is Off; set it to Mutual, or leave the file out.";
            }

            yield break;
        }

        foreach (var (setting, file) in FilesOf(options))
        {
            if (string.IsNullOrWhiteSpace(file))
            {
                yield return $"{section}:{setting} is empty; {section}:Mode = Mutual needs the file.";
            }
        }

        if (options.PeerName is { } name && Uri.CheckHostName(name) != UriHostNameType.Dns)
        {
            yield return $"{section}:PeerName is '{name}'; it must be a DNS name, or left out for certificates of any name.";
        }
        else if (!string.IsNullOrWhiteSpace(options.Certificate) && !string.IsNullOrWhiteSpace(options.Trusted)
            && ProblemOf(section, options, uses, time) is { } problem)
        {
            yield return problem;
        }
    }

    private static (string Setting, string? Value)[] FilesOf(PeerTlsOptions options) =>
        [(nameof(options.Certificate), options.Certificate), (nameof(options.Trusted), options.Trusted)];

    private static string? ProblemOf(string section, PeerTlsOptions options, IReadOnlyList<Oid> uses, TimeProvider time)
    {
        try
        {
            // Peers are configured alike: what this one would refuse of itself, they would too.
            var certificates = new PeerCertificates(options, uses, time, static (_, _) => { }, static (_, _) => { });
            return certificates.DistrustOfOwn() is { } distrust
                ? $"{section}:Certificate is none that its peers would trust: {distrust}."
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return $"{section} names files that cannot be used: {exception.Message}";
        }
    }
}
