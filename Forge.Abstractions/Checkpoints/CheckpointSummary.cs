using System.Text.Json.Serialization;
using Forge.Identity;

namespace Forge.Checkpoints;

/// <summary>A checkpoint without its state. All but <see cref="Tags"/> is immutable.</summary>
[GenerateSerializer, Immutable, Alias("forge.checkpoint-summary")]
public sealed record CheckpointSummary
{
    /// <summary>The id, unique in the session.</summary>
    [Id(0)]
    public required CheckpointId Id { get; init; }

    /// <summary>The place in the session's one order, from 1.</summary>
    [Id(1)]
    public required long Sequence { get; init; }

    /// <summary>When it was created, UTC, in whole microseconds; never earlier than that of a lower sequence.</summary>
    [Id(2)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The sequence of the checkpoint it followed; null for a root. What it names may be gone by now.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Parent
    {
        get => ParentSequence == 0 ? null : ParentSequence;
        init => ParentSequence = value ?? 0;
    }

    /// <summary>What the agent said of it.</summary>
    [Id(4)]
    public required string Message { get; init; }

    /// <summary>Its tags as they are now, without repeats, in the order in which they were given.</summary>
    [Id(5)]
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Why it was taken.</summary>
    [Id(6)]
    public CheckpointTrigger Trigger { get; init; }

    /// <summary>The media type of the state.</summary>
    [Id(7)]
    public required string ContentType { get; init; }

    /// <summary>The length of the state in bytes, as it was saved.</summary>
    [Id(8)]
    public required int Size { get; init; }

    /// <summary>The SHA-256 of the state, 64 hexadecimal digits in lower case.</summary>
    [Id(9)]
    public required string Checksum { get; init; }

    /// <summary>The position of its creation in the session's log; 0 for one that was imported by an earlier version.</summary>
    [Id(10)]
    public long Position { get; init; }

    /// <summary>
    /// The chain value of that position, 64 hexadecimal digits in lower case; null for one that was written before sessions
    /// were chained. With <see cref="Position"/> it is an anchor, unless the checkpoint was imported: then it is its place in
    /// the import's own chain.
    /// </summary>
    [Id(11)]
    public string? Chain { get; init; }

    /// <summary>The branch that it is on.</summary>
    [Id(12)]
    public string Branch { get; init; } = BranchNames.Main;

    /// <summary>
    /// The sequence of the nearest of its ancestors that is there: of its <see cref="Parent"/>, or if that is gone, of the nearest one
    /// before it that is not; null if none is there. By it what is left of a session can be drawn as trees. In the answer
    /// to a create it is what it was then. Null too in answers that do not tell it: those of a search over a tenant, of a difference, and to a
    /// change of tags.
    /// </summary>
    public long? KeptParent
    {
        get => KeptSequence == 0 ? null : KeptSequence;
        init => KeptSequence = value;
    }

    /// <summary>The sequences of the checkpoints that it requires, which stay for as long as it does, rising; empty for none.</summary>
    [Id(14)]
    public IReadOnlyList<long> Requires { get; init; } = [];

    /// <summary>The parent as it goes between processes; 0 for a root.</summary>
    [Id(3)]
    internal long ParentSequence { get; init; }

    /// <summary>The nearest ancestor as it goes between processes; 0 if none is there, null if it is not told.</summary>
    [Id(13)]
    internal long? KeptSequence { get; init; }
}
