using System.Net;
using Forge.Errors;
using Forge.Grains.Feeds;
using Forge.Grains.Integrity;
using Forge.Grains.Liveness;
using Forge.Grains.Retention;
using Forge.Grains.Rules;
using Forge.Grains.Streams;
using Forge.Grains.Usage;
using Forge.History.Deltas;
using Forge.History.Encryption;
using Forge.History.Settings;
using Forge.History.Writing;
using Forge.Tls;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Hosting;

/// <summary>Checks <see cref="ForgeOptions"/> with all its parts.</summary>
internal sealed class ForgeOptionsValidator : IValidateOptions<ForgeOptions>
{
    // What the clustering tables of stock ADO.NET set-ups hold, and enough for any name.
    private const int MaxIdCharacters = 150;

    private readonly LimitsOptionsValidator _limits = new();
    private readonly WriterOptionsValidator _writer = new();
    private readonly DeltasOptionsValidator _deltas = new();
    private readonly RetentionOptionsValidator _retention = new();
    private readonly IntegrityOptionsValidator _integrity = new();
    private readonly EncryptionOptionsValidator _encryption = new();
    private readonly LivenessOptionsValidator _liveness = new();
    private readonly StreamOptionsValidator _streams = new();
    private readonly FeedOptionsValidator _feed = new();
    private readonly UsageOptionsValidator _quotas = new();

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ForgeOptions options)
    {
        var rules = new OptionsRules(ForgeOptions.Section);
        rules.That(
            Enum.IsDefined(options.Database),
            $"Forge:Database is {options.Database}; it must be one of {string.Join(", ", Enum.GetNames<ForgeDatabase>())}.");
        rules.That(
            options.Database != ForgeDatabase.Sqlite || !string.IsNullOrWhiteSpace(options.Data),
            "Forge:Data is empty; SQLite needs a folder.");
        rules.That(
            options.Database != ForgeDatabase.PostgreSql || !string.IsNullOrWhiteSpace(options.ConnectionString),
            "ConnectionStrings:Forge is empty; Forge:Database = PostgreSql needs it.");
        rules.Between(nameof(options.SiloPort), options.SiloPort, 0, IPEndPoint.MaxPort);
        rules.Between(nameof(options.GatewayPort), options.GatewayPort, 0, IPEndPoint.MaxPort);
        rules.That(
            options.SiloPort == 0 || options.SiloPort != options.GatewayPort,
            $"Forge:SiloPort and Forge:GatewayPort are both {options.SiloPort}; they must differ.");
        CheckAddresses(options, rules);
        CheckId(nameof(options.ClusterId), options.ClusterId, rules);
        CheckId(nameof(options.ServiceId), options.ServiceId, rules);
        foreach (var problem in PeerTlsRules.Problems(
            $"{ForgeOptions.Section}:{nameof(options.Tls)}", options.Tls, PeerCertificates.SiloUses, TimeProvider.System))
        {
            rules.That(false, problem);
        }

        rules.Include(_limits.Validate(name, options.Limits));
        rules.Include(_writer.Validate(name, options.Writer));
        rules.Include(_deltas.Validate(name, options.Deltas));
        rules.Include(_retention.Validate(name, options.Retention));
        rules.Include(new EffectOptionsValidator(options.Retention.RequestWindow).Validate(name, options.Effects));
        rules.Include(_integrity.Validate(name, options.Integrity));
        rules.Include(_encryption.Validate(name, options.Encryption));
        rules.Include(_liveness.Validate(name, options.Liveness));
        rules.Include(_streams.Validate(name, options.Streams));
        rules.Include(_feed.Validate(name, options.Feed));
        rules.Include(_quotas.Validate(name, options.Quotas));
        CheckPolicy(options, rules);
        return rules.Result;
    }

    private static void CheckPolicy(ForgeOptions options, OptionsRules rules)
    {
        try
        {
            // The very rules that a caller's policy follows.
            _ = options.Retention.Policy is { } policy ? new SessionRules(options.Limits).CheckPolicy(policy) : null;
        }
        catch (ForgeException exception)
        {
            rules.That(false, $"Forge:Retention:Policy is refused: {exception.Message}");
        }
    }

    private static void CheckAddresses(ForgeOptions options, OptionsRules rules)
    {
        var listens = IPAddress.TryParse(options.ListenAddress, out var listen);
        rules.That(listens, $"Forge:ListenAddress is '{options.ListenAddress}'; it must be an IP address.");
        if (options.AdvertisedAddress is null)
        {
            rules.That(
                !listens || !IsAny(listen!),
                $"Forge:ListenAddress is {options.ListenAddress}, which nobody can connect to; Forge:AdvertisedAddress must say " +
                "by which address others reach this silo.");
        }
        else
        {
            rules.That(
                IPAddress.TryParse(options.AdvertisedAddress, out var advertised) && !IsAny(advertised),
                $"Forge:AdvertisedAddress is '{options.AdvertisedAddress}'; it must be an IP address that others can connect to.");
        }
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static void CheckId(string name, string value, OptionsRules rules)
    {
        rules.That(!string.IsNullOrWhiteSpace(value), $"Forge:{name} is empty; it must have 1 to {MaxIdCharacters} characters.");
        rules.That(
            value is null || value.Length <= MaxIdCharacters,
            $"Forge:{name} has {value?.Length} characters; it must have 1 to {MaxIdCharacters}.");
    }
}
