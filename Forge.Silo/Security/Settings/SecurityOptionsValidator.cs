using Forge.History.Settings;
using Forge.Identity;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Security.Settings;

/// <summary>Checks <see cref="SecurityOptions"/>.</summary>
internal sealed class SecurityOptionsValidator : IValidateOptions<SecurityOptions>
{
    private const int MostKeys = 1_000_000;
    private const int MostRefusals = 1_000;
    private const int DaysOfTenYears = 3_650;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, SecurityOptions options)
    {
        var rules = new OptionsRules(SecurityOptions.Section);
        rules.That(
            Enum.IsDefined(options.Mode),
            $"{SecurityOptions.Section}:Mode is {options.Mode}; it must be one of {string.Join(", ", Enum.GetNames<SecurityMode>())}.");
        rules.Between(nameof(options.CheckInterval), options.CheckInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10));
        rules.Between(nameof(options.Keys), options.Keys, 1, MostKeys);
        rules.Between(nameof(options.AuditAge), options.AuditAge, TimeSpan.FromHours(1), TimeSpan.FromDays(DaysOfTenYears));
        rules.Between(nameof(options.AuditRefusals), options.AuditRefusals, 1, MostRefusals);
        rules.That(
            TenantId.TryParse(options.AuditTenant, out _),
            $"{SecurityOptions.Section}:AuditTenant is '{options.AuditTenant}', which is no tenant's id.");
        if (!string.IsNullOrEmpty(options.Jwt.Authority))
        {
            rules.That(
                Uri.TryCreate(options.Jwt.Authority, UriKind.Absolute, out var authority) && (authority.Scheme == Uri.UriSchemeHttps || authority.IsLoopback),
                $"{SecurityOptions.Section}:Jwt:Authority is '{options.Jwt.Authority}'; it must be an https address.");
            rules.That(
                !string.IsNullOrWhiteSpace(options.Jwt.Audience),
                $"{SecurityOptions.Section}:Jwt:Audience is empty; an authority's tokens for anybody else would be taken.");
            rules.That(
                options.Jwt.TenantClaim.Length > 0 && options.Jwt.ScopeClaim.Length > 0,
                $"{SecurityOptions.Section}:Jwt:TenantClaim and ScopeClaim must not be empty.");
        }

        return rules.Result;
    }
}
