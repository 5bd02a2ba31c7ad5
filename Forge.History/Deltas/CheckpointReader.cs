using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Deltas;

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

    /// <summary>The state that was saved, from a row that was read with it.</summary>
    /// <exception cref="StateCorruptedException">The row, or one that it stands on, does not hold what was saved.</exception>
    public static ReadOnlyMemory<byte> ToState(SessionAddress address, StoredCheckpoint row)
    {
        try
        {
            return StateDecoder.DecodeSaved(row);
        }
        catch (UndecodableStateException exception)
        {
            throw exception.InSession(address);
        }
    }
}
