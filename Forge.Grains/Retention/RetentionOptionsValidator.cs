using Forge.Grains.Rules;
using Forge.History.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Retention;

/// <summary>Checks <see cref="RetentionOptions"/>.</summary>
internal sealed class RetentionOptionsValidator : IValidateOptions<RetentionOptions>
{
    private const string Section = "Forge:Retention";
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RetentionOptions options)
    {
        var rules = new OptionsRules(Section);
        rules.Between(nameof(options.RequestWindow), options.RequestWindow, TimeSpan.FromMinutes(1), Year);
        rules.Between(nameof(options.AbandonedImport), options.AbandonedImport, TimeSpan.FromMinutes(1), Year);
        rules.Between(nameof(options.SweepInterval), options.SweepInterval, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        rules.Between(nameof(options.SweepRows), options.SweepRows, 1, int.MaxValue);
        rules.Between(nameof(options.WorkLease), options.WorkLease, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        rules.That(
            SessionRules.IsTimeToLive(options.TimeToLive),
            $"{Section}:{nameof(options.TimeToLive)} is {options.TimeToLive:c}; it must be more than zero and at most 36500 days.");
        rules.Between(nameof(options.PolicyInterval), options.PolicyInterval, TimeSpan.Zero, TimeSpan.FromDays(1));
        rules.Between(nameof(options.WalkInterval), options.WalkInterval, TimeSpan.FromSeconds(1), Year);
        rules.Between(nameof(options.EventAge), options.EventAge, TimeSpan.Zero, 100 * Year);
        rules.Between(nameof(options.EventCount), options.EventCount, 0, int.MaxValue);
        rules.Between(nameof(options.SqliteFreeBytes), options.SqliteFreeBytes, 0, long.MaxValue);
        rules.Between(nameof(options.SqliteFreePercent), options.SqliteFreePercent, 0, 100);
        rules.Between(nameof(options.SqliteReserveBytes), options.SqliteReserveBytes, 0, long.MaxValue);
        rules.That(
            options.SqliteLogBytes is 0 or >= 256 * 1024 * 1024,
            $"{Section}:{nameof(options.SqliteLogBytes)} is {options.SqliteLogBytes}; it must be 0 or at least {256 * 1024 * 1024}.");
        return rules.Result;
    }
}
