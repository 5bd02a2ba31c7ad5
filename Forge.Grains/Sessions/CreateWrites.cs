using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.Identity;

namespace Forge.Grains.Sessions;

/// <summary>
/// The pending writes of a create, as they are remembered beside its checkpoint: under an id of their own, which follows from that of the
/// checkpoint. What a repeat of the create must have the same is told by them.
/// </summary>
/// <param name="Writes">The writes.</param>
/// <param name="Under">The checkpoint that the create names for them; null for its parent.</param>
internal sealed record CreateWrites(
    [property: Id(0)] IReadOnlyList<NewWrite> Writes,
    [property: Id(1)] string? Under)
{
    /// <summary>What is remembered of the writes of a create.</summary>
    public static RequestMemory MemoryOf(SessionAddress address, NewCheckpoint checkpoint) => RequestMemory.OfPart(
        address, RememberedRequest.CreateWrites, new CreateWrites(checkpoint.Writes ?? [], checkpoint.WritesUnder?.ToString()), IdOf(checkpoint.Id));

    /// <summary>The id that they are remembered under.</summary>
    public static Guid IdOf(CheckpointId checkpoint)
    {
        Span<byte> bytes = stackalloc byte[32];
        "forge.writes"u8.CopyTo(bytes);
        checkpoint.Value.TryWriteBytes(bytes[16..], bigEndian: true, out _);
        var id = SHA256.HashData(bytes).AsSpan(0, 16);

        // Of version 8, which is nobody's: it says no time.
        id[6] = (byte)((id[6] & 0x0f) | 0x80);
        id[8] = (byte)((id[8] & 0x3f) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
