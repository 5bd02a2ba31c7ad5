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
}
