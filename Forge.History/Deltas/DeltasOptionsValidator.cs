using Forge.History.Settings;
using Microsoft.Extensions.Options;

namespace Forge.History.Deltas;

/// <summary>Checks <see cref="DeltasOptions"/>.</summary>
internal sealed class DeltasOptionsValidator : IValidateOptions<DeltasOptions>
{
    private const string Section = "Forge:Deltas";
    private const long MaxBaseBytes = 16L * 1024 * 1024 * 1024;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, DeltasOptions options)
    {
        var rules = new OptionsRules(Section);
        rules.Between(nameof(options.BaseBytes), options.BaseBytes, 0, MaxBaseBytes);
        return rules.Result;
    }
}
