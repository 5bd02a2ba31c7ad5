using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;

namespace Forge.Silo.Security.Keys;

/// <summary>
/// A key as its holder has it: <c>forge_</c>, its id in 16 hexadecimal digits, <c>_</c>, and its secret of 256 bits in base64url, which
/// scanners for secrets find by <c>forge_[0-9a-f]{16}_[A-Za-z0-9_-]{43}</c>.
/// </summary>
internal readonly struct KeyText
{
    public const string Prefix = "forge_";
    private const int IdDigits = 16;
    private const int SecretBytes = 32;
    private const int SecretCharacters = 43;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private KeyText(long id, byte[] hash) => (Id, Hash) = (id, hash);

    /// <summary>The id.</summary>
    public long Id { get; }

    /// <summary>The SHA-256 of the secret.</summary>
    public byte[] Hash { get; }

    /// <summary>Makes a new one.</summary>
    /// <param name="text">The text, which is told once and kept nowhere.</param>
    public static KeyText Make(out string text)
    {
        Span<byte> id = stackalloc byte[sizeof(long)];
        Span<byte> secret = stackalloc byte[SecretBytes];
        RandomNumberGenerator.Fill(id);
        RandomNumberGenerator.Fill(secret);
        var key = new KeyText((BitConverter.ToInt64(id) & long.MaxValue) | 1, SHA256.HashData(secret));
        text = $"{Prefix}{IdOf(key.Id)}_{Base64Url.EncodeToString(secret)}";
        CryptographicOperations.ZeroMemory(secret);
        return key;
    }

    /// <summary>Reads one; null if it is none.</summary>
    public static KeyText? Parse(ReadOnlySpan<char> text)
    {
        if (text.Length != Prefix.Length + IdDigits + 1 + SecretCharacters || !text.StartsWith(Prefix, StringComparison.Ordinal)
            || text[Prefix.Length + IdDigits] != '_' || ParseId(text.Slice(Prefix.Length, IdDigits)) is not { } id)
        {
            return null;
        }

        Span<byte> secret = stackalloc byte[SecretBytes];
        return Base64Url.DecodeFromChars(text[^SecretCharacters..], secret, out _, out var written) == OperationStatus.Done && written == SecretBytes
            ? new KeyText(id, SHA256.HashData(secret))
            : null;
    }

    /// <summary>An id as text.</summary>
    public static string IdOf(long id) => id.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>The id that a text is; null if it is none.</summary>
    public static long? ParseId(ReadOnlySpan<char> text) =>
        text.Length == IdDigits && !text.ContainsAnyExcept(Digits)
        && long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id) && id > 0 ? id : null;
}
