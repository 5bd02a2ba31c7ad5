using Forge.History.Chain;
using Forge.History.Changes;

namespace Forge.Grains.Tests.Engine;

/// <summary>A checkpoint of the model.</summary>
internal sealed record ModelRow(
    long Sequence,
    Identity.CheckpointId Id,
    DateTimeOffset CreatedAt,
    long Position,
    long Parent,
    int Size,
    int StoredSize,
    IReadOnlyList<string> Tags)
{
    public IReadOnlyList<string>? FirstTags { get; init; }

    public bool Trunk { get; init; }

    public string? Branch { get; init; }

    public IReadOnlyList<long> Requires { get; init; } = [];

    public bool IsVisible { get; init; } = true;

    public string Notes { get; init; } = "";
}

/// <summary>An event of the model.</summary>
/// <param name="Position">Its position.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Sequence">To what.</param>
/// <param name="LastSequence">The greatest sequence given out before it.</param>
/// <param name="At">When.</param>
/// <param name="After">What the session was after it.</param>
/// <param name="Holds">What else has to hold of its detail.</param>
internal sealed record ModelEvent(
    long Position,
    SessionEventKind Kind,
    long Sequence,
    long LastSequence,
    DateTimeOffset At,
    SessionTotals After,
    Func<EventDetail, bool> Holds);
