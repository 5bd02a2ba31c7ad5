using System.Security.Cryptography;
using System.Text;
using Forge.Identity;

namespace Forge.AgentFramework.Names;

/// <summary>
/// The session of Forge that something of the framework is kept in, and the labels that say what its name was made from. Names that differ in
/// any part are of different sessions.
/// </summary>
/// <param name="Session">The session.</param>
/// <param name="IsHashed">True if the name does not tell what it was made from, as it would have been too long.</param>
/// <param name="Labels">The originals of all parts, as labels of the session.</param>
internal sealed record SessionName(SessionId Session, bool IsHashed, IReadOnlyDictionary<string, string> Labels)
{
    /// <summary>Ends a prefix and parts the rest; no encoded part has one.</summary>
    private const char Colon = ':';

    /// <summary>Marks a hash; no encoded part has one.</summary>
    private const char Hash = '#';

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The name for one text.</summary>
    /// <param name="prefix">What the names of a store begin with.</param>
    /// <param name="field">What the text is, for errors.</param>
    /// <param name="text">Any text but the empty one.</param>
    /// <exception cref="InvalidRequestException">It is empty, or no Unicode.</exception>
    public static SessionName Of(string prefix, string field, string text) =>
        Of(prefix, Encode(field, text), new SessionLabels().Add(SessionLabels.Session, text));

    /// <summary>The name for parts that are encoded already.</summary>
    /// <param name="prefix">What the names of a store begin with.</param>
    /// <param name="encoded">The parts, with what parts them.</param>
    /// <param name="labels">Their originals.</param>
    public static SessionName Of(string prefix, string encoded, SessionLabels labels)
    {
        var whole = $"{prefix}{Colon}{encoded}";
        var isHashed = whole.Length > SessionId.MaxLength;
        return new SessionName(
            SessionId.Parse(isHashed ? $"{prefix}{Colon}{Hash}{Convert.ToHexStringLower(SHA256.HashData(Strict.GetBytes(encoded)))}" : whole),
            isHashed,
            labels.All);
    }

    /// <summary>A text in letters, digits and <c>-._~%</c>, from which it can be read again.</summary>
    /// <param name="field">What it is, for errors.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="InvalidRequestException">It is empty, or no Unicode, of which different ones would be encoded the same.</exception>
    public static string Encode(string field, string text)
    {
        if (string.IsNullOrEmpty(text))
        {
            throw new InvalidRequestException(field, "must not be empty");
        }

        try
        {
            _ = Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException exception)
        {
            throw new InvalidRequestException(field, "must be Unicode, without half of a surrogate pair", exception);
        }

        return Uri.EscapeDataString(text);
    }
}
