namespace Forge.Checkpoints;

/// <summary>What makes the state of one checkpoint of that of another.</summary>
[GenerateSerializer, Immutable, Alias("forge.checkpoint-difference")]
public sealed record CheckpointDifference
{
    /// <summary>The checkpoint that the patch is applied to, with the size and checksum of its state.</summary>
    [Id(0)]
    public required CheckpointSummary From { get; init; }

    /// <summary>The checkpoint whose state it makes.</summary>
    [Id(1)]
    public required CheckpointSummary To { get; init; }

    /// <summary>The offset of the first byte of the states that is not the same, from 0; null if they are the same byte for byte.</summary>
    [Id(2)]
    public int? FirstDifference { get; init; }

    /// <summary>
    /// The JSON Patch (RFC 6902), in UTF-8; <c>[]</c> if the states are the same JSON, and null if they were not compared as JSON. Applied
    /// to the one state it gives the other, but for white space, the order of members in objects, and how characters are escaped.
    /// </summary>
    [Id(3)]
    public ReadOnlyMemory<byte>? Patch { get; init; }

    /// <summary>
    /// True if a part is replaced whole because to find out more would have taken too long: the patch is right, and may be longer than it
    /// has to be.
    /// </summary>
    [Id(4)]
    public bool IsCoarse { get; init; }

    /// <summary>The patch for people; null without one.</summary>
    [Id(5)]
    public PatchSummary? Summary { get; init; }

    /// <summary>Why the states were not compared as JSON; null if they were.</summary>
    [Id(6)]
    public NotCompared? NotCompared { get; init; }
}

/// <summary>Why states were not compared as JSON.</summary>
/// <param name="Reason">The kind of reason.</param>
/// <param name="Problem">What it is, and of which state, as a sentence.</param>
[GenerateSerializer, Immutable, Alias("forge.not-compared")]
public sealed record NotCompared([property: Id(0)] NotComparedReason Reason, [property: Id(1)] string Problem);

/// <summary>Why states were not compared as JSON.</summary>
[GenerateSerializer, Alias("forge.not-compared-reason")]
public enum NotComparedReason
{
    /// <summary>A content type is not that of JSON.</summary>
    ContentType,

    /// <summary>A state is not the JSON that its content type says.</summary>
    NotJson,

    /// <summary>An object has a name twice, so that no pointer can say which of them is meant.</summary>
    DuplicateName,

    /// <summary>A state has more values than are compared: 250,000.</summary>
    TooManyValues,
}
