using Forge.History.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Integrity;

/// <summary>Checks <see cref="IntegrityOptions"/>.</summary>
internal sealed class IntegrityOptionsValidator : IValidateOptions<IntegrityOptions>
{
    private const string Section = "Forge:Integrity";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, IntegrityOptions options)
    {
        var rules = new OptionsRules(Section);
        rules.Between(nameof(options.Interval), options.Interval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(365));
        rules.Between(nameof(options.BytesPerSecond), options.BytesPerSecond, 64 * 1024, long.MaxValue);
        rules.Between(nameof(options.SessionsPerSecond), options.SessionsPerSecond, 1, 1_000_000);
        rules.Between(nameof(options.Lease), options.Lease, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        return rules.Result;
    }
}
