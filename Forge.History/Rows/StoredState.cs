namespace Forge.History.Rows;

/// <summary>A row that was read with its state, and the rows that the state is decoded on.</summary>
/// <param name="Row">The row.</param>
/// <param name="Bases">
/// From a full copy to the row of <see cref="StoredCheckpoint.Base"/>. Empty for a full copy; shorter if a row is missing.
/// </param>
internal readonly record struct StoredState(StoredCheckpoint Row, IReadOnlyList<EncodedState> Bases);
