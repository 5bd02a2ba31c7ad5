using Forge.Checkpoints;
using Forge.Grains.Sessions;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.Engine;

/// <summary>What is read: for a delete beside the checkpoint, and to be shown.</summary>
internal sealed partial class ModelActivation
{
    private Versioned<ShownCheckpoint>? _heldShown;

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

    /// <summary>Has the engine keep what a read shows of a checkpoint, of now or of a while ago.</summary>
    public void Show()
    {
        if ((_heldShown is null || _random.Next(2) == 0) && AnyRow() is { } row && _world.Store.Read(row.Sequence) is { Value: { } read } now)
        {
            var kept = _world.Store.ReadNearest(read.Parent).Value?.Sequence ?? 0;
            _heldShown = new(now.Version, new ShownCheckpoint(read, kept, _random.Next(4) == 0 ? null : _world.Store.NotesOf(read.Sequence)));
        }

        if (_heldShown is { } held)
        {
            _world.Saw(_engine.NoteShown(held) ? "kept to be shown" : "not kept to be shown");
            CheckShown();
        }
    }
}
