using System.Net;
using Forge.Grains.Feeds;
using Forge.Grains.Integrity;
using Forge.Grains.Liveness;
using Forge.Grains.Retention;
using Forge.Grains.Rules;
using Forge.Grains.Streams;
using Forge.Grains.Usage;
using Forge.History.Deltas;
using Forge.History.Encryption;
using Forge.History.Writing;
using Forge.Tls;

namespace Forge.Grains.Hosting;

/// <summary>Which database holds the history.</summary>
public enum ForgeDatabase
{
    /// <summary>An embedded SQLite database in a folder of its own; one silo.</summary>
    Sqlite = 0,

    /// <summary>A PostgreSQL database, shared by all silos of a cluster.</summary>
    PostgreSql = 1,

    /// <summary>
    /// An embedded SQLite database in a temporary folder, never synced to disk and gone when the silo stops; one silo. For
    /// tests and trials.
    /// </summary>
    Memory = 2,
}

/// <summary>The settings of a silo, section <c>Forge</c> of the configuration.</summary>
public sealed class ForgeOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Forge";

    /// <summary>The name of the connection string of the PostgreSQL database.</summary>
    public const string ConnectionStringName = "Forge";

    /// <summary>Which database holds the history; SQLite by default.</summary>
    public ForgeDatabase Database { get; set; } = ForgeDatabase.Sqlite;

    /// <summary>The folder of the embedded database; <c>data</c> by default, made if it is missing.</summary>
    public string Data { get; set; } = "data";

    /// <summary>The PostgreSQL database, from <c>ConnectionStrings:Forge</c>. Wanted by PostgreSQL alone.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>The port for other silos: 0 (any free one) to 65535; 11111 by default.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>The port for Orleans clients: 0 (any free one) to 65535; 30000 by default.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>The address that Orleans listens on; loopback by default.</summary>
    public string ListenAddress { get; set; } = IPAddress.Loopback.ToString();

    /// <summary>The address that other silos and clients are told; the listen address by default.</summary>
    public string? AdvertisedAddress { get; set; }

    /// <summary>Silos with one cluster id, service id and database form a cluster; <c>forge</c> by default.</summary>
    public string ClusterId { get; set; } = "forge";

    /// <summary>See <see cref="ClusterId"/>; <c>forge</c> by default.</summary>
    public string ServiceId { get; set; } = "forge";

    /// <summary>True to run on a database that may lose what it acknowledged; false by default.</summary>
    public bool AllowUnsafeDurability { get; set; }

    /// <summary>TLS with other silos and with clients; off by default.</summary>
    public PeerTlsOptions Tls { get; set; } = new();

    /// <summary>What requests may be.</summary>
    public LimitsOptions Limits { get; set; } = new();

    /// <summary>How commits are grouped and queued.</summary>
    public WriterOptions Writer { get; set; } = new();

    /// <summary>How states are stored as differences.</summary>
    public DeltasOptions Deltas { get; set; } = new();

    /// <summary>How long things are kept, and how they are swept away.</summary>
    public RetentionOptions Retention { get; set; } = new();

    /// <summary>How long effects are kept.</summary>
    public EffectOptions Effects { get; set; } = new();

    /// <summary>How sessions are verified in the background.</summary>
    public IntegrityOptions Integrity { get; set; } = new();

    /// <summary>How what is stored is encrypted.</summary>
    public EncryptionOptions Encryption { get; set; } = new();

    /// <summary>How silos of a cluster notice that one of them has died.</summary>
    public LivenessOptions Liveness { get; set; } = new();

    /// <summary>How events are streamed.</summary>
    public StreamOptions Streams { get; set; } = new();

    /// <summary>How feeds of tenants are kept and followed.</summary>
    public FeedOptions Feed { get; set; } = new();

    /// <summary>How much tenants may have.</summary>
    public UsageOptions Quotas { get; set; } = new();
}
