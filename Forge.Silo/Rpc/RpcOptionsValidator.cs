using Forge.History.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Rpc;

/// <summary>Checks <see cref="RpcOptions"/>.</summary>
internal sealed class RpcOptionsValidator : IValidateOptions<RpcOptions>
{
    private const string Section = "Forge:Rpc";
    private const int MaxCount = 1_000_000;
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Most = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RpcOptions options)
    {
        var rules = new OptionsRules(Section);
        rules.Between(nameof(options.Connections), options.Connections, 1, MaxCount);
        rules.Between(nameof(options.CallsPerConnection), options.CallsPerConnection, 1, MaxCount);
        rules.Between(nameof(options.BytesPerConnection), options.BytesPerConnection, 1, long.MaxValue);
        rules.Between(nameof(options.SubscriptionsPerConnection), options.SubscriptionsPerConnection, 1, MaxCount);
        rules.Between(nameof(options.Subscriptions), options.Subscriptions, 1, MaxCount);
        rules.Between(nameof(options.SendTimeout), options.SendTimeout, Least, Most);
        rules.Between(nameof(options.CloseTimeout), options.CloseTimeout, Least, Most);
        rules.Between(nameof(options.KeepAliveInterval), options.KeepAliveInterval, Least, Most);
        rules.Between(nameof(options.KeepAliveTimeout), options.KeepAliveTimeout, Least, Most);
        Origins.Require(rules, $"{Section}:{nameof(options.AllowedOrigins)}", options.AllowedOrigins);
        return rules.Result;
    }
}
