using Forge.Identity;

namespace Forge.History.Rows;

/// <summary>What a row holds of its state, and what has to be known to decode it.</summary>
/// <param name="Sequence">The row's sequence.</param>
/// <param name="Id">The row's id.</param>
/// <param name="Codec">How the bytes are encoded.</param>
/// <param name="Base">The sequence of the row that they are a difference from; null for a full copy.</param>
/// <param name="Group">The group that the row belongs to; null if it stands alone or is the group's first.</param>
/// <param name="Size">The length of the state as saved.</param>
/// <param name="Checksum">The SHA-256 of the state as saved.</param>
/// <param name="Stored">The encoded bytes.</param>
internal readonly record struct EncodedState(
    long Sequence,
    CheckpointId Id,
    short Codec,
    long? Base,
    long? Group,
    int Size,
    byte[] Checksum,
    ReadOnlyMemory<byte> Stored)
{
    public EncodedState(StoredCheckpoint row)
        : this(row.Sequence, row.Id, row.Codec, row.Base, row.Group, row.Size, row.Checksum, row.Stored)
    {
    }
}
