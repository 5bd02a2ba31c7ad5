using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// Makes the connection strings of all that connects to PostgreSQL of the one that an operator gave: the history, the presence of a
/// silo, and Orleans' clustering and storage.
/// </summary>
internal static class ServerAddress
{
    private const string Primary = "primary";

    /// <summary>
    /// The same database, for whoever connects by a string. Of several hosts only the primary is connected to, whichever that is by
    /// then: a standby takes no writes, and what it answers may be old.
    /// </summary>
    public static NpgsqlConnectionStringBuilder Of(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        builder.TargetSessionAttributes = HasSeveralHosts(builder) ? Primary : null;
        return builder;
    }

    /// <summary>Opens a pool of connections, of several hosts to the primary alone.</summary>
    /// <param name="address">What <see cref="Of"/> made, with the pool's own settings.</param>
    /// <param name="configure">Configures the pool.</param>
    /// <returns>What connections are taken from, and what is to be disposed of.</returns>
    public static (NpgsqlDataSource Source, NpgsqlDataSource Owner) Open(
        NpgsqlConnectionStringBuilder address, Action<NpgsqlDataSourceBuilder> configure)
    {
        // A pool of several hosts is told apart from its connection string.
        var several = HasSeveralHosts(address);
        address.TargetSessionAttributes = null;
        var builder = new NpgsqlDataSourceBuilder(address.ConnectionString);
        configure(builder);
        if (!several)
        {
            var one = builder.Build();
            return (one, one);
        }

        var hosts = builder.BuildMultiHost();
        return (hosts.WithTargetSession(TargetSessionAttributes.Primary), hosts);
    }

    private static bool HasSeveralHosts(NpgsqlConnectionStringBuilder builder) =>
        builder.Host?.Contains(',', StringComparison.Ordinal) ?? false;
}
