using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Forge.Identity;

/// <summary>
/// The id of a checkpoint, unique in its session: a UUID version 7 (RFC 9562) if Forge makes it, any UUID but the nil
/// one if the caller gives it. It is also the request id of the create that made the checkpoint.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.checkpoint-id")]
public readonly record struct CheckpointId([property: Id(0)] Guid Value) : IParsable<CheckpointId>
{
    /// <summary>True if no id is given.</summary>
    public bool IsEmpty => Value == Guid.Empty;

    /// <summary>A new id that sorts after those made before <paramref name="time"/>: its milliseconds since 1970, then 74 random bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is before 1970.</exception>
    public static CheckpointId Create(DateTimeOffset time)
    {
        var milliseconds = time.ToUnixTimeMilliseconds();
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds, nameof(time));
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, milliseconds << 16);
        RandomBytes.Fill(id[6..]);
        id[6] = (byte)(id[6] & 0x0F | 0x70);
        id[8] = (byte)(id[8] & 0x3F | 0x80);
        return new(new Guid(id, bigEndian: true));
    }

    /// <summary>
    /// The id that an idempotency key stands for in a session: the first 128 bits of SHA-256 over address and key, marked
    /// as a UUID version 8. The same key gives the same id for as long as the session lives.
    /// </summary>
    public static CheckpointId FromIdempotencyKey(SessionAddress address, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"forge.idempotency/{address.ToGrainKey()}/{key}"), hash);
        hash[6] = (byte)(hash[6] & 0x0F | 0x80);
        hash[8] = (byte)(hash[8] & 0x3F | 0x80);
        return new(new Guid(hash[..16], bigEndian: true));
    }

    /// <summary>Reads an id in any of the forms that <see cref="Guid"/> reads.</summary>
    /// <exception cref="InvalidRequestException">The text is not a UUID, or is the nil one.</exception>
    public static CheckpointId Parse(string value) =>
        TryParse(value, out var id) ? id : throw new InvalidRequestException("id", "must be a UUID other than the nil one");

    /// <inheritdoc/>
    public static CheckpointId Parse(string s, IFormatProvider? provider) => Parse(s);

    /// <summary>Reads an id; false if the text is not a UUID, or is the nil one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? value, out CheckpointId result)
    {
        var valid = Guid.TryParse(value, out var guid) && guid != Guid.Empty;
        result = valid ? new(guid) : default;
        return valid;
    }

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out CheckpointId result) =>
        TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("D");
}
