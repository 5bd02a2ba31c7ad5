using Forge.Checkpoints;

namespace Forge.Grains.Rules;

/// <summary>A checkpoint that a create requires.</summary>
/// <param name="Reference">How the caller names it.</param>
/// <param name="Line">The line before it in its batch that is meant; null if it is none of them.</param>
internal readonly record struct RequiredReference(CheckpointReference Reference, int? Line = null);
