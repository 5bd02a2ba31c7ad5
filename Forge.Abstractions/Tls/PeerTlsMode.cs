namespace Forge.Tls;

/// <summary>Whether silos, and clients of them, speak TLS.</summary>
public enum PeerTlsMode
{
    /// <summary>They do not: whoever reaches a port is let in, and whoever is between reads along.</summary>
    Off = 0,

    /// <summary>They do, and either side of a connection has to have a certificate that the other one trusts.</summary>
    Mutual = 1,
}
