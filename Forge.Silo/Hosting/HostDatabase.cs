using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Hosting;

/// <summary>The database that the settings name, for a command on the host: whether or not silos run on it.</summary>
internal static class HostDatabase
{
    /// <summary>The settings of the silo.</summary>
    /// <exception cref="OptionsValidationException">They cannot be.</exception>
    /// <exception cref="InvalidRequestException">The database is that of one silo alone.</exception>
    public static ForgeOptions OptionsOf(IConfiguration configuration)
    {
        var options = new ForgeOptions();
        configuration.GetSection(ForgeOptions.Section).Bind(options);
        options.ConnectionString ??= configuration.GetConnectionString(ForgeOptions.ConnectionStringName);
        if (new ForgeOptionsValidator().Validate(null, options) is { Failed: true } result)
        {
            throw new OptionsValidationException(ForgeOptions.Section, typeof(ForgeOptions), result.Failures);
        }

        return options.Database != ForgeDatabase.Memory
            ? options
            : throw new InvalidRequestException("Forge:Database", "must not be Memory: such a database is that of one silo, which tells its key as it starts");
    }

    /// <summary>A folder that is mistaken would else become a database without anything. The first key of all is made before there is one.</summary>
    /// <exception cref="InvalidRequestException">There is none, and none may be made.</exception>
    public static async Task RequireAsync(ForgeOptions options, bool mayMake, TextWriter notes)
    {
        var file = Path.GetFullPath(Path.Combine(options.Data, SqliteHistoryStore.FileName));
        if (options.Database != ForgeDatabase.Sqlite || File.Exists(file))
        {
            return;
        }

        if (!mayMake)
        {
            throw new InvalidRequestException("Forge:Data", $"names a folder without a database: there is no {file}");
        }

        await notes.WriteLineAsync($"There is no database yet; {file} is made.");
    }

    /// <summary>Opens it; the caller disposes of it.</summary>
    public static async Task<IHistoryStore> OpenAsync(ForgeOptions options, TimeProvider time)
    {
        var store = HistoryStoreFactory.Create(options, time, NullLoggerFactory.Instance);
        try
        {
            await store.StartAsync(CancellationToken.None);
            return store;
        }
        catch (DatabaseInUseException)
        {
            // A silo has it, and goes on: SQLite lets another process write between its commits.
            await store.DisposeAsync();
            store = new SqliteHistoryStore(
                options.Data, options.Writer, options.AllowUnsafeDurability, time, NullLogger<SqliteHistoryStore>.Instance)
            {
                IsBeside = true,
            };
            await store.StartAsync(CancellationToken.None);
            return store;
        }
    }
}
