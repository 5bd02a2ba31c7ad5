using Forge.Cli.Http;

namespace Forge.Cli.Timelines;

/// <summary>
/// Gives each checkpoint of a session a lane, the newest first, as a graph log does: a line of checkpoints keeps its lane down to where it left
/// another one.
/// </summary>
internal sealed class Lanes
{
    private readonly List<Lane?> _lanes = [];

    /// <summary>What the lanes wait for, with null for those that are free.</summary>
    public IReadOnlyList<Lane?> Open => _lanes;

    /// <summary>Takes the next checkpoint.</summary>
    /// <param name="sequence">Its sequence, which is below those before.</param>
    /// <param name="parent">Its nearest ancestor that is shown; null for none.</param>
    /// <param name="isAbandoned">True if nothing that is current goes back to it.</param>
    /// <returns>Its lane, and those that end in it because what they show left it.</returns>
    public Place Take(long sequence, long? parent, bool isAbandoned)
    {
        int[] waiting = [.. _lanes.Select((lane, index) => (lane, index)).Where(l => l.lane?.Next == sequence).Select(l => l.index)];
        var own = waiting.Length > 0 ? waiting[0] : FreeLane();
        int[] ending = [.. waiting.Skip(1)];
        Lane?[] before = [.. _lanes];
        foreach (var lane in ending)
        {
            _lanes[lane] = null;
        }

        _lanes[own] = parent is { } next ? new Lane(next, isAbandoned) : null;
        while (_lanes is [.., null])
        {
            _lanes.RemoveAt(_lanes.Count - 1);
        }

        return new Place(own, ending, before);
    }

    private int FreeLane()
    {
        if (_lanes.IndexOf(null) is >= 0 and var free)
        {
            return free;
        }

        _lanes.Add(null);
        return _lanes.Count - 1;
    }
}

/// <summary>A line of checkpoints that goes on below.</summary>
/// <param name="Next">The sequence that it waits for.</param>
/// <param name="IsAbandoned">True if nothing that is current goes back to what it shows.</param>
internal sealed record Lane(long Next, bool IsAbandoned);

/// <summary>Where a checkpoint stands.</summary>
/// <param name="Own">Its lane.</param>
/// <param name="Ending">The lanes that end in it.</param>
/// <param name="Before">The lanes as they were above it.</param>
internal sealed record Place(int Own, IReadOnlyList<int> Ending, IReadOnlyList<Lane?> Before);
