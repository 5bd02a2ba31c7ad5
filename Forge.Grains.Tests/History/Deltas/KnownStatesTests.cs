using Forge.Checkpoints;
using Forge.History.Deltas;

namespace Forge.Grains.Tests.History.Deltas;

public sealed class KnownStatesTests
{
    [Fact]
    public void Put_MoreThanTheBound_LetsGoOfWhatWasUsedLongestAgo()
    {
        var states = new KnownStates(16 * 1024);
        KnownStates.Owner[] owners = [.. Enumerable.Range(0, 5).Select(_ => new KnownStates.Owner())];
        foreach (var owner in owners[..4])
        {
            Put(states, owner, 1, 4096);
        }

        Use(states, owners[0], 1);
        Put(states, owners[4], 1, 1000);

        Assert.InRange(states.Bytes, 1, 16 * 1024);
        Assert.Null(states.Take(owners[1], 1));
        Assert.All([owners[0], owners[2], owners[3], owners[4]], owner => Assert.NotNull(states.Take(owner, 1)));
        Assert.Equal(0, states.Bytes);
    }

    [Fact]
    public void Put_ThirdOfASession_LetsGoOfItsOldestIfThatIsLarge()
    {
        var (states, owner) = (new KnownStates(1 << 20), new KnownStates.Owner());
        Put(states, owner, 1, 8193);
        Put(states, owner, 2, 8193);
        Use(states, owner, 1);
        Put(states, owner, 3, 8193);

        Assert.Null(states.Take(owner, 2));
        Assert.Equal(1, states.Take(owner, 1)!.End.Sequence);
        Assert.Equal(3, states.Take(owner, 3)!.End.Sequence);
    }

    [Fact]
    public void Put_SmallStatesOfASession_KeepsThemAsSpareWithinItsShare()
    {
        var (states, owner) = (new KnownStates(1 << 20), new KnownStates.Owner());
        for (var i = 1; i <= 60; i++)
        {
            Put(states, owner, i, 4096);
        }

        // Two are needed, and 32 of them come to 128 KiB.
        Assert.Equal([59, 60, .. Enumerable.Range(27, 32)], states.SequencesOf(owner));
        Assert.Equal(34 * 4096, states.Bytes);
        Assert.Equal(60, states.TakeNewest(owner)!.End.Sequence);
    }

    [Fact]
    public void Put_TheBoundIsReached_LetsGoOfSpareStatesFirst()
    {
        var (states, cold, hot) = (new KnownStates(32 * 1024), new KnownStates.Owner(), new KnownStates.Owner());
        Put(states, cold, 1, 4096);
        for (var i = 1; i <= 20; i++)
        {
            Put(states, hot, i, 4096);
        }

        Assert.Equal([1], states.SequencesOf(cold));
        Assert.Equal([19, 20, 14, 15, 16, 17, 18], states.SequencesOf(hot));
    }

    [Fact]
    public void TakeNewest_SeveralOfASession_IsTheOneUsedLast()
    {
        var (states, owner) = (new KnownStates(1 << 20), new KnownStates.Owner());
        Assert.Null(states.TakeNewest(owner));
        Put(states, owner, 1, 300);
        Put(states, owner, 2, 300);
        Use(states, owner, 1);

        Assert.Equal((1L, 2L), (states.TakeNewest(owner)!.End.Sequence, states.TakeNewest(owner)!.End.Sequence));
        Assert.Equal(0, states.Bytes);
    }

    [Fact]
    public void PutSpare_NoRoomButThatOfCreates_IsNotKept()
    {
        var (states, owner, others) = (new KnownStates(8 * 1024), new KnownStates.Owner(), new KnownStates.Owner());
        Put(states, owner, 1, 2000);
        Put(states, owner, 2, 2000);
        Assert.True(states.MayPutSpare(others, 4, 2000));
        PutSpare(states, others, 4, 2000);
        Assert.False(states.MayPutSpare(others, 4, 2000));
        PutSpare(states, others, 5, 2000);
        PutSpare(states, others, 6, 2000);
        Use(states, others, 6);
        PutSpare(states, others, 7, 2000);
        Assert.Equal([6, 7], states.SequencesOf(others));
        Put(states, others, 8, 2000);
        Put(states, others, 9, 2000);
        Assert.False(states.MayPutSpare(owner, 3, 2000));
        PutSpare(states, owner, 3, 2000);

        Assert.Equal([1, 2], states.SequencesOf(owner));
        Assert.Equal([8, 9], states.SequencesOf(others));
    }

    [Fact]
    public void PutSpare_LargeStatesOfASession_KeepsOne()
    {
        var (states, owner) = (new KnownStates(1 << 21), new KnownStates.Owner());
        Put(states, owner, 1, 300);
        PutSpare(states, owner, 2, 200_000);
        PutSpare(states, owner, 3, 200_000);

        Assert.Equal([1, 3], states.SequencesOf(owner));
    }

    [Fact]
    public void PutBack_SpareState_TakesThePlaceOfNoNeededOne()
    {
        var (states, owner) = (new KnownStates(1 << 20), new KnownStates.Owner());
        Put(states, owner, 1, 9000);
        Put(states, owner, 2, 9000);
        PutSpare(states, owner, 3, 9000);
        states.PutBack(owner, states.Take(owner, 3)!);
        states.PutBack(owner, states.Take(owner, 1)!);
        Assert.NotNull(states.Find(owner, 3));

        Assert.Equal([2, 1, 3], states.SequencesOf(owner));
    }

