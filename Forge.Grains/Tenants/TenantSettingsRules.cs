using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Tenants;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Tenants;

/// <summary>What a tenant's settings may be: what is a session's setting too follows the same rules.</summary>
internal sealed class TenantSettingsRules(IOptions<LimitsOptions> options)
{
    private readonly LimitsOptions _limits = options.Value;
    private readonly SessionRules _sessions = new(options.Value);

    /// <summary>The settings, checked, without repeated tags.</summary>
    /// <exception cref="InvalidRequestException">A value is bad.</exception>
    /// <exception cref="OverLimitException">There are too many tags, or a tag or the state limit is too large.</exception>
    public TenantSettings Check(TenantSettings settings)
    {
        if (settings is null)
        {
            throw new InvalidRequestException("settings", "must be given");
        }

        SessionRules.RequireInterval(settings.AutomaticInterval);
        SessionRules.RequireTimeToLive(settings.TimeToLive);
        if (settings.MaxStateBytes < 1)
        {
            throw new InvalidRequestException("maxStateBytes", $"must be at least 1, not {settings.MaxStateBytes}");
        }

        if (settings.MaxStateBytes > _limits.StateBytes)
        {
            throw new OverLimitException("maxStateBytes", _limits.StateBytes, settings.MaxStateBytes.Value, "bytes");
        }

        return settings.Retention is null ? settings : settings with { Retention = _sessions.CheckPolicy(settings.Retention) };
    }
}
