using Forge.History.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Retention;

/// <summary>Checks <see cref="EffectOptions"/>.</summary>
/// <param name="requestWindow">How long requests are remembered: a repeat of a begin finds its effect.</param>
internal sealed class EffectOptionsValidator(TimeSpan requestWindow) : IValidateOptions<EffectOptions>
{
    private const string Section = "Forge:Effects";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, EffectOptions options)
    {
        var rules = new OptionsRules(Section);
        rules.Between(nameof(options.Kept), options.Kept, requestWindow, TimeSpan.FromDays(36500));
        return rules.Result;
    }
}
