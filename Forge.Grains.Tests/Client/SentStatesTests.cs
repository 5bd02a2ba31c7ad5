using Forge.Checkpoints;
using Forge.Client;
using Forge.Identity;

namespace Forge.Grains.Tests.Client;

public sealed class SentStatesTests
{
    private readonly SentStates _states = new(16 * 1024);

    [Fact]
    public void Put_MoreThanTheBound_LetsTheLeastRecentlyUsedGo()
    {
        var places = Enumerable.Range(0, 5).Select(_ => new SentStates.Place()).ToArray();
        foreach (var place in places[..4])
        {
            _states.Put(place, State());
        }

        _states.PutBack(places[0], _states.Take(places[0])!);
        _states.Put(places[4], State());

        Assert.Equal([true, false, true, true, true], places.Select(place => _states.Take(place) is not null));
    }

    [Fact]
    public void Put_WhereThereIsOne_TakesItsPlace()
    {
        var (place, first, second) = (new SentStates.Place(), State(), State());
        _states.Put(place, first);
        _states.Put(place, second);

        Assert.Same(second, _states.Take(place));
        Assert.Null(_states.Take(place));
        Assert.Null(SharedState.HoldOrCopy(first.State.Memory));
    }

    [Fact]
    public void PutBack_NewerOneHasCome_LetsItGo()
    {
        var (place, older, newer) = (new SentStates.Place(), State(), State());
        _states.Put(place, older);
        var taken = _states.Take(place)!;
        _states.Put(place, newer);

        _states.PutBack(place, taken);

        Assert.Same(newer, _states.Take(place));
        Assert.Null(SharedState.HoldOrCopy(older.State.Memory));
    }

    [Fact]
    public void PutRead_OneThatWasSavedIsThere_LetsItGo()
    {
        var (place, first, saved, late) = (new SentStates.Place(), State(isSaved: false), State(), State(isSaved: false));
        _states.PutRead(place, first);
        _states.PutRead(place, State(isSaved: false));
        Assert.Null(SharedState.HoldOrCopy(first.State.Memory));
        _states.Put(place, saved);

        _states.PutRead(place, late);

        Assert.Same(saved, _states.Take(place));
        Assert.Null(SharedState.HoldOrCopy(late.State.Memory));
    }

    [Fact]
    public void Drop_AnotherOneThanThere_KeepsIt()
    {
        var (place, state) = (new SentStates.Place(), State());
        _states.Put(place, state);

        _states.Drop(place, new CheckpointId(Guid.NewGuid()));
        Assert.Same(state, _states.Take(place));

        _states.Put(place, state);
        _states.Drop(place, state.Checkpoint);
        Assert.Null(_states.Take(place));
    }

    [Fact]
    public void MayKeep_MoreThanAQuarter_IsFalse() => Assert.Equal((true, false), (_states.MayKeep(4096), _states.MayKeep(4097)));

    private static SentState State(bool isSaved = true) => new(new CheckpointId(Guid.NewGuid()), SharedState.CopyOf(new byte[4096]), isSaved);
}
