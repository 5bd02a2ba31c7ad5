using Forge.History.PostgreSql;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Hosting;

/// <summary>Makes the history store of a silo by its settings.</summary>
internal static class HistoryStoreFactory
{
    public static IHistoryStore Create(IServiceProvider services, ForgeOptions options) =>
        Create(options, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILoggerFactory>());

    /// <summary>As the other, for what is no silo.</summary>
    public static IHistoryStore Create(ForgeOptions options, TimeProvider time, ILoggerFactory loggers) =>
        options.Database switch
        {
            ForgeDatabase.PostgreSql => new PostgreSqlHistoryStore(
                options.ConnectionString!, options.Writer, options.AllowUnsafeDurability, time,
                loggers.CreateLogger<PostgreSqlHistoryStore>()),
            ForgeDatabase.Sqlite => new SqliteHistoryStore(
                options.Data, options.Writer, options.AllowUnsafeDurability, time,
                loggers.CreateLogger<SqliteHistoryStore>())
            {
                FreeSpace = new(options.Retention.SqliteFreeBytes, options.Retention.SqliteFreePercent),
                ReserveBytes = options.Retention.SqliteReserveBytes,
                LogBounds = SqliteLogBounds.Default with { Most = options.Retention.SqliteLogBytes },
            },
            _ => SqliteTrial.Create(options.Writer, time, loggers.CreateLogger<SqliteHistoryStore>()),
        };
}
