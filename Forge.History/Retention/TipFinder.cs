using Forge.Checkpoints;

namespace Forge.History.Retention;

/// <summary>
/// Finds the tips of branches: visible checkpoints of which no visible one is a child, on any branch, and none was compacted away that was
/// one. A compaction keeps them all.
/// </summary>
/// <param name="limit">How many of a branch it names.</param>
internal sealed class TipFinder(int limit)
{
    private readonly AwaitedParents _awaited = new();
    private readonly Dictionary<string, Found> _found = new(StringComparer.Ordinal);

    /// <summary>Adds a visible checkpoint; they come by falling sequence.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="parent">Its parent's sequence; 0 for none.</param>
    /// <param name="isTrunk">True if a child of it was compacted away.</param>
    /// <param name="branch">The branch that it is on; null for main.</param>
    public void Add(CheckpointPointer checkpoint, long parent, bool isTrunk, string? branch)
    {
        var hadChild = _awaited.Take(checkpoint.Sequence, out _);
        _awaited.Add(parent, checkpoint.Sequence, goes: false);
        if (hadChild || isTrunk)
        {
            return;
        }

        var name = branch ?? BranchNames.Main;
        if (!_found.TryGetValue(name, out var found))
        {
            _found.Add(name, found = new Found());
        }

        found.Count++;
        if (found.Newest.Count < limit)
        {
            found.Newest.Add(checkpoint);
        }
    }

    /// <summary>The tips of each branch that has some.</summary>
    public IReadOnlyDictionary<string, BranchTips> Finish() =>
        _found.ToDictionary(f => f.Key, f => new BranchTips(f.Value.Count, f.Value.Newest), StringComparer.Ordinal);

    private sealed class Found
    {
        public long Count { get; set; }

        public List<CheckpointPointer> Newest { get; } = [];
    }
}

/// <summary>The tips of a branch.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Newest">The newest of them, by falling sequence.</param>
internal sealed record BranchTips(long Count, IReadOnlyList<CheckpointPointer> Newest);
