namespace Forge.Portability;

/// <summary>An import under way in one activation of a session.</summary>
/// <param name="Id">What the later calls name it by.</param>
/// <param name="At">When it was begun, by the clock of its silo: no time in the document may be much later.</param>
[GenerateSerializer, Immutable, Alias("forge.import-ticket")]
public readonly record struct ImportTicket([property: Id(0)] Guid Id, [property: Id(1)] DateTimeOffset At)
{
    /// <summary>
    /// The epoch of the claim that the import is made under, which its caller sets before it completes the import; null for none.
    /// </summary>
    [Id(2)]
    public long? Epoch { get; init; }
}
