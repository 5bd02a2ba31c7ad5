using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Deltas;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

/// <summary>
/// Makes states whole that were sent as differences from those of checkpoints. The base is what this silo still holds of the session, or
/// is read: whichever it was, the SHA-256 of the whole tells whether it was the right one.
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
        if (session.Engine.FindInTail(difference.Base) is { } row
            && session.Services.KnownStates.Take(held, row.Sequence) is { } known)
        {
            try
            {
                return Join(known.Bytes, difference, between.Span);
            }
            finally
            {
                session.Services.KnownStates.Put(held, known);
            }
        }

        return Join((await ReadAsync(difference.Base)).Span, difference, between.Span);
    }

    private static void Check(StateDifference difference)
    {
        if (difference is null)
        {
            throw new InvalidRequestException("difference", "must be given");
        }

        var from = difference.Base;
        if (from.IsLatest || from.IsCurrent || from.IsNone)
        {
            throw new InvalidRequestException("difference.base", "must be named by its id or sequence");
        }

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

    private SharedState Join(ReadOnlySpan<byte> basis, StateDifference difference, ReadOnlySpan<byte> between)
    {
        // Added up, they may be more than an int holds.
        if (difference.Front > basis.Length - (long)difference.End)
        {
            throw new BaseUnknownException(
                session.Address, difference.Base, $"has a state of {basis.Length} bytes, fewer than {difference.Front} and {difference.End}");
        }

        return SharedState.Join(basis[..difference.Front], between, basis[^difference.End..]);
    }

    /// <summary>The state of a base that is not held, which is held from now on: the next one is likely to differ from it too.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CheckpointReference checkpoint)
    {
        CheckpointRead? read;
        ReadOnlyMemory<byte> state;
        try
        {
            read = await session.ReadAsync(checkpoint, CheckpointParts.State, CancellationToken.None);
            state = read is null ? default : (await CheckpointReader.ToCheckpointAsync(session.Address, read)).State;
        }
        catch (StateCorruptedException exception)
        {
            throw new BaseUnknownException(session.Address, checkpoint, "is damaged", exception);
        }

        if (read is null)
        {
            throw new BaseUnknownException(session.Address, checkpoint, "is not there");
        }

        if (state.Length >= StateEncoder.LeastSize && session.Services.KnownStates.MayKeep(state.Length))
        {
            session.Services.KnownStates.Put(held, new KnownState(ChainEnd.Of(read.State), SharedState.CopyOf(state.Span)));
        }

        return state;
    }
}
