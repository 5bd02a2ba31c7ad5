using Forge.History.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Rules;

/// <summary>Checks <see cref="LimitsOptions"/>.</summary>
internal sealed class LimitsOptionsValidator : IValidateOptions<LimitsOptions>
{
    /// <summary>The widest limits: an import takes whatever can have been saved under them.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;
    public const int MaxMessageBytes = 64 * 1024;
    public const int MaxAnnotationBytes = 1024 * 1024;
    public const int MaxTags = 256;
    public const int MaxTagCharacters = 512;
    public const int MaxLabels = 4096;
    public const int MaxBranches = 10_000;
    public const int MaxRequires = 256;
    public const int MaxWrites = 100_000;
    public const int MaxWriteBytes = 16 * 1024 * 1024;
    public const int MaxWriteRecords = 10_000;
    public const int MaxAnnotations = 65_536;
    public const int MaxCount = 1_000_000;
    public static readonly TimeSpan MaxClaimLease = TimeSpan.FromDays(365);
    public const int MaxEffects = 100_000;
    public const int MaxEffectBytes = 1024 * 1024;
    public static readonly TimeSpan MaxEffectLease = TimeSpan.FromDays(7);
    private const string Section = "Forge:Limits";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, LimitsOptions options)
    {
        var rules = new OptionsRules(Section);
        rules.Between(nameof(options.StateBytes), options.StateBytes, 1, MaxBytes);
        rules.Between(nameof(options.MessageBytes), options.MessageBytes, 1, MaxMessageBytes);
        rules.Between(nameof(options.Tags), options.Tags, 1, MaxTags);
        rules.Between(nameof(options.TagCharacters), options.TagCharacters, 1, MaxTagCharacters);
        rules.Between(nameof(options.AnnotationBytes), options.AnnotationBytes, 1, MaxAnnotationBytes);
        rules.Between(nameof(options.Annotations), options.Annotations, 1, MaxAnnotations);
        rules.Between(nameof(options.PageItems), options.PageItems, 1, MaxCount);
        rules.Between(nameof(options.PageStateBytes), options.PageStateBytes, 1, MaxBytes);
        rules.Between(nameof(options.BatchRecords), options.BatchRecords, 1, MaxCount);
        rules.Between(nameof(options.BatchBytes), options.BatchBytes, 1, MaxBytes);
        rules.Between(nameof(options.RequestBytes), options.RequestBytes, 1, long.MaxValue);
        rules.Between(nameof(options.Labels), options.Labels, 1, MaxLabels);
        rules.Between(nameof(options.Branches), options.Branches, 1, MaxBranches);
        rules.Between(nameof(options.Requires), options.Requires, 1, MaxRequires);
        rules.Between(nameof(options.Writes), options.Writes, 1, MaxWrites);
        rules.Between(nameof(options.WriteBytes), options.WriteBytes, 1, MaxWriteBytes);
        rules.Between(nameof(options.WriteRecords), options.WriteRecords, 1, MaxWriteRecords);
        rules.Between(nameof(options.ClaimLease), options.ClaimLease, TimeSpan.FromSeconds(1), MaxClaimLease);
        rules.Between(nameof(options.Effects), options.Effects, 1, MaxEffects);
        rules.Between(nameof(options.EffectBytes), options.EffectBytes, 1, MaxEffectBytes);
        rules.Between(nameof(options.EffectLease), options.EffectLease, TimeSpan.FromSeconds(1), MaxEffectLease);
        rules.Between(nameof(options.Exports), options.Exports, 1, MaxCount);
        rules.Between(nameof(options.Imports), options.Imports, 1, MaxCount);
        rules.Between(nameof(options.Differences), options.Differences, 1, MaxCount);
        rules.Between(nameof(options.DifferenceDuration), options.DifferenceDuration, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(25));
        rules.Between(nameof(options.PatchBytes), options.PatchBytes, 2, MaxBytes);
        rules.Between(nameof(options.ExportDuration), options.ExportDuration, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7));
        rules.Between(nameof(options.ForkBytes), options.ForkBytes, 1, long.MaxValue);
        rules.Between(nameof(options.ImportBytes), options.ImportBytes, 1, long.MaxValue);
        rules.Between(nameof(options.MergeRecords), options.MergeRecords, 1, MaxCount);
        rules.Between(nameof(options.MergeBytes), options.MergeBytes, 1, MaxBytes);
        rules.Between(nameof(options.AutomaticInterval), options.AutomaticInterval, TimeSpan.Zero, TimeSpan.FromDays(365));
        return rules.Result;
    }
}
