using Forge.Errors;
using Forge.Operations;

namespace Forge.Checkpoints;

/// <summary>
/// Asks for the ancestors of a checkpoint that are there, without their states, the nearest first: each page is of one instant, and costs
/// what it shows and passes over: those that are gone.
/// </summary>
/// <param name="Checkpoint">Whose ancestors.</param>
/// <param name="Limit">The most of a page; from 1 to the silo's limit (1,000 by default).</param>
/// <param name="Cursor">The <see cref="CheckpointPage.Next"/> of the page before; null for the first page.</param>
/// <exception cref="CheckpointNotFoundException">The checkpoint is not there.</exception>
/// <exception cref="SessionDeletedException">The session was deleted.</exception>
/// <exception cref="InvalidRequestException">The limit or the cursor is bad.</exception>
/// <exception cref="OverLimitException">The limit is above the silo's.</exception>
[GenerateSerializer, Immutable, Alias("forge.list-ancestors")]
public sealed record ListAncestors(
    [property: Id(0)] CheckpointReference Checkpoint, [property: Id(1)] int Limit = 100, [property: Id(2)] string? Cursor = null)
    : Operation<CheckpointPage>;
