namespace Forge.History.Rows;

/// <summary>A row that was read with its state, and the rows that the state is decoded on.</summary>
/// <param name="Row">The row.</param>
/// <param name="Bases">
/// From a full copy to the row of <see cref="StoredCheckpoint.Base"/>. Empty for a full copy; shorter if a row is missing.
/// </param>
internal readonly record struct StoredState(StoredCheckpoint Row, IReadOnlyList<EncodedState> Bases)
{
    /// <summary>About the bytes that decoding it goes over.</summary>
    public long Bytes
    {
        get
        {
            var bytes = (long)Row.Size + Row.Stored.Length;
            for (var i = 0; i < Bases.Count; i++)
            {
                bytes += Bases[i].Size;
            }

            return bytes;
        }
    }
}
