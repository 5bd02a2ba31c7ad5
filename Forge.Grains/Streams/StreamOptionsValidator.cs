using Forge.History.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Streams;

/// <summary>Checks <see cref="StreamOptions"/>.</summary>
internal sealed class StreamOptionsValidator : IValidateOptions<StreamOptions>
{
    private const string Section = "Forge:Streams";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, StreamOptions options)
    {
        var rules = new OptionsRules(Section);
        rules.Between(nameof(options.RecentEvents), options.RecentEvents, 1, 65_536);
        rules.Between(nameof(options.RecentBytes), options.RecentBytes, 1024, 64 * 1024 * 1024);
        rules.Between(nameof(options.SiloBytes), options.SiloBytes, 1024, 64L * 1024 * 1024 * 1024);
        rules.Between(nameof(options.CheckInterval), options.CheckInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        rules.Between(nameof(options.BatchEvents), options.BatchEvents, 1, 10_000);
        rules.Between(nameof(options.BatchBytes), options.BatchBytes, 1024, 16 * 1024 * 1024);
        rules.Between(nameof(options.WakeInterval), options.WakeInterval, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        rules.Between(nameof(options.HttpStreams), options.HttpStreams, 1, 1_000_000);
        rules.Between(nameof(options.Heartbeat), options.Heartbeat, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        rules.Between(nameof(options.RetryAfter), options.RetryAfter, TimeSpan.Zero, TimeSpan.FromHours(1));
        return rules.Result;
    }
}
