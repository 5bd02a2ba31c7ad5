namespace Forge.Operations;

/// <summary>
/// The request id of a change that is not a create. A repeat with the same id within the request window (24 h by default)
/// takes effect once and answers as the first did.
/// </summary>
/// <param name="Id">The request id; <see cref="Guid.Empty"/> for a change that will not be repeated.</param>
/// <param name="FirstAttempt">True if the maker of the id knows that it was never sent before.</param>
[GenerateSerializer, Immutable, Alias("forge.change-request")]
public readonly record struct ChangeRequest([property: Id(0)] Guid Id, [property: Id(1)] bool FirstAttempt)
{
    /// <summary>True if an earlier attempt may have taken effect.</summary>
    internal bool MayBeRepeat => Id != Guid.Empty && !FirstAttempt;
}
