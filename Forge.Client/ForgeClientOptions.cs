using Forge.Client.Retries;
using Forge.Client.Serialization;
using Forge.Tls;

namespace Forge.Client;

/// <summary>The settings of the client, section <c>Forge:Client</c> of the configuration.</summary>
public sealed class ForgeClientOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Forge:Client";

    /// <summary>
    /// The silos' gateways as <c>address:port</c>, tried in turn; <c>127.0.0.1:30000</c> if none is named. Not used with a
    /// <see cref="ConnectionString"/>.
    /// </summary>
    public IList<string> Gateways { get; } = [];

    /// <summary>
    /// The PostgreSQL database of the cluster, in which the client looks up the silos; null, by default, for
    /// <see cref="Gateways"/>.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>The cluster id of the silos; <c>forge</c> by default.</summary>
    public string ClusterId { get; set; } = "forge";

    /// <summary>The service id of the silos; <c>forge</c> by default.</summary>
    public string ServiceId { get; set; } = "forge";

    /// <summary>
    /// How long the host's start waits for a first connection before it fails; 30 s by default, at least zero, at most one
    /// day. Later on the client connects again by itself.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>TLS with the silos; off by default. The silos have the same mode.</summary>
    public PeerTlsOptions Tls { get; set; } = new();

    /// <summary>How failed calls are made again.</summary>
    public RetryOptions Retry { get; set; } = new();

    /// <summary>
    /// How many bytes of states the client keeps at the most, over all sessions, to send and read the next ones as the difference from them;
    /// 64 MiB by default, and 0 to send and read all states whole. A state of more than a quarter of it is not kept.
    /// </summary>
    public long BaseBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Of how many sessions the client keeps the newest anchor that it was told, some 400 bytes each, to notice that their history was
    /// rewritten; those that were not called for longest go first. 10,000 by default, at most 10,000,000, and 0 to keep and send none.
    /// </summary>
    public int Anchors { get; set; } = 10_000;

    /// <summary>What turns states into bytes and back, if a handle has no serializer of its own; JSON by default.</summary>
    public IStateSerializer Serializer { get; set; } = JsonStateSerializer.Default;
}
