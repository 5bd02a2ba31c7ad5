using Forge.Checkpoints;
using Forge.Grains.Sessions;
using Forge.History.Stores;

namespace Forge.Grains.Tests.Engine;

internal sealed partial class ModelActivation
{
    /// <summary>What the engine says of itself whenever it is asked.</summary>
    private void CheckState()
    {
        Assert.Equal(_pending.Count > 0, _engine.HasPending);
        Assert.Equal(!_projected.Exists, _engine.IsNew);
        Assert.Equal(_key == 0 && _pending.Count > _inFlight, _engine.NeedsKey);
        Assert.Equal(_committed.Version + (_inFlight > 0 ? 1 : 0), _engine.NewestVersion);
        Assert.Equal(_projected.Count, _engine.ProjectedCount);
        Assert.Same(_pending.LastOrDefault()?.Change, _engine.NewestPending);
        if (_pending.Count > 0)
        {
            // A repeat of any of them is recognised.
            var accepted = _pending[_random.Next(_pending.Count)];
            Assert.All(accepted.Ids, id => Assert.Same(accepted.Change, _engine.FindPending(id)));
        }

        if (_random.Next(8) == 0)
        {
            CheckShown();
        }
    }

    /// <summary>The tail holds the newest committed checkpoints that stay, without a gap, and as they are once all is committed.</summary>
    private void CheckTail()
    {
        if (!IsAlone)
        {
            return;
        }

        var found = false;
        foreach (var row in _projected.Rows.Values)
        {
            var held = _engine.FindInTail(row.Sequence);
            if (row.Sequence > _committed.LastSequence || !row.IsVisible)
            {
                Assert.Null(held);
                continue;
            }

            Assert.True(held is not null || !found, $"the tail has a gap at {row.Sequence}");
            if (held is not null)
            {
                found = true;
                Assert.True(ModelStore.IsSame(held, row), $"the tail has another checkpoint {row.Sequence}");
                Assert.Same(held, _engine.FindInTail(row.Id));
            }
        }

        Assert.True(found || _engine.FindInTail(_projected.LastSequence + 1) is null);
    }

    /// <summary>What is shown without a read is what the committed version has, whatever is pending and whoever wrote since.</summary>
    private void CheckShown()
    {
        var isAny = false;
        foreach (var row in _committed.Rows.Values)
        {
            var found = _engine.FindShown(row.Sequence);
            Assert.Equal(found, _engine.FindShown(row.Id));
            if (found is not { Version: var version, Value: var shown })
            {
                continue;
            }

            isAny = true;
            Assert.True(row.IsVisible, $"checkpoint {row.Sequence} is shown and is not there");
            Assert.Equal(_committed.Version, version);
            Assert.True(ModelStore.IsSame(shown.Row, row), $"checkpoint {row.Sequence} is shown as another");
            Assert.Equal(_committed.Nearest(row.Parent), shown.KeptParent);
            Assert.Equal(row.Notes, shown.Annotations is { } notes ? ModelStore.TextOf(notes) : row.Notes);
        }

        foreach (var branch in _committed.Branches)
        {
            Assert.Equal(Shown(_committed.HeadOf(branch)), _engine.FindShown(CheckpointReference.LatestOf(branch)));
            Assert.Equal(Shown(_committed.CurrentOf(branch)), _engine.FindShown(CheckpointReference.CurrentOf(branch)));
        }

        Assert.Null(_engine.FindShown(_committed.LastSequence + 1));
        _world.Saw(isAny ? "shown without a read" : "nothing shown without a read");

        Versioned<ShownCheckpoint>? Shown(long sequence) => sequence == 0 ? null : _engine.FindShown(sequence);
    }
}
