using Forge.History.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Liveness;

/// <summary>Checks <see cref="LivenessOptions"/>.</summary>
internal sealed class LivenessOptionsValidator : IValidateOptions<LivenessOptions>
{
    private const string Section = "Forge:Liveness";

    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, LivenessOptions options)
    {
        var rules = new OptionsRules(Section);
        rules.Between(nameof(options.Interval), options.Interval, Least, Most);
        rules.Between(nameof(options.ConnectTimeout), options.ConnectTimeout, Least, Most);
        rules.Between(nameof(options.HangLimit), options.HangLimit, TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(10));
        return rules.Result;
    }
}
