using Forge.History.Settings;
using Forge.Identity;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Quotas;

/// <summary>Checks <see cref="QuotaOptions"/>.</summary>
internal sealed class QuotaOptionsValidator : IValidateOptions<QuotaOptions>
{
    private const int MostCount = 1_000_000;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, QuotaOptions options)
    {
        var all = new OptionsRules(QuotaOptions.Section);
        Check(all, options);
        foreach (var (tenant, limits) in options.Tenants)
        {
            var rules = new OptionsRules($"{QuotaOptions.Section}:Tenants:{tenant}");
            rules.That(TenantId.TryParse(tenant, out _), $"{QuotaOptions.Section}:Tenants has '{tenant}', which is no tenant's id.");
            Check(rules, limits);
            all.Include(rules.Result);
        }

        return all.Result;
    }

    private static void Check(OptionsRules rules, QuotaLimits limits)
    {
        rules.Between(nameof(limits.RequestsPerSecond), limits.RequestsPerSecond ?? 0, 0, MostCount);
        rules.Between(nameof(limits.BytesPerSecond), limits.BytesPerSecond ?? 0, 0, long.MaxValue);
        rules.Between(nameof(limits.Streams), limits.Streams ?? 0, 0, MostCount);
    }
}
