using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Forge.History.Encryption;

/// <summary>The form of a sealed value: a version, the number of the data key, a nonce, the encrypted bytes and a tag.</summary>
internal static class SealedBytes
{
    /// <summary>By how much a sealed value is longer than what is in it.</summary>
    public const int Overhead = HeaderBytes + TagBytes;

    private const byte Version = 1;
    private const int NonceAt = 1 + sizeof(int);
    private const int NonceBytes = 12;
    private const int HeaderBytes = NonceAt + NonceBytes;
    private const int TagBytes = 16;

    /// <summary>Seals a value.</summary>
    /// <param name="plain">The value.</param>
    /// <param name="number">The number of the data key.</param>
    /// <param name="key">The key of the session, which was made of it.</param>
    /// <param name="place">What the value is bound to.</param>
    public static byte[] Seal(ReadOnlySpan<byte> plain, int number, ReadOnlySpan<byte> key, ReadOnlySpan<byte> place)
    {
        var bytes = new byte[plain.Length + Overhead];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), number);
        RandomNumberGenerator.Fill(bytes.AsSpan(NonceAt, NonceBytes));
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(
            bytes.AsSpan(NonceAt, NonceBytes), plain, bytes.AsSpan(HeaderBytes, plain.Length), bytes.AsSpan(HeaderBytes + plain.Length), place);
        return bytes;
    }

    /// <summary>The number of the data key that a value was sealed by; null if it is no sealed value.</summary>
    public static int? NumberOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= Overhead && bytes[0] == Version ? BinaryPrimitives.ReadInt32BigEndian(bytes[1..]) : null;

    /// <summary>Opens a sealed value; null if it was not sealed by this key for this place, or was changed since.</summary>
    /// <param name="bytes">What <see cref="NumberOf"/> has found to be one.</param>
    /// <param name="key">The key of the session.</param>
    /// <param name="place">What the value has to be bound to.</param>
    public static byte[]? Open(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> key, ReadOnlySpan<byte> place)
    {
        var plain = new byte[bytes.Length - Overhead];
        using var aes = new AesGcm(key, TagBytes);
        try
        {
            aes.Decrypt(bytes.Slice(NonceAt, NonceBytes), bytes[HeaderBytes..^TagBytes], bytes[^TagBytes..], plain, place);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
