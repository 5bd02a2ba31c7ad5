namespace Forge.History.Rows;

/// <summary>Sequences from the first to the last, both included.</summary>
internal readonly record struct SequenceRange(long First, long Last);
