using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Deltas;

/// <summary>Turns what was read back into the checkpoint that was saved, or says that it can't be.</summary>
internal static class CheckpointReader
{
    /// <exception cref="StateCorruptedException">The row, or one that it stands on, does not hold what was saved.</exception>
    public static Checkpoint ToCheckpoint(SessionAddress address, CheckpointRead read) => new()
    {
        Summary = read.Row.ToSummary(),
        State = ToState(address, read.State),
        Annotations = read.Annotations,
    };

    /// <summary>The same, on the thread pool if it is large.</summary>
    /// <exception cref="StateCorruptedException">The row, or one that it stands on, does not hold what was saved.</exception>
    public static ValueTask<Checkpoint> ToCheckpointAsync(SessionAddress address, CheckpointRead read) =>
        LargeStates.RunAsync(read.State.Bytes, () => ToCheckpoint(address, read));

    /// <summary>The state that was saved.</summary>
    /// <exception cref="StateCorruptedException">The row, or one that it stands on, does not hold what was saved.</exception>
    public static ReadOnlyMemory<byte> ToState(SessionAddress address, StoredState stored)
    {
        try
        {
            return StateDecoder.DecodeSaved(stored);
        }
        catch (UndecodableStateException exception)
        {
            throw exception.InSession(address);
        }
    }
}
