namespace Forge.History.Rows;

/// <summary>A row of the index of tags.</summary>
internal readonly record struct StoredTag(long Sequence, string Tag);
