using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.History;
using Forge.Identity;

namespace Forge.Grains.Sessions;

/// <summary>Turns a stored row back into the checkpoint that was saved, or says that it can't be.</summary>
internal static class CheckpointReader
{
    private const short Plain = 0;

    /// <exception cref="StateCorruptedException">The row does not hold what was saved.</exception>
    public static Checkpoint ToCheckpoint(SessionAddress address, StoredCheckpoint row) => new()
    {
        Summary = row.ToSummary(),
        State = Decode(address, row),
        Annotations = row.Annotations,
    };

    private static ReadOnlyMemory<byte> Decode(SessionAddress address, StoredCheckpoint row)
    {
        if (row.Codec != Plain)
        {
            throw Damaged($"its codec {row.Codec} is not known");
        }

        if (row.Stored.Length != row.Size)
        {
            throw Damaged($"it has {row.Stored.Length} bytes where {row.Size} were saved");
        }

        // At the end, so that nothing is given out whose bytes are not the saved ones.
        return SHA256.HashData(row.Stored.Span).AsSpan().SequenceEqual(row.Checksum)
            ? row.Stored
            : throw Damaged("its bytes do not have the SHA-256 they were saved with");

        StateCorruptedException Damaged(string problem) => new(address, row.Sequence, row.Id, problem);
    }
}
