namespace Forge.Integrity;

/// <summary>
/// The chain value of a position of a session's log, as an acknowledgement carries it. Whoever keeps one can tell later that
/// nothing up to that position was rewritten: verification says whether the chain still goes through it.
/// </summary>
/// <param name="Position">The position, from 1.</param>
/// <param name="Chain">The chain value, 64 hexadecimal digits in lower case.</param>
[GenerateSerializer, Immutable, Alias("forge.anchor")]
public readonly record struct Anchor([property: Id(0)] long Position, [property: Id(1)] string Chain);
