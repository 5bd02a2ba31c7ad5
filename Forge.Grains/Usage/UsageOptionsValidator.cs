using Forge.History.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Usage;

/// <summary>Checks <see cref="UsageOptions"/>. The names of tenants are left to those who take other quotas from the same section too.</summary>
internal sealed class UsageOptionsValidator : IValidateOptions<UsageOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, UsageOptions options)
    {
        var all = new OptionsRules(UsageOptions.Section);
        all.Between(nameof(options.CountInterval), options.CountInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        Check(all, options);
        foreach (var (tenant, limits) in options.Tenants)
        {
            var rules = new OptionsRules($"{UsageOptions.Section}:Tenants:{tenant}");
            Check(rules, limits);
            all.Include(rules.Result);
        }

        return all.Result;
    }

    private static void Check(OptionsRules rules, UsageLimits limits)
    {
        rules.Between(nameof(limits.Sessions), limits.Sessions ?? 0, 0, long.MaxValue);
        rules.Between(nameof(limits.StoredBytes), limits.StoredBytes ?? 0, 0, long.MaxValue);
    }
}
