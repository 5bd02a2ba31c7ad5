using Forge.Tls;
using Microsoft.Extensions.Options;

namespace Forge.Client;

/// <summary>Refuses settings that no client can work with, and names each of them.</summary>
internal sealed class ForgeClientOptionsValidator : IValidateOptions<ForgeClientOptions>
{
    private const int MaxAttempts = 100;
    private const int MostAnchors = 10_000_000;

    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, ForgeClientOptions options)
    {
        var problems = Problems(options).ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(ForgeClientOptions options)
    {
        foreach (var gateway in options.Gateways.Where(g => !GatewayAddress.TryParse(g, out _)))
        {
            yield return $"{Setting("Gateways")} has '{gateway}'; wanted is an IP address and a port, like 127.0.0.1:30000.";
        }

        foreach (var (setting, value) in new[] { ("ClusterId", options.ClusterId), ("ServiceId", options.ServiceId) })
        {
            if (string.IsNullOrWhiteSpace(value))
            {
                yield return $"{Setting(setting)} is empty; give the one of the silos.";
            }
        }

        if (options.ConnectionString is { } text && string.IsNullOrWhiteSpace(text))
        {
            yield return $"{Setting("ConnectionString")} is empty; leave it out to use the gateways.";
        }

        if (options.ConnectTimeout < TimeSpan.Zero || options.ConnectTimeout > LongestTime)
        {
            yield return $"{Setting("ConnectTimeout")} is {options.ConnectTimeout}; it must be from zero to {LongestTime}.";
        }

        foreach (var problem in PeerTlsRules.Problems(Setting("Tls"), options.Tls, PeerCertificates.ClientUses, TimeProvider.System))
        {
            yield return problem;
        }

        if (options.BaseBytes < 0)
        {
            yield return $"{Setting("BaseBytes")} is {options.BaseBytes}; it must not be negative, and 0 to send all states whole.";
        }

        if (options.Anchors is < 0 or > MostAnchors)
        {
            yield return $"{Setting("Anchors")} is {options.Anchors}; it must be from 0, to keep none, to {MostAnchors}.";
        }

        if (options.Serializer is null)
        {
            yield return $"{Setting("Serializer")} is null; leave it out for JSON.";
        }

        if (options.Retry is not { } retry)
        {
            yield return $"{Setting("Retry")} is null; leave it out for the defaults.";
            yield break;
        }

        if (retry.Attempts is < 1 or > MaxAttempts)
        {
            yield return $"{Setting("Retry:Attempts")} is {retry.Attempts}; it must be from 1 to {MaxAttempts}.";
        }

        if (retry.FirstDelay <= TimeSpan.Zero || retry.FirstDelay > LongestTime)
        {
            yield return $"{Setting("Retry:FirstDelay")} is {retry.FirstDelay}; it must be more than zero and at most {LongestTime}.";
        }

        if (retry.MaxDelay < retry.FirstDelay || retry.MaxDelay > LongestTime)
        {
            yield return $"{Setting("Retry:MaxDelay")} is {retry.MaxDelay}; it must be from {retry.FirstDelay}, the first delay, to {LongestTime}.";
        }

        foreach (var (setting, value) in new[] { ("AttemptTimeout", retry.AttemptTimeout), ("Deadline", retry.Deadline) })
        {
            if (value <= TimeSpan.Zero || value > LongestTime)
            {
                yield return $"{Setting($"Retry:{setting}")} is {value}; it must be more than zero and at most {LongestTime}.";
            }
        }
    }

    private static string Setting(string name) => $"{ForgeClientOptions.Section}:{name}";
}
