namespace Forge.Checkpoints;

/// <summary>The state of a checkpoint of a list, or why it is not there.</summary>
/// <param name="State">The bytes that were saved; null if what the database holds is damaged.</param>
/// <param name="Problem">What does not fit, of a damaged one; null if all is well.</param>
[GenerateSerializer, Immutable, Alias("forge.listed-state")]
public sealed record ListedState(
    [property: Id(0)] ReadOnlyMemory<byte>? State, [property: Id(1)] string? Problem = null);
