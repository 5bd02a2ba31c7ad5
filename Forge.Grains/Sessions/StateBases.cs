using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Deltas;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

/// <summary>
/// Makes states whole that were sent as differences from those of checkpoints, and differences of states for callers that have another one.
/// The base is what this silo still holds of the session, or is read: whichever it was, the SHA-256 of the whole tells whether it was the
/// right one.
/// </summary>
internal sealed class StateBases(LiveSession session, KnownStates.Owner held)
{
    /// <summary>The SHA-256 of a state, in bytes.</summary>
    private const int ChecksumBytes = 32;

    /// <summary>The whole state, held by the caller.</summary>
    /// <param name="difference">How it differs from its base.</param>
    /// <param name="between">The bytes between those that the two have in common.</param>
    /// <exception cref="InvalidRequestException">A number is negative, the SHA-256 is none, or latest or current is named as the base.</exception>
    /// <exception cref="BaseUnknownException">The base is not there, can't be read, or is shorter than what is said of it.</exception>
    public async ValueTask<SharedState> ToWholeAsync(StateDifference difference, ReadOnlyMemory<byte> between)
    {
        Check(difference);

        // Until the create itself is admitted, with its state whole. What is said of the base may be anything as yet.
        var common = Math.Min((long)difference.Front + difference.End, session.Services.Limits.StateBytes);
        using var admission = session.Services.Budget.Enter(session.Load, 1, between.Length + common);
        await session.ForgetDestroyedAsync(CancellationToken.None);
        if (TakeHeld(difference.Base) is { } known)
        {
            try
            {
                return Join(known.Bytes, known.State.Hash, difference, between.Span);
            }
            finally
            {
                session.Services.KnownStates.Put(held, known);
            }
        }

        return Join((await ReadAsync(difference.Base)).Span, null, difference, between.Span);
    }

    /// <summary>
    /// Hashes a state that came whole from the same process, in memory that is held as it is: if it differs little from the one used last,
    /// from where it does.
    /// </summary>
    public void Hash(ReadOnlyMemory<byte> state)
    {
        if (state.Length < StateHash.LeastSize || SharedState.WholeOf(state) is not { Hash: null } shared
            || session.Services.KnownStates.TakeNewest(held) is not { } known)
        {
            return;
        }

        try
        {
            var ends = SharedEnds.Of(known.Bytes, state.Span);
            if (ends.SpareHalfOf(state.Length))
            {
                shared.Hash = StateHash.Of(state.Span, ends, known.State.Hash);
            }
        }
        finally
        {
            session.Services.KnownStates.Put(held, known);
        }
    }

    /// <summary>Checks how the base of a difference is named: so that sender and receiver mean the same one, whatever happens meanwhile.</summary>
    /// <exception cref="InvalidRequestException">It is named as the latest, the current or no checkpoint.</exception>
    public static void RequireNamed(string field, CheckpointReference from)
    {
        if (from.IsLatest || from.IsCurrent || from.IsNone)
        {
            throw new InvalidRequestException(field, "must be named by its id or sequence");
        }
    }

    /// <summary>
    /// A checkpoint for a caller that has the state of another one: with how its state differs from that, if it spares half of it and the
    /// other can be used; else as it is.
    /// </summary>
    /// <param name="whole">The checkpoint with its state whole.</param>
    /// <param name="have">What the caller has, by id or sequence; null for nothing.</param>
    /// <param name="cancellationToken">Cancels the read of what it has.</param>
    public async ValueTask<Checkpoint> ToDifferenceAsync(Checkpoint whole, CheckpointReference? have, CancellationToken cancellationToken)
    {
        if (have is not { } from || await EndsAsync(whole, from, cancellationToken) is not { } ends || !ends.SpareHalfOf(whole.State.Length))
        {
            return whole;
        }

        return whole with
        {
            State = whole.State[ends.Prefix..^ends.Suffix],
            Difference = new StateDifference
            {
                Base = from,
                Front = ends.Prefix,
                End = ends.Suffix,
                Checksum = Convert.FromHexString(whole.Summary.Checksum),
            },
        };
    }

