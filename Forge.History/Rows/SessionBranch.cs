namespace Forge.History.Rows;

/// <summary>
/// Where a branch of a session stands, but main, which stands in the head row. It is there for as long as one of its checkpoints is
/// visible.
/// </summary>
/// <param name="Branch">Its name.</param>
/// <param name="Head">The sequence of its newest visible checkpoint.</param>
/// <param name="Current">The sequence of the parent of its next checkpoint, which may be of another branch; 0 for none.</param>
/// <param name="Count">How many of its checkpoints are visible.</param>
/// <param name="Seal">The check over all of these (<see cref="Forge.History.Chain.RowSeal.OfBranch"/>).</param>
internal sealed record SessionBranch(string Branch, long Head, long Current, long Count, long Seal);
