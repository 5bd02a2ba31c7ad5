namespace Forge.Checkpoints;

/// <summary>A note attached to a checkpoint.</summary>
/// <param name="Position">The position in the session's log of the event that attached it.</param>
/// <param name="At">When it was attached, UTC.</param>
/// <param name="Severity">How grave it is.</param>
/// <param name="Text">The note.</param>
[GenerateSerializer, Immutable, Alias("forge.annotation")]
public sealed record Annotation(
    [property: Id(0)] long Position,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] AnnotationSeverity Severity,
    [property: Id(3)] string Text)
{
    /// <summary>
    /// The chain value of that position, 64 hexadecimal digits in lower case. Only the answer to the change that attached it
    /// has it; null in reads.
    /// </summary>
    [Id(4)]
    public string? Chain { get; init; }
}
