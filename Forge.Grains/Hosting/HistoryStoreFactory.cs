using Forge.History.Encryption;
using Forge.History.PostgreSql;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Hosting;

/// <summary>Makes the history store of a silo by its settings.</summary>
internal static class HistoryStoreFactory
{
    public static IHistoryStore Create(IServiceProvider services, ForgeOptions options) =>
        Create(
            options, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILoggerFactory>(),
            SealingOf(options, services.GetService<IKeyProvider>(), services.GetRequiredService<TimeProvider>()));

    /// <summary>How a store encrypts by the settings.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="registered">The provider that takes the place of keys in the settings; null for none.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <exception cref="OptionsValidationException">There is no key, or the file of keys is none.</exception>
    public static SealSettings SealingOf(ForgeOptions options, IKeyProvider? registered = null, TimeProvider? time = null) =>
        new(options.Encryption, WrappingKeys.Find(options.Encryption, registered, time));

    /// <summary>As the other, for what is no silo.</summary>
    public static IHistoryStore Create(ForgeOptions options, TimeProvider time, ILoggerFactory loggers, SealSettings? sealing = null) =>
        options.Database switch
        {
            ForgeDatabase.PostgreSql => new PostgreSqlHistoryStore(
                options.ConnectionString!, options.Writer, options.AllowUnsafeDurability, time,
                loggers.CreateLogger<PostgreSqlHistoryStore>(), sealing),
            ForgeDatabase.Sqlite => new SqliteHistoryStore(
                options.Data, options.Writer, options.AllowUnsafeDurability, time,
                loggers.CreateLogger<SqliteHistoryStore>())
            {
                Sealing = sealing ?? SealSettings.None,
                FreeSpace = new(options.Retention.SqliteFreeBytes, options.Retention.SqliteFreePercent),
                ReserveBytes = options.Retention.SqliteReserveBytes,
                LogBounds = SqliteLogBounds.Default with { Most = options.Retention.SqliteLogBytes },
            },
            _ => SqliteTrial.Create(options.Writer, time, loggers.CreateLogger<SqliteHistoryStore>(), sealing),
        };
}
