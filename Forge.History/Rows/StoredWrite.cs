using Forge.Checkpoints;

namespace Forge.History.Rows;

/// <summary>A pending write as it is stored, under the checkpoint that its step began from.</summary>
internal sealed record StoredWrite
{
    /// <summary>The sequence of the checkpoint.</summary>
    public required long Sequence { get; init; }

    public required string Task { get; init; }

    public required int Index { get; init; }

    public required string Name { get; init; }

    public required string ContentType { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The length of the value.</summary>
    public required int Size { get; init; }

    /// <summary>The SHA-256 of the value.</summary>
    public required byte[] Checksum { get; init; }

    /// <summary>The check over all of these (<see cref="Forge.History.Chain.RowSeal.OfWrite"/>).</summary>
    public long Seal { get; init; }

    /// <summary>The value; none where the row was read without it.</summary>
    public required ReadOnlyMemory<byte> Value { get; init; }

    public WriteKey Key => new(Task, Index);

    /// <summary>The write as callers see it.</summary>
    public PendingWrite ToWrite() => new()
    {
        Task = Task,
        Index = Index,
        Name = Name,
        Value = Value,
        ContentType = ContentType,
        At = At,
    };
}

/// <summary>Where a pending write stands among all of a session, whatever somebody may have made of its key.</summary>
/// <param name="Sequence">The sequence of its checkpoint.</param>
/// <param name="Task">The task.</param>
/// <param name="Index">Its place among the writes of its task.</param>
internal readonly record struct WritePosition(long Sequence, string Task, long Index);

/// <summary>What names a pending write under its checkpoint.</summary>
/// <param name="Task">The task, compared ordinally.</param>
/// <param name="Index">Its place among the writes of its task.</param>
internal readonly record struct WriteKey(string Task, int Index);
