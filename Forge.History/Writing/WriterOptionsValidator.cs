using Forge.History.Settings;
using Microsoft.Extensions.Options;

namespace Forge.History.Writing;

/// <summary>Checks <see cref="WriterOptions"/>.</summary>
internal sealed class WriterOptionsValidator : IValidateOptions<WriterOptions>
{
    private const string Section = "Forge:Writer";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, WriterOptions options)
    {
        var rules = new OptionsRules(Section);
        rules.Between(nameof(options.BatchRecords), options.BatchRecords, 1, int.MaxValue);
        rules.Between(nameof(options.BatchBytes), options.BatchBytes, 1, long.MaxValue);
        rules.Between(nameof(options.QueueRecords), options.QueueRecords, 1, int.MaxValue);
        rules.Between(nameof(options.QueueBytes), options.QueueBytes, 1, long.MaxValue);
        rules.Between(nameof(options.SessionShare), options.SessionShare, 1, int.MaxValue);
        rules.Between(nameof(options.Lanes), options.Lanes, 1, 64);
        rules.Between(nameof(options.LaneRecords), options.LaneRecords, 1, int.MaxValue);

        // A command must give up well before Orleans does after 30 s, or callers lose outcomes that could be told.
        rules.Between(nameof(options.CommandTimeout), options.CommandTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        return rules.Result;
    }
}
