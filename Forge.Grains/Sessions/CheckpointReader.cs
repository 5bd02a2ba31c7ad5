using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.History;
using Forge.Grains.History.Deltas;
using Forge.Identity;

namespace Forge.Grains.Sessions;

/// <summary>Turns a stored row back into the checkpoint that was saved, or says that it can't be.</summary>
internal static class CheckpointReader
{
    /// <exception cref="StateCorruptedException">The row, or one that it stands on, does not hold what was saved.</exception>
    public static Checkpoint ToCheckpoint(SessionAddress address, StoredCheckpoint row) => new()
    {
        Summary = row.ToSummary(),
        State = ToState(address, row),
        Annotations = row.Annotations,
    };

    /// <summary>The state that was saved.</summary>
    /// <exception cref="StateCorruptedException">The row, or one that it stands on, does not hold what was saved.</exception>
    public static ReadOnlyMemory<byte> ToState(SessionAddress address, StoredCheckpoint row)
    {
        ReadOnlyMemory<byte> state;
        try
        {
            state = StateDecoder.Decode(new EncodedState(row), row.Bases);
        }
        catch (UndecodableStateException exception)
        {
            throw exception.InSession(address);
        }

        RequireSaved(address, row, state.Span);
        return state;
    }

    /// <summary>Checks that a decoded state is the one that was saved.</summary>
    /// <exception cref="StateCorruptedException">It is not.</exception>
    public static void RequireSaved(SessionAddress address, StoredCheckpoint row, ReadOnlySpan<byte> state)
    {
        // At the end, so that nothing is given out whose bytes are not the saved ones.
        if (HasChecksum(state, row.Checksum))
        {
            return;
        }

        // A full copy that is plain has no other checksum, so the damage may be there.
        var damaged = row.Bases is [{ Codec: StateCodec.Plain } full, ..] && !HasChecksum(full.Stored.Span, full.Checksum)
            ? (full.Sequence, full.Id)
            : (row.Sequence, row.Id);
        throw new StateCorruptedException(
            address, damaged.Sequence, damaged.Id, "its bytes do not have the SHA-256 they were saved with");
    }

    private static bool HasChecksum(ReadOnlySpan<byte> state, ReadOnlySpan<byte> checksum)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(state, hash);
        return hash.SequenceEqual(checksum);
    }
}
