namespace Forge.Silo.Hosting;

/// <summary>
/// Keeps the framework from logging why the host did not start, with the stack of every layer: the program says it in one
/// sentence. Once the host has started, the same categories log as ever.
/// </summary>
internal sealed class StartLog
{
    private static readonly string[] Categories =
    [
        "Microsoft.Extensions.Hosting.Internal.Host",
        "Microsoft.AspNetCore.Server.Kestrel",
    ];

    private volatile bool _started;

    public void Attach(ILoggingBuilder logging)
    {
        foreach (var category in Categories)
        {
            logging.AddFilter(category, level => _started && level >= LogLevel.Warning);
        }
    }

    public void Attach(IHostApplicationLifetime lifetime) => lifetime.ApplicationStarted.Register(() => _started = true);
}
