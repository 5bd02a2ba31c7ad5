using System.Security.Cryptography;
using System.Text;

namespace Forge.History.Encryption;

/// <summary>Wrapping keys that the settings name: the first wraps, and all unwrap. AES-256-GCM, bound to the tenant.</summary>
internal sealed class ConfiguredKeys(IReadOnlyList<byte[]> keys) : IKeyProvider
{
    /// <summary>The length of a key in bytes.</summary>
    public const int KeyBytes = 32;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly Dictionary<string, byte[]> _byName = keys.DistinctBy(NameOf).ToDictionary(NameOf, StringComparer.Ordinal);

    /// <summary>The name of the key that wraps.</summary>
    public string Newest { get; } = NameOf(keys[0]);

    /// <summary>What a key is called: 64 bits of a SHA-256, which tell nothing of a random key.</summary>
    public static string NameOf(byte[] key) => Convert.ToHexStringLower(SHA256.HashData([.. "forge.wrapping-key"u8, .. key]).AsSpan(0, 8));

    /// <inheritdoc/>
    public ValueTask<WrappedKey> WrapAsync(string tenant, ReadOnlyMemory<byte> dataKey, CancellationToken cancellationToken)
    {
        var wrapped = new byte[NonceBytes + dataKey.Length + TagBytes];
        var nonce = wrapped.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_byName[Newest], TagBytes);
        aes.Encrypt(nonce, dataKey.Span, wrapped.AsSpan(NonceBytes, dataKey.Length), wrapped.AsSpan(NonceBytes + dataKey.Length), Bound(tenant));
        return ValueTask.FromResult(new WrappedKey(Newest, wrapped));
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> UnwrapAsync(string tenant, WrappedKey wrapped, CancellationToken cancellationToken)
    {
        var bytes = wrapped.Bytes.Span;
        if (!_byName.TryGetValue(wrapped.WrappingKey, out var key) || bytes.Length != NonceBytes + KeyBytes + TagBytes)
        {
            return ValueTask.FromResult<byte[]?>(null);
        }

        var dataKey = new byte[KeyBytes];
        using var aes = new AesGcm(key, TagBytes);
        try
        {
            aes.Decrypt(bytes[..NonceBytes], bytes[NonceBytes..^TagBytes], bytes[^TagBytes..], dataKey, Bound(tenant));
            return ValueTask.FromResult<byte[]?>(dataKey);
        }
        catch (AuthenticationTagMismatchException)
        {
            return ValueTask.FromResult<byte[]?>(null);
        }
    }

    private static byte[] Bound(string tenant) => Encoding.UTF8.GetBytes("forge.data-key " + tenant);
}
