namespace Forge.History.Rows;

/// <summary>A row of the index of what is required: one checkpoint that another one requires.</summary>
/// <param name="Required">The sequence of the one that is required.</param>
/// <param name="Sequence">The sequence of the one that requires it.</param>
internal readonly record struct Requirement(long Required, long Sequence)
{
    /// <summary>The rows of a checkpoint.</summary>
    public static IEnumerable<Requirement> Of(StoredCheckpoint row) =>
        row.Requires is null ? [] : RequiredText.Read(row.Requires).Select(required => new Requirement(required, row.Sequence));
}
