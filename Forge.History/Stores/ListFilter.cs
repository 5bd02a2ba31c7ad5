using Forge.Checkpoints;

namespace Forge.History.Stores;

/// <summary>
/// Which checkpoints to list. Bounds on sequences exclude, bounds on times include. A store may find a bound on times by
/// halving, since no checkpoint of a session was created before one with a lesser sequence.
/// </summary>
internal sealed record ListFilter
{
    public string? Tag { get; init; }

    public CheckpointTrigger? Trigger { get; init; }

    public long After { get; init; }

    public long Before { get; init; } = long.MaxValue;

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    public ListOrder Order { get; init; }

    public required int Limit { get; init; }
}
