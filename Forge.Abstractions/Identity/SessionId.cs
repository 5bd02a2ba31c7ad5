using System.Diagnostics.CodeAnalysis;

namespace Forge.Identity;

/// <summary>
/// The id of a session: 1 to 200 characters of printable ASCII, no space, no <c>/</c>, not <c>.</c> or <c>..</c>. Compared
/// ordinally, so <c>a1</c>, <c>A1</c> and <c>0a1</c> are three sessions.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.session-id")]
public readonly record struct SessionId : IParsable<SessionId>
{
    /// <summary>The greatest length of an id, in characters.</summary>
    public const int MaxLength = IdentifierRules.MaxLength;

    [Id(0)]
    private readonly string? _value;

    private SessionId(string value) => _value = value;

    /// <summary>The id as text; never empty.</summary>
    /// <exception cref="InvalidRequestException">This is <c>default</c>, which is not an id.</exception>
    public string Value => _value ?? throw new InvalidRequestException("session", "must not be empty");

    /// <summary>Reads an id from <paramref name="value"/>.</summary>
    /// <exception cref="InvalidRequestException">The text breaks the rule above.</exception>
    public static SessionId Parse(string value) =>
        IdentifierRules.Problem(value) is { } problem
            ? throw new InvalidRequestException("session", problem)
            : new SessionId(value);

    /// <inheritdoc/>
    public static SessionId Parse(string s, IFormatProvider? provider) => Parse(s);

    /// <summary>Reads an id from <paramref name="value"/>; false if the text breaks the rule above.</summary>
    public static bool TryParse([NotNullWhen(true)] string? value, out SessionId result)
    {
        var valid = IdentifierRules.Problem(value) is null;
        result = valid ? new SessionId(value!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out SessionId result) =>
        TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => _value ?? "";
}
