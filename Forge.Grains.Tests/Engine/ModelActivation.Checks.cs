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
        CheckListed();

        Versioned<ShownCheckpoint>? Shown(long sequence) => sequence == 0 ? null : _engine.FindShown(sequence);
    }

    /// <summary>A list that needs no read is what the committed version has between its bounds.</summary>
    private void CheckListed()
    {
        var filter = new ListFilter
        {
            Order = _random.Next(2) == 0 ? ListOrder.NewestFirst : ListOrder.OldestFirst,
            After = _random.Next(3) == 0 ? _random.Next((int)_committed.LastSequence + 2) : 0,
            Before = _random.Next(3) == 0 ? _random.Next((int)_committed.LastSequence + 2) : long.MaxValue,
            Branch = _random.Next(4) == 0 ? _committed.Branches.Last() ?? BranchNames.Main : null,
            Limit = _random.Next(1, 12),
        };
        if (_engine.FindShown(filter) is not { Version: var version, Value: var shown })
        {
            _world.Saw("no list without a read");
            return;
        }

        var rows = _committed.Rows.Values.Where(row => row.IsVisible && row.Sequence > filter.After && row.Sequence < filter.Before
            && (filter.Branch is null || filter.Branch == (row.Branch ?? BranchNames.Main)));
        var expected = (filter.Order == ListOrder.NewestFirst ? rows.Reverse() : rows).Take(filter.Limit).Select(row => row.Sequence);
        Assert.Equal(_committed.Version, version);
        Assert.Equal(expected, shown.Select(one => one.Row.Sequence));
        _world.Saw("list without a read");
    }
}