    private static void Check(StateDifference difference)
    {
        if (difference is null)
        {
            throw new InvalidRequestException("difference", "must be given");
        }

        RequireNamed("difference.base", difference.Base);
        RequireLength("difference.front", difference.Front);
        RequireLength("difference.end", difference.End);
        if (difference.Checksum.Length != ChecksumBytes)
        {
            throw new InvalidRequestException("difference.sha256", $"must be {ChecksumBytes} bytes long");
        }

        static void RequireLength(string field, int length)
        {
            if (length < 0)
            {
                throw new InvalidRequestException(field, "must not be negative");
            }
        }
    }

    private SharedState Join(ReadOnlySpan<byte> basis, StateHash? hash, StateDifference difference, ReadOnlySpan<byte> between)
    {
        // Added up, they may be more than an int holds.
        if (difference.Front > basis.Length - (long)difference.End)
        {
            throw new BaseUnknownException(
                session.Address, difference.Base, $"has a state of {basis.Length} bytes, fewer than {difference.Front} and {difference.End}");
        }

        var whole = SharedState.Join(basis[..difference.Front], between, basis[^difference.End..]);
        whole.Hash = StateHash.Of(whole.GetSpan(), new SharedEnds(difference.Front, difference.End), hash);
        return whole;
    }

    /// <summary>What the states have in common; null if the one that the caller has is not there, or can't be read.</summary>
    private async ValueTask<SharedEnds?> EndsAsync(Checkpoint whole, CheckpointReference have, CancellationToken cancellationToken)
    {
        if (have.Id == whole.Summary.Id || have.Sequence == whole.Summary.Sequence)
        {
            return new SharedEnds(whole.State.Length, 0);
        }

        if (TakeHeld(have) is { } known)
        {
            var ends = SharedEnds.Of(known.Bytes, whole.State.Span);
            session.Services.KnownStates.Put(held, known);
            return ends;
        }

        try
        {
            return await FindAsync(have, cancellationToken) is var (_, state) ? SharedEnds.Of(state.Span, whole.State.Span) : null;
        }
        catch (Exception exception) when (exception is StateCorruptedException or KeyMissingException or ForgeException { IsTransient: true })
        {
            // What was asked for is at hand.
            return null;
        }
    }

    /// <summary>Takes the state of a checkpoint out of what is held, to be put back; null if it is not held.</summary>
    private KnownState? TakeHeld(CheckpointReference checkpoint) =>
        session.Engine.FindInTail(checkpoint) is { } row ? session.Services.KnownStates.Take(held, row.Sequence) : null;

    /// <summary>The state of a base that is not held, which is held from now on: the next one is likely to differ from it too.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CheckpointReference checkpoint)
    {
        var destroyed = held.DestroyedKeys;
        try
        {
            if (await FindAsync(checkpoint, CancellationToken.None) is not var (read, state))
            {
                throw new BaseUnknownException(session.Address, checkpoint, "is not there");
            }

            if (state.Length >= StateEncoder.LeastSize && held.DestroyedKeys == destroyed && session.Services.KnownStates.MayKeep(state.Length))
            {
                session.Services.KnownStates.Put(held, new KnownState(ChainEnd.Of(read.State), SharedState.CopyOf(state.Span)));
            }

            return state;
        }
        catch (StateCorruptedException exception)
        {
            throw new BaseUnknownException(session.Address, checkpoint, "is damaged", exception);
        }
        catch (KeyMissingException exception)
        {
            throw new BaseUnknownException(session.Address, checkpoint, "is encrypted by a key that is not to be had", exception);
        }
    }

    /// <summary>A checkpoint as it was read, and its state; null if it is not there.</summary>
    /// <exception cref="StateCorruptedException">It is damaged.</exception>
    private async ValueTask<(CheckpointRead Read, ReadOnlyMemory<byte> State)?> FindAsync(
        CheckpointReference checkpoint, CancellationToken cancellationToken) =>
        await session.ReadAsync(checkpoint, CheckpointParts.State, cancellationToken) is { } read
            ? (read, (await CheckpointReader.ToCheckpointAsync(session.Address, read)).State)
            : null;
}
