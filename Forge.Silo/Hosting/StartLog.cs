namespace Forge.Silo.Hosting;

/// <summary>
/// Keeps the frameworks from logging what says nothing before the host has started: why it did not start, with the stack of
/// every layer, when the program says it in one sentence. Afterwards the same categories log as ever.
/// </summary>
internal sealed class StartLog
{
    private static readonly string[] Categories =
    [
        "Microsoft.Extensions.Hosting.Internal.Host",
        "Microsoft.AspNetCore.Server.Kestrel",

        // On a busy machine it warns before its first check that the check has taken since the machine was started.
        "Orleans.Runtime.Watchdog",

        // If a start is given up, it reports that the call to the membership table of a lone silo could not be cancelled.
        "Orleans.Runtime.GrainCallCancellationManager",
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
