using Forge.Identity;
using Forge.Integrity;

namespace Forge.Checkpoints;

/// <summary>What a caller gives to create a checkpoint.</summary>
[GenerateSerializer, Immutable, Alias("forge.new-checkpoint")]
public sealed record NewCheckpoint
{
    /// <summary>The media type of a state when none is named.</summary>
    public const string DefaultContentType = "application/json";

    /// <summary>
    /// The id and request id; empty to have one made. A repeat with the same id within the request window answers with
    /// the first one's id, sequence and time.
    /// </summary>
    [Id(0)]
    public CheckpointId Id { get; init; }

    /// <summary>
    /// A text to make the id from, 1 to 200 characters, for callers that have no UUID; null for none. Not together with
    /// <see cref="Id"/>.
    /// </summary>
    [Id(1)]
    public string? IdempotencyKey { get; init; }

    /// <summary>What the agent says of it: 1 byte to the message limit (4 KiB of UTF-8 by default), no NUL.</summary>
    [Id(2)]
    public required string Message { get; init; }

    /// <summary>Tags: at most 64 of 1 to 128 characters by default, no NUL; repeats are dropped.</summary>
    [Id(3)]
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Why it is taken.</summary>
    [Id(4)]
    public CheckpointTrigger Trigger { get; init; }

    /// <summary>
    /// The state: 1 byte to the state limit (16 MiB by default). The bytes must not change once they are given to a grain: a call
    /// that was cancelled, or that nobody waits for any longer, may still be under way. A session handle copies them first.
    /// </summary>
    [Id(5)]
    public required ReadOnlyMemory<byte> State { get; init; }

    /// <summary>The media type of the state: 1 to 255 characters of printable ASCII.</summary>
    [Id(6)]
    public string ContentType { get; init; } = DefaultContentType;

    /// <summary>
    /// The checkpoint it follows; null for the current one of its branch, and <see cref="CheckpointReference.None"/> for a root. In a
    /// batch it may be one before it in the same batch, by the id that the caller gave that one.
    /// </summary>
    [Id(7)]
    public CheckpointReference? Parent { get; init; }

    /// <summary>
    /// The sequence that the head of its branch must have for this to be taken, 0 for a branch without one; null for any. In a batch
    /// it is looked at as if the creates before it had been made.
    /// </summary>
    [Id(8)]
    public long? ExpectedHead { get; init; }

    /// <summary>
    /// True if the maker of the id knows that it was never sent before, which saves the look for an earlier one. The
    /// unique index of the history is the last line all the same.
    /// </summary>
    [Id(9)]
    public bool FirstAttempt { get; init; }

    /// <summary>
    /// The branch that it is on: 1 to 500 printable ASCII characters; null for <see cref="BranchNames.Main"/>. The first on a name
    /// begins the branch: as a root, unless it names a parent, which may be any checkpoint of the session.
    /// </summary>
    [Id(10)]
    public string? Branch { get; init; }

    /// <summary>
    /// The checkpoints that it cannot do without, by id or sequence, of any branch; null or empty for none, and at most 64 by default.
    /// Each must be there when this is created, and stays for as long as this does: no compaction takes it, and its deletion is refused.
    /// In a batch it may be one before it in the same batch, by the id that the caller gave that one. Repeats are dropped.
    /// </summary>
    [Id(11)]
    public IReadOnlyList<CheckpointReference>? Requires { get; init; }

    /// <summary>
    /// Pending writes to put in the same step, under <see cref="WritesUnder"/>: all is there, or nothing. Null or empty for none; at most
    /// 1,000 by default. A repeat must have the same for as long as requests are remembered (24 h by default).
    /// </summary>
    [Id(30)]
    public IReadOnlyList<NewWrite>? Writes { get; init; }

    /// <summary>The checkpoint that <see cref="Writes"/> are put under, by id or sequence; null for the parent of this one.</summary>
    [Id(31)]
    public CheckpointReference? WritesUnder { get; init; }

    /// <summary>
    /// The epoch of the claim that it is created under; null for none. All creates of a batch have the same. It is no part of what a
    /// repeat must have the same.
    /// </summary>
    [Id(20)]
    public long? Epoch { get; init; }

    /// <summary>
    /// The newest anchor of the session that its caller knows: a log that does not contain it answers
    /// <see cref="Errors.HistoryRewrittenException"/>, and nothing is created. Null for none; of a batch that of the first one counts. It is no part
    /// of what a repeat must have the same.
    /// </summary>
    [Id(40)]
    public Anchor? Anchor { get; init; }
}
