namespace Forge.History.Rows;

/// <summary>
/// What is known of the ancestors of removed checkpoints with neighbouring sequences: the nearest one that was not noted like this
/// itself. Two records of one ancestor never touch: they are one. So a line of checkpoints that went is one record, however long it was.
/// </summary>
/// <param name="First">The first sequence.</param>
/// <param name="Last">The last sequence, included.</param>
/// <param name="Ancestor">The sequence of the ancestor; 0 for none.</param>
/// <param name="Seal">The check over all of these (<see cref="Forge.History.Chain.RowSeal.OfLineage"/>).</param>
internal sealed record RemovedLineage(long First, long Last, long Ancestor, long Seal);
