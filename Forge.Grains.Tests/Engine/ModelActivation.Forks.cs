using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Identity;
using Forge.Integrity;

namespace Forge.Grains.Tests.Engine;

/// <summary>How a session begins from another one.</summary>
internal sealed partial class ModelActivation
{
    /// <summary>Makes the session with the state of a checkpoint of another one, or with staged ones of it.</summary>
    public void Fork()
    {
        EnterAlone();
        var expected = IfDeleted() ?? (!_projected.Exists ? new Expected(Verdict.Accepted)

            // What is committed stays; what is pending may fail.
            : _committed.Exists ? new Expected(typeof(SessionExistsException))
            : ToWaitFor(Newest));
        var origin = new ForkLink
        {
            OriginKey = _random.Next(2) == 0 ? null : _random.Next(1, 99),
            OriginIncarnation = _random.Next(1, 3),
            Origin = "origin",
            Sequence = _random.Next(1, 99),
            Id = new CheckpointId(_world.NewGuid()),
            Chain = _random.Next(2) == 0 ? null : [4, 5, 6],
            At = _world.Now,
        };
        if (_random.Next(2) == 0)
        {
            ForkOne(expected, origin);
        }
        else
        {
            ForkStaged(expected, origin);
        }
    }

    private void ForkOne(Expected expected, ForkLink origin)
    {
        var (now, request) = (_world.Now, Request());
        var schedule = AnySchedule(out var text);
        var settings = _random.Next(2) == 0 && schedule is null ? null : $"{{\"f\":1{text}}}";
        var command = new CreateCommand(
            new NewCheckpoint { Id = new CheckpointId(_world.NewGuid()), Message = "f", Tags = ["keep"], State = new byte[_random.Next(9)] }, []);
        var accepted = Ask(
            expected,
            () => _engine.Fork(command, origin, settings, now, null, Authority.AboveClaims, (row, anchor) =>
            {
                Assert.Equal((1L, 1L, 0L, command.Id), (row.Sequence, row.Position, row.Parent, row.Id));
                Assert.Equal(2, anchor.Position);
                return request;
            }),
            change => Forked(change, request, origin, state =>
            {
                state.SetSettings(settings, now);
                state.Create(command, 0, now);
                state.SetSchedule(schedule, now);
            }));
        Saw(accepted, "fork");
    }

    private void ForkStaged(Expected expected, ForkLink origin)
    {
        Stage();
        var (now, request, staged, rows) = (_world.Now, Request(), _staged! with { Origin = origin }, _stagedRows);
        _staged = null;
        Anchor made = default;
        var accepted = Ask(
            expected,
            () => _engine.Fork(staged, now, null, Authority.AboveClaims, anchor =>
            {
                made = anchor;
                return request;
            }),
            change =>
            {
                Assert.Equal(change.Event?.Position, made.Position);
                _key = staged.Key;
                return Forked(change, request, origin, state => state.Import(staged, rows, now));
            });
        Saw(accepted, "fork with history");
    }

    private Accepted Forked(
        PendingChange change, RememberedRequest? request, ForkLink origin, Action<ModelState> intent)
    {
        var now = _world.Now;
        return new Accepted(change, state =>
        {
            intent(state);
            state.BeginFrom(origin, now);
            Remember(state, request);
        })
        {
            Ids = [.. change.Changes.OfType<Created>().Select(c => c.Row.Id.Value), .. IdsOf(request)],
            IsStructural = true,
            IsExclusive = true,
        };
    }
}
