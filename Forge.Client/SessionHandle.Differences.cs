using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Client.Retries;
using Forge.Errors;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    /// <summary>States below this are sent whole: a difference would spare less than its SHA-256 and the look for it cost.</summary>
    private const int LeastSentAsDifference = 4 * 1024;

    private readonly SentStates.Place _sent = new();

    /// <summary>
    /// How a checkpoint's state differs from the one that this handle saved last, with the checkpoint that goes with it; null if that is
    /// not known, or has less than half of the state in common.
    /// </summary>
    private (NewCheckpoint Between, StateDifference Difference)? DifferenceOf(NewCheckpoint checkpoint)
    {
        if (checkpoint.State.Length < LeastSentAsDifference || _sentStates?.Take(_sent) is not { } known)
        {
            return null;
        }

        var state = checkpoint.State;
        var ends = SharedEnds.Of(known.State.GetSpan(), state.Span);
        _sentStates.PutBack(_sent, known);
        if (ends.Prefix + ends.Suffix < state.Length / 2)
        {
            return null;
        }

        var difference = new StateDifference
        {
            Base = CheckpointReference.ById(known.Checkpoint),
            Front = ends.Prefix,
            End = ends.Suffix,
            Checksum = SHA256.HashData(state.Span),
        };
        return (checkpoint with { State = state[ends.Prefix..^ends.Suffix] }, difference);
    }

    /// <summary>Sends a create, as a difference if it is one and the server can use it.</summary>
    /// <param name="whole">The create with its state whole.</param>
    /// <param name="sent">The same as a difference; null if it is none.</param>
    /// <param name="isFirst">True for the first attempt.</param>
    /// <param name="isAwaited">False once the attempt was given up: then nothing more is sent, which could come behind what its caller does next.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    private async Task<CreateResult> SendAsync(
        NewCheckpoint whole,
        (NewCheckpoint Between, StateDifference Difference)? sent,
        bool isFirst,
        Func<bool> isAwaited,
        CancellationToken cancellationToken)
    {
        if (sent is var (between, difference))
        {
            try
            {
                return await Grain.CreateByDifferenceAsync(
                    between with { FirstAttempt = between.FirstAttempt && isFirst }, difference, cancellationToken);
            }
            catch (Exception exception)
                when (Failures.CauseOf(exception) is BaseUnknownException or StateMismatchException && isAwaited())
            {
                // It was not taken, and is sent whole instead: which of several reasons it was makes no difference.
                _sentStates?.Drop(_sent, difference.Base.Id);
            }
        }

        return await Grain.CreateAsync(whole with { FirstAttempt = whole.FirstAttempt && isFirst }, cancellationToken);
    }

    /// <summary>Keeps a state that was saved, to take the next difference from.</summary>
    /// <param name="result">What became of it.</param>
    /// <param name="saved">The state as it was saved.</param>
    /// <param name="copy">The copy that it stands in, which is no longer the caller's; null if it is none that may be held on to.</param>
    private void Keep(CreateResult result, ReadOnlyMemory<byte> saved, SharedState? copy)
    {
        if (_sentStates is { } states && result.Checkpoint is { } checkpoint
            && saved.Length >= LeastSentAsDifference && states.MayKeep(saved.Length))
        {
            states.Put(_sent, new SentState(checkpoint.Id, copy ?? SharedState.CopyOf(saved.Span)));
        }
        else
        {
            copy?.LetGo();
        }
    }
}
