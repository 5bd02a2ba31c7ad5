using Forge.Checkpoints;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.Engine;

/// <summary>What is read for a delete beside the checkpoint.</summary>
internal sealed partial class ModelActivation
{
    /// <summary>What becomes current after a checkpoint, read now or a while ago, or not at all though the engine needs it.</summary>
    private Versioned<CheckpointPointer?>? ReadAncestor(StoredCheckpoint row)
    {
        return !_engine.NeedsAncestor(row) || _random.Next(20) == 0 ? null
            : _heldAncestors.TryGetValue(row.Sequence, out var held) && _random.Next(2) == 0 ? held
            : _world.Store.ReadNearest(row.Parent);
    }

    /// <summary>What becomes the head after a checkpoint, read now or a while ago, or not at all though the engine needs it.</summary>
    private Versioned<CheckpointPointer?>? ReadBelow(StoredCheckpoint row)
    {
        if (!_engine.NeedsBelow(row) || _random.Next(20) == 0)
        {
            return null;
        }

        var read = _heldBelow.TryGetValue(row.Sequence, out var held) && _random.Next(2) == 0 ? held : _world.Store.ReadBelow(row.Branch, row.Sequence);
        _heldBelow.TryAdd(row.Sequence, read);
        return read;
    }
}