    [Fact]
    public void PutSpare_TheBoundIsReached_TakesThePlaceOfWhatWasOnlyRead()
    {
        var states = new KnownStates(4 * 1024);
        KnownStates.Owner[] owners = [.. Enumerable.Range(0, 4).Select(_ => new KnownStates.Owner())];
        PutSpare(states, owners[0], 1, 1000);
        Put(states, owners[1], 1, 1000);
        PutSpare(states, owners[2], 1, 1000);
        PutSpare(states, owners[2], 2, 1000);
        PutSpare(states, owners[3], 1, 1000);
        PutSpare(states, owners[3], 2, 1000);

        Assert.Equal([0, 1, 1, 2], owners.Select(owner => states.SequencesOf(owner).Count));
        Assert.InRange(states.Bytes, 1, 4 * 1024);
    }

    [Fact]
    public void Put_SameSequenceAgain_CountsOnce()
    {
        var (states, owner) = (new KnownStates(1 << 20), new KnownStates.Owner());
        Put(states, owner, 1, 300);
        var bytes = states.Bytes;
        Put(states, owner, 1, 300);

        Assert.Equal(bytes, states.Bytes);
    }

    [Fact]
    public void Take_StateInUse_IsNobodyElsesAndNotLetGo()
    {
        var (states, owner, other) = (new KnownStates(8 * 1024), new KnownStates.Owner(), new KnownStates.Owner());
        Put(states, owner, 1, 2000);
        var taken = states.Take(owner, 1)!;
        for (var i = 2; i < 20; i++)
        {
            Put(states, i % 2 == 0 ? other : owner, i, 2000);
        }

        Assert.Null(states.Take(owner, 1));
        Assert.All(taken.Bytes.ToArray(), b => Assert.Equal(1, b));
    }

    [Fact]
    public void Put_StateThatWouldTakeMuchOfTheBound_IsNotKept()
    {
        var (states, owner) = (new KnownStates(8 * 1024), new KnownStates.Owner());
        Put(states, owner, 1, 2049);

        Assert.Equal(0, states.Bytes);
        Assert.Null(states.Take(owner, 1));
    }

    [Fact]
    public void Drop_Session_LeavesOthers()
    {
        var (states, owner, other) = (new KnownStates(1 << 20), new KnownStates.Owner(), new KnownStates.Owner());
        Put(states, owner, 1, 300);
        Put(states, other, 1, 300);
        states.Drop(owner);

        Assert.Null(states.Take(owner, 1));
        Assert.NotNull(states.Take(other, 1));
    }

    [Fact]
    public void Find_KnownState_IsAFullCopyOfItsOwnAndStaysKnown()
    {
        var (states, owner) = (new KnownStates(1 << 20), new KnownStates.Owner());
        byte[] state = [1, 2, 3];
        states.Put(owner, new KnownState(new ChainEnd(7, 4, 2, 10, 300, 300), SharedState.CopyOf(state)));
        states.Put(owner, new KnownState(new ChainEnd(8, 8, 0, 0, 300, 300), SharedState.CopyOf(state)));

        var found = states.Find(owner, 7)!.Value;

        Assert.Equal((7, StateCodec.Plain, null, 4, 3), (found.Sequence, found.Codec, found.Base, found.Group, found.Size));
        Assert.Equal(state, found.Stored.ToArray());
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(state), found.Checksum);
        Assert.Null(states.Find(owner, 8)!.Value.Group);
        Assert.Null(states.Find(owner, 6));
        Assert.Equal([7, 8], states.SequencesOf(owner).Order());
        Use(states, owner, 7);
        Assert.Equal(state, found.Stored.ToArray());
    }

    [Fact]
    public void Hold_KnownState_IsSharedAndStaysKnownAsTheOneUsedLast()
    {
        var (states, owner) = (new KnownStates(1 << 20), new KnownStates.Owner());
        Put(states, owner, 1, 9000);
        Put(states, owner, 2, 9000);

        var (one, again) = (states.Hold(owner, 1)!, states.Hold(owner, 1));
        Put(states, owner, 3, 9000);

        Assert.Same(one, again);
        Assert.Null(states.Hold(owner, 2));
        Assert.Null(states.Hold(new KnownStates.Owner(), 1));
        Assert.Same(one, states.Take(owner, 1)!.State);
    }

    [Fact]
    public void Hold_StateThatIsLetGoOf_IsNotUsedAgainBeforeTheHolderIsDone()
    {
        var (states, owner, other) = (new KnownStates(8 * 1024), new KnownStates.Owner(), new KnownStates.Owner());
        Put(states, owner, 1, 2000);
        var held = states.Hold(owner, 1)!;
        states.Drop(owner);
        for (var i = 2; i < 20; i++)
        {
            Put(states, other, i, 2000);
        }

        Assert.All(held.Memory.ToArray(), b => Assert.Equal(1, b));
        Assert.True(held.TryHold());
        held.LetGo();
        held.LetGo();
        Assert.False(held.TryHold());
    }

    private static void Put(KnownStates states, KnownStates.Owner owner, long sequence, int length)
    {
        var state = new byte[length];
        Array.Fill(state, (byte)sequence);
        states.Put(owner, new KnownState(new ChainEnd(sequence, sequence, 0, 0, length, length), SharedState.CopyOf(state)));
    }

    private static void PutSpare(KnownStates states, KnownStates.Owner owner, long sequence, int length) =>
        states.PutSpare(owner, new KnownState(new ChainEnd(sequence, sequence, 0, 0, length, length), SharedState.CopyOf(new byte[length])));

    private static void Use(KnownStates states, KnownStates.Owner owner, long sequence) =>
        states.Put(owner, states.Take(owner, sequence)!);
}
