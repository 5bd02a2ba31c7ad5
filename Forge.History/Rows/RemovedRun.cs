namespace Forge.History.Rows;

/// <summary>
/// What stays of neighbouring positions of a session's log whose rows are gone: one record of a fixed size, however many
/// they were. Two runs never touch: they are one.
/// </summary>
/// <param name="FirstPosition">The first position.</param>
/// <param name="LastPosition">The last position, included.</param>
/// <param name="Creates">How many of the positions were creates; the others were other events.</param>
/// <param name="Bytes">The sum of the sizes of the created states as saved.</param>
/// <param name="LastSequence">The greatest sequence created in it; 0 for none.</param>
/// <param name="Chain">The chain value of the last position; null if it had none.</param>
/// <param name="Seal">The check over all of these (<see cref="Forge.History.Chain.RowSeal.OfRun"/>).</param>
internal sealed record RemovedRun(
    long FirstPosition, long LastPosition, long Creates, long Bytes, long LastSequence, byte[]? Chain, long Seal);
