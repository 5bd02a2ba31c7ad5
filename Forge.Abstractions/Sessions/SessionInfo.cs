using Forge.Checkpoints;
using Forge.Claims;
using Forge.Identity;

namespace Forge.Sessions;

/// <summary>What a session is at one instant.</summary>
[GenerateSerializer, Immutable, Alias("forge.session-info")]
public sealed record SessionInfo
{
    /// <summary>Who it belongs to.</summary>
    [Id(0)]
    public required TenantId Tenant { get; init; }

    /// <summary>Its id.</summary>
    [Id(1)]
    public required SessionId Session { get; init; }

    /// <summary>When the first change of it was made, UTC.</summary>
    [Id(2)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>How many checkpoints it has.</summary>
    [Id(3)]
    public required long Count { get; init; }

    /// <summary>The sum of the sizes of their states as saved, in bytes.</summary>
    [Id(4)]
    public required long Bytes { get; init; }

    /// <summary>The newest surviving checkpoint of the branch main; null if that has none, though others may.</summary>
    [Id(5)]
    public CheckpointPointer? Head { get; init; }

    /// <summary>
    /// The parent of the next checkpoint of the branch main that does not name another (<see cref="CheckpointReference.Current"/>); null if
    /// there is none.
    /// </summary>
    [Id(6)]
    public CheckpointPointer? Current { get; init; }

    /// <summary>The greatest sequence ever given out; the next one is one more.</summary>
    [Id(7)]
    public required long LastSequence { get; init; }

    /// <summary>The position of the newest event of the session's log.</summary>
    [Id(8)]
    public required long LastPosition { get; init; }

    /// <summary>The number of changes committed; grows with each commit.</summary>
    [Id(9)]
    public required long Version { get; init; }

    /// <summary>Its own settings.</summary>
    [Id(10)]
    public required SessionSettings Settings { get; init; }

    /// <summary>
    /// The chain value of <see cref="LastPosition"/>, 64 hexadecimal digits in lower case: together they are an anchor of the
    /// whole session. Null if nothing was added to it since sessions are chained.
    /// </summary>
    [Id(11)]
    public string? Chain { get; init; }

    /// <summary>The newest claim, also if it was released; null if it was never claimed.</summary>
    [Id(20)]
    public SessionClaim? Claim { get; init; }

    /// <summary>
    /// When its newest checkpoint was created, whether or not that is still there; when it was made, if that is later or it has none. UTC.
    /// </summary>
    [Id(16)]
    public DateTimeOffset ActiveAt { get; init; }

    /// <summary>The checkpoint that it was forked from; null if it was not, and in lists of sessions.</summary>
    [Id(24)]
    public SessionOrigin? Origin { get; init; }

    /// <summary>How many pending writes its checkpoints have.</summary>
    [Id(30)]
    public long PendingWrites { get; init; }

    /// <summary>The sum of the lengths of their values, in bytes.</summary>
    [Id(31)]
    public long PendingWriteBytes { get; init; }

    /// <summary>
    /// How many living sessions were forked from it; 1,000 stands for that many or more (<see cref="ListForks"/> tells them all). Null in
    /// lists of sessions and in the answers to changes.
    /// </summary>
    [Id(25)]
    public int? ForkCount { get; init; }
}
