namespace Forge.History.Rows;

/// <summary>A place in the order in which effects were last begun.</summary>
/// <param name="After">The greatest sequence that was given out then.</param>
/// <param name="Key">The key.</param>
internal readonly record struct EffectPlace(long After, string Key)
{
    /// <summary>Before all that can be stored.</summary>
    public static EffectPlace First { get; } = new(long.MinValue, "");

    /// <summary>Before all that were begun when a checkpoint was there.</summary>
    public static EffectPlace Since(long sequence) => new(sequence - 1, "\uffff");

    public static EffectPlace Of(StoredEffect row) => new(row.After, row.Key);
}
