using System.Buffers;
using Forge.Identity;
using Microsoft.Extensions.Options;

namespace Forge.AgentFramework.Names;

/// <summary>What the settings of all stores have in common.</summary>
internal static class StoreRules
{
    /// <summary>Where the settings of the stores stand.</summary>
    public const string Section = "Forge:AgentFramework";

    private const int PrefixCharacters = 32;

    private static readonly SearchValues<char> PrefixAllowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._");

    /// <summary>What is wrong with the name of a tenant, and with what the names of sessions begin with.</summary>
    /// <param name="section">The section of the settings.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="prefix">The prefix.</param>
    public static IEnumerable<string> Problems(string section, string tenant, string prefix)
    {
        if (!TenantId.TryParse(tenant, out _))
        {
            yield return $"{section}:Tenant is '{tenant}'; it must have 1 to 200 printable ASCII characters, no space and no '/'.";
        }

        if (prefix is not { Length: >= 1 and <= PrefixCharacters } || prefix.AsSpan().ContainsAnyExcept(PrefixAllowed))
        {
            yield return $"{section}:Prefix is '{prefix}'; it must have 1 to {PrefixCharacters} letters, digits, '-', '.' and '_'.";
        }
    }

    /// <summary>What is wrong with a number that has bounds.</summary>
    public static IEnumerable<string> Between(string setting, long value, long least, long most)
    {
        if (value < least || value > most)
        {
            yield return $"{setting} is {value}; it must be from {least} to {most}.";
        }
    }

    public static ValidateOptionsResult Result(IEnumerable<string> problems) =>
        problems.ToList() is { Count: > 0 } all ? ValidateOptionsResult.Fail(all) : ValidateOptionsResult.Success;

    /// <summary>The settings of a store that is made by hand, checked.</summary>
    /// <exception cref="OptionsValidationException">A setting is bad; the message names it.</exception>
    public static T Checked<T>(T options, IValidateOptions<T> validator)
        where T : class =>
        validator.Validate(null, options) is { Failed: true } failed
            ? throw new OptionsValidationException(Options.DefaultName, typeof(T), failed.Failures)
            : options;
}
