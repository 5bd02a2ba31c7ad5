namespace Forge.Portability;

/// <summary>An import under way in one activation of a session.</summary>
/// <param name="Id">What the later calls name it by.</param>
[GenerateSerializer, Immutable, Alias("forge.import-ticket")]
public readonly record struct ImportTicket([property: Id(0)] Guid Id);
