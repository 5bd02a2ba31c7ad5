using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Client.Retries;
using Forge.Errors;
using Forge.Sessions;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    /// <summary>States below this are sent whole: a difference would spare less than its SHA-256 and the look for it cost.</summary>
    private const int LeastSentAsDifference = 4 * 1024;

    private readonly SentStates.Place _sent = new();

    /// <summary>
    /// How a checkpoint's state differs from the one that this handle has, with the checkpoint that goes with it; null if it has none, or
    /// one that has less than half of the state in common.
    /// </summary>
    private SentDifference? DifferenceOf(NewCheckpoint checkpoint)
    {
        if (checkpoint.State.Length < LeastSentAsDifference || _sentStates?.Take(_sent) is not { } known)
        {
            return null;
        }

        var state = checkpoint.State;
        var ends = SharedEnds.Of(known.State.GetSpan(), state.Span);
        var isDifference = ends.SpareHalfOf(state.Length);
        var hash = isDifference ? StateHash.Of(state.Span, ends, known.State.Hash) : null;
        _sentStates.PutBack(_sent, known);
        if (!isDifference)
        {
            return null;
        }

        var difference = new StateDifference
        {
            Base = CheckpointReference.ById(known.Checkpoint),
            Front = ends.Prefix,
            End = ends.Suffix,
            Checksum = hash?.Checksum ?? SHA256.HashData(state.Span),
        };
        return new SentDifference(checkpoint with { State = state[ends.Prefix..^ends.Suffix] }, difference, hash);
    }

    /// <summary>Sends a create, as a difference if it is one and the server can use it.</summary>
    /// <param name="whole">The create with its state whole.</param>
    /// <param name="sent">The same as a difference; null if it is none.</param>
    /// <param name="isFirst">True for the first attempt.</param>
    /// <param name="isAwaited">False once the attempt was given up: then nothing more is sent, which could come behind what its caller does next.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    private async Task<CreateResult> SendAsync(
        NewCheckpoint whole,
        SentDifference? sent,
        bool isFirst,
        Func<bool> isAwaited,
        CancellationToken cancellationToken)
    {
        if (sent is var (between, difference, _))
        {
            try
            {
                return await Grain.CreateByDifferenceAsync(
                    AsSent(between, isFirst), difference, cancellationToken);
            }
            catch (Exception exception)
                when (Failures.CauseOf(exception) is BaseUnknownException or StateMismatchException && isAwaited())
            {
                // It was not taken, and is sent whole instead: which of several reasons it was makes no difference.
                _sentStates?.Drop(_sent, difference.Base.Id);
            }
        }

        return await Grain.CreateAsync(AsSent(whole, isFirst), cancellationToken);
    }

    /// <summary>Keeps a state that was saved, to take the next difference from.</summary>
    /// <param name="result">What became of it.</param>
    /// <param name="saved">The state as it was saved.</param>
    /// <param name="copy">The copy that it stands in, which is no longer the caller's; null if it is none that may be held on to.</param>
    /// <param name="hash">What is known of its SHA-256, which is no longer the caller's; null for nothing.</param>
    private void Keep(CreateResult result, ReadOnlyMemory<byte> saved, SharedState? copy, StateHash? hash)
    {
        if (_sentStates is { } states && result.Checkpoint is { } checkpoint
            && saved.Length >= LeastSentAsDifference && states.MayKeep(saved.Length))
        {
            if (copy is not null && hash is not null && checkpoint.Checksum == Convert.ToHexStringLower(hash.Checksum))
            {
                copy.Hash = hash;
            }
            else
            {
                // The silo did not confirm it, or the bytes are the caller's until here and may be others than those that it is of.
                hash?.Dispose();
            }

            copy ??= SharedState.CopyOf(saved.Span);
            states.Put(_sent, new SentState(checkpoint.Id, copy, IsSaved: true));
        }
        else
        {
            copy?.LetGo();
            hash?.Dispose();
        }
    }

    /// <summary>Reads a checkpoint, whose state comes as the difference from the one that this handle saved last if that spares half of it.</summary>
    private async Task<Checkpoint?> ReadAsync(CheckpointReference checkpoint, CancellationToken cancellationToken)
    {
        var have = Hold();
        try
        {
            var read = await RunAsync(new GetCheckpoint(checkpoint) { Have = NameOf(have) }, cancellationToken);
            if (read is not null)
            {
                read = ToWhole(read, have) ?? await RunAsync(new GetCheckpoint(checkpoint), cancellationToken);
            }

            if (have is null && CopyOf(read) is { } kept)
            {
                _sentStates!.PutRead(_sent, kept);
            }

            return read;
        }
        finally
        {
            have?.State.LetGo();
        }
    }

    /// <summary>Restores a checkpoint, whose state comes as <see cref="ReadAsync"/> has it.</summary>
    private async Task<RestoreResult> RestoreAsync(RestoreCheckpoint restore, ChangeOptions? options, CancellationToken cancellationToken)
    {
        var (id, isMade) = RequestIdOf(options);
        var have = Hold();
        try
        {
            var result = await RunAsync(restore with { Have = NameOf(have) }, id, isMade, cancellationToken);
            if (result.Checkpoint is { } read)
            {
                // It was made, and a repeat of it has the state whole.
                result = ToWhole(read, have) is { } whole
                    ? result with { Checkpoint = whole }
                    : await RunAsync(restore, id, isMade: false, cancellationToken);
            }

            // What is saved next follows this one, whatever was saved before.
            if (result.Checkpoint?.Summary.Id != have?.Checkpoint && CopyOf(result.Checkpoint) is { } kept)
            {
                _sentStates!.Put(_sent, kept);
            }

            return result;
        }
        finally
        {
            have?.State.LetGo();
        }
    }

    /// <summary>
    /// The state that this handle saved last, held by the caller too; null for none. One that was read is none to go by: its silo would have
    /// to read it once more, which may cost more than it spares.
    /// </summary>
    private SentState? Hold()
    {
        if (_sentStates?.Take(_sent) is not { } known)
        {
            return null;
        }

        var state = known.IsSaved ? SharedState.HoldOrCopy(known.State.Memory) : null;
        _sentStates.PutBack(_sent, known);
        return state is null ? null : known with { State = state };
    }

    private static CheckpointReference? NameOf(SentState? have) => have is null ? null : CheckpointReference.ById(have.Checkpoint);

    /// <summary>
    /// A checkpoint with its state whole; null if what came does not make the state that its SHA-256 is of, and what this handle has is none
    /// to go by.
    /// </summary>
    private Checkpoint? ToWhole(Checkpoint read, SentState? have)
    {
        if (read.Difference is not { } difference)
        {
            return read;
        }

        if (have is not null && difference.Base.Id == have.Checkpoint
            && Join(have.State.GetSpan(), difference, read.State.Span) is { } state
            && difference.Checksum.Span.SequenceEqual(SHA256.HashData(state)))
        {
            return read with { State = state, Difference = null };
        }

        if (have is not null)
        {
            _sentStates?.Drop(_sent, have.Checkpoint);
        }

        return null;
    }

    /// <summary>The parts one behind another, in memory that the caller of this library may keep; null if the base has not so many bytes.</summary>
    private static byte[]? Join(ReadOnlySpan<byte> basis, StateDifference difference, ReadOnlySpan<byte> between)
    {
        var (front, end) = (difference.Front, difference.End);
        if (front < 0 || end < 0 || front > basis.Length - (long)end)
        {
            return null;
        }

        var state = GC.AllocateUninitializedArray<byte>(checked(front + between.Length + end));
        basis[..front].CopyTo(state);
        between.CopyTo(state.AsSpan(front));
        basis[^end..].CopyTo(state.AsSpan(front + between.Length));
        return state;
    }

    /// <summary>A copy of a state that was read, to send the next one as the difference from; null if it is none to keep.</summary>
    private SentState? CopyOf(Checkpoint? read) =>
        read is not null && read.State.Length >= LeastSentAsDifference && _sentStates?.MayKeep(read.State.Length) == true
            ? new SentState(read.Summary.Id, SharedState.CopyOf(read.State.Span), IsSaved: false)
            : null;

    /// <summary>A create as it is sent by difference.</summary>
    /// <param name="Between">The create with the bytes between as its state.</param>
    /// <param name="Difference">How its state differs.</param>
    /// <param name="Hash">What is known of the SHA-256 of the whole; null for nothing.</param>
    private sealed record SentDifference(NewCheckpoint Between, StateDifference Difference, StateHash? Hash);
}
