using Forge.History.Settings;
using Microsoft.Extensions.Options;

namespace Forge.History.Encryption;

/// <summary>Checks <see cref="EncryptionOptions"/>. What a key file holds is checked when it is read.</summary>
internal sealed class EncryptionOptionsValidator : IValidateOptions<EncryptionOptions>
{
    private const string Section = "Forge:Encryption";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, EncryptionOptions options)
    {
        var rules = new OptionsRules(Section);
        rules.That(
            Enum.IsDefined(options.Mode),
            $"{Section}:Mode is {options.Mode}; it must be one of {string.Join(", ", Enum.GetNames<EncryptionMode>())}.");
        rules.That(options.Keys.Count == 0 || options.KeyFile is null, $"{Section}:Keys and {Section}:KeyFile are both given; one of them must be.");
        for (var i = 0; i < options.Keys.Count; i++)
        {
            // Not the key itself: what is wrong is logged.
            rules.That(
                WrappingKeys.TryRead(options.Keys[i], out _),
                $"{Section}:Keys:{i} is no base64 of {ConfiguredKeys.KeyBytes} bytes.");
        }

        rules.Between(nameof(options.CheckInterval), options.CheckInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        return rules.Result;
    }
}
