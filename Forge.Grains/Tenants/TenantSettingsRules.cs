using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.Sessions;
using Forge.Tenants;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Tenants;

/// <summary>What a tenant's settings may be.</summary>
internal sealed class TenantSettingsRules(IOptions<ForgeOptions> options)
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(365);
    private readonly LimitsOptions _limits = options.Value.Limits;

    /// <exception cref="InvalidRequestException">A value is bad.</exception>
    /// <exception cref="LimitExceededException">There are too many tags, or a tag or the state limit is too large.</exception>
    public void Check(TenantSettings settings)
    {
        if (settings is null)
        {
            throw new InvalidRequestException("settings", "must be given");
        }

        if (settings.AutomaticInterval is { } interval && (interval < TimeSpan.Zero || interval > LongestInterval))
        {
            throw new InvalidRequestException("automaticInterval", $"must be from zero to 365 days, not {interval:c}");
        }

        if (settings.MaxStateBytes is { } bytes)
        {
            Require(bytes >= 1, "maxStateBytes", $"must be at least 1, not {bytes}");
            if (bytes > _limits.StateBytes)
            {
                throw new LimitExceededException("maxStateBytes", _limits.StateBytes, bytes, "bytes");
            }
        }

        if (settings.Retention is { } retention)
        {
            Check(retention);
        }
    }

    private void Check(RetentionPolicy policy)
    {
        Require(
            policy.KeepRecent is not null || policy.KeepTags is { Count: > 0 } || policy.KeepYoungerThan is not null,
            "retention", "must have at least one of keepRecent, keepTags and keepYoungerThan");
        Require(policy.KeepRecent is null or >= 0, "retention.keepRecent", $"must be at least 0, not {policy.KeepRecent}");
        Require(
            policy.KeepYoungerThan is null || policy.KeepYoungerThan > TimeSpan.Zero,
            "retention.keepYoungerThan", "must be more than zero");
        var tags = policy.KeepTags ?? [];
        if (tags.Count > _limits.Tags)
        {
            throw new LimitExceededException("retention.keepTags", _limits.Tags, tags.Count, "tags");
        }

        foreach (var tag in tags)
        {
            Require(!string.IsNullOrEmpty(tag) && !tag.Contains('\0'), "retention.keepTags", "must hold no empty tag and no NUL");
            if (tag.Length > _limits.TagCharacters)
            {
                throw new LimitExceededException("retention.keepTags", _limits.TagCharacters, tag.Length, "characters");
            }
        }
    }

    private static void Require(bool holds, string field, string problem)
    {
        if (!holds)
        {
            throw new InvalidRequestException(field, problem);
        }
    }
}
