using Forge.Errors;
using Forge.Operations;

namespace Forge.Sessions;

/// <summary>
/// Asks for the living sessions that were forked from this one, the newest first about: each page is of one instant. None if the
/// session does not exist, or is deleted.
/// </summary>
/// <param name="Limit">The most of a page; from 1 to the silo's limit (1,000 by default).</param>
/// <param name="Cursor">The <see cref="ForkPage.Next"/> of the page before; null for the first page.</param>
/// <exception cref="InvalidRequestException">The limit or the cursor is bad.</exception>
/// <exception cref="OverLimitException">The limit is above the silo's.</exception>
[GenerateSerializer, Immutable, Alias("forge.list-forks")]
public sealed record ListForks([property: Id(0)] int Limit = 100, [property: Id(1)] string? Cursor = null) : Operation<ForkPage>;
