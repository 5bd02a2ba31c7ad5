using Forge.History.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Feeds;

/// <summary>Checks <see cref="FeedOptions"/>.</summary>
internal sealed class FeedOptionsValidator : IValidateOptions<FeedOptions>
{
    private const string Section = "Forge:Feed";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, FeedOptions options)
    {
        var rules = new OptionsRules(Section);
        rules.Between(nameof(options.Keep), options.Keep, TimeSpan.FromMinutes(1), TimeSpan.FromDays(3650));
        rules.Between(nameof(options.Poll), options.Poll, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        rules.Between(nameof(options.Waiters), options.Waiters, 1, 1_000_000);
        return rules.Result;
    }
}
