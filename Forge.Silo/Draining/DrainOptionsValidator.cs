using Forge.History.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Draining;

/// <summary>Checks <see cref="DrainOptions"/>.</summary>
internal sealed class DrainOptionsValidator : IValidateOptions<DrainOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, DrainOptions options)
    {
        var rules = new OptionsRules(DrainOptions.Section);
        rules.Between(nameof(options.Delay), options.Delay, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        rules.Between(nameof(options.Timeout), options.Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        return rules.Result;
    }
}
