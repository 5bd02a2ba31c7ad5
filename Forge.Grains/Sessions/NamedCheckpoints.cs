using Forge.Checkpoints;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

/// <summary>Checkpoints that creates name, as one read found them.</summary>
internal sealed class NamedCheckpoints
{
    private readonly long _version;
    private readonly IReadOnlySet<CheckpointReference> _asked;
    private readonly Dictionary<CheckpointReference, StoredCheckpoint> _found = [];

    /// <param name="version">The version of the read.</param>
    /// <param name="asked">What was asked for.</param>
    /// <param name="found">What is there of that.</param>
    public NamedCheckpoints(long version, IReadOnlySet<CheckpointReference> asked, IReadOnlyList<StoredCheckpoint> found)
    {
        (_version, _asked) = (version, asked);
        foreach (var row in found)
        {
            _found[CheckpointReference.BySequence(row.Sequence)] = _found[CheckpointReference.ById(row.Id)] = row;
        }
    }

    /// <summary>One of them as it was read; null if it was not asked for.</summary>
    public Versioned<StoredCheckpoint?>? Of(CheckpointReference named) =>
        _asked.Contains(named) ? new(_version, _found.GetValueOrDefault(named)) : null;
}
