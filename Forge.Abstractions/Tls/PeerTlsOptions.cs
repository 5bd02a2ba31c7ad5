namespace Forge.Tls;

/// <summary>
/// TLS between silos, and between silos and clients: section <c>Forge:Tls</c> of a silo, <c>Forge:Client:Tls</c> of a client. All silos and clients of a
/// cluster have the same mode.
/// </summary>
/// <remarks>
/// The files are looked at for each connection, so that one that was exchanged is used by the next one; a file that cannot be used is reported,
/// and the certificate of before goes on. Connections that are open stay as they are. Rename a new file into place: of one that is written where it
/// stands, half is read.
/// </remarks>
public sealed class PeerTlsOptions
{
    /// <summary>Whether TLS is spoken; off by default, and then neither <see cref="Certificate"/> nor <see cref="Trusted"/> may be given.</summary>
    public PeerTlsMode Mode { get; set; }

    /// <summary>
    /// The file of the own certificate: PEM, or PKCS #12 with its key. That of a silo must be allowed to be a server's and a client's, that of
    /// a client a client's, unless it names no use. Wanted by <see cref="PeerTlsMode.Mutual"/>.
    /// </summary>
    public string? Certificate { get; set; }

    /// <summary>The file of its private key in PEM; null, by default, if it stands in the file of the certificate.</summary>
    public string? Key { get; set; }

    /// <summary>What the key is encrypted with; null, by default, if it is not.</summary>
    public string? Password { get; set; }

    /// <summary>
    /// The file of the authorities whose certificates are trusted, in PEM, with those between them and the certificates; what the machine trusts counts
    /// for nothing. Wanted by <see cref="PeerTlsMode.Mutual"/>.
    /// </summary>
    public string? Trusted { get; set; }

    /// <summary>
    /// The DNS name that each peer's certificate must be for, as one of its alternative names; null, by default, for any certificate of the trusted
    /// authorities. Wanted where these make certificates for others too.
    /// </summary>
    public string? PeerName { get; set; }
}
