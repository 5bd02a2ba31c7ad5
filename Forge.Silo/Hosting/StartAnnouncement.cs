using System.Reflection;
using Forge.Grains.Hosting;
using Forge.Silo.Welcome;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Hosting;

/// <summary>The one line that says that the silo serves, where, and with what data.</summary>
internal static partial class StartAnnouncement
{
    /// <summary>Says so once the host has started.</summary>
    public static void Announce(this WebApplication app) => app.Lifetime.ApplicationStarted.Register(() =>
    {
        var options = app.Services.GetRequiredService<IOptions<ForgeOptions>>().Value;
        var url = app.Urls.FirstOrDefault() ?? "";
        app.Logger.LogReady(Version, string.Join(", ", app.Urls), DescribeData(options), WelcomeRoute.TryOut(url));
    });

    private static string Version =>
        typeof(StartAnnouncement).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    private static string DescribeData(ForgeOptions options) => options.Database switch
    {
        ForgeDatabase.Sqlite => $"SQLite in {Path.GetFullPath(options.Data)}",
        ForgeDatabase.PostgreSql => DescribeServer(options.ConnectionString!),
        _ => "in a temporary folder for trials, gone when the silo stops",
    };

    // Without user and password: this goes to the log.
    private static string DescribeServer(string connectionString)
    {
        var parts = new Npgsql.NpgsqlConnectionStringBuilder(connectionString);
        return $"PostgreSQL at {parts.Host}:{parts.Port}/{parts.Database}";
    }

    [LoggerMessage(1, LogLevel.Information, "Forge {Version} is ready at {Urls}; data: {Data}; try: {Try}")]
    private static partial void LogReady(this ILogger logger, string version, string urls, string data, string @try);
}
