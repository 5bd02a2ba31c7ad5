using System.Diagnostics.CodeAnalysis;

namespace Forge.Identity;

/// <summary>
/// The id of a tenant: 1 to 200 characters of printable ASCII, no space, no <c>/</c>, not <c>.</c> or <c>..</c>. Compared
/// ordinally, so <c>a1</c>, <c>A1</c> and <c>0a1</c> are three tenants.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.tenant-id")]
public readonly record struct TenantId : IParsable<TenantId>
{
    /// <summary>The greatest length of an id, in characters.</summary>
    public const int MaxLength = IdentifierRules.MaxLength;

    [Id(0)]
    private readonly string? _value;

    private TenantId(string value) => _value = value;

    /// <summary>The tenant of whoever names none: <c>default</c>.</summary>
    public static TenantId Default { get; } = new("default");

    /// <summary>The id as text; never empty.</summary>
    /// <exception cref="InvalidRequestException">This is <c>default</c>, which is not an id.</exception>
    public string Value => _value ?? throw new InvalidRequestException("tenant", "must not be empty");

    /// <summary>Reads an id from <paramref name="value"/>.</summary>
    /// <exception cref="InvalidRequestException">The text breaks the rule above.</exception>
    public static TenantId Parse(string value) =>
        IdentifierRules.Problem(value) is { } problem
            ? throw new InvalidRequestException("tenant", problem)
            : new TenantId(value);

    /// <inheritdoc/>
    public static TenantId Parse(string s, IFormatProvider? provider) => Parse(s);

    /// <summary>Reads an id from <paramref name="value"/>; false if the text breaks the rule above.</summary>
    public static bool TryParse([NotNullWhen(true)] string? value, out TenantId result)
    {
        var valid = IdentifierRules.Problem(value) is null;
        result = valid ? new TenantId(value!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out TenantId result) =>
        TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => _value ?? "";
}
