using Forge.Benchmarks.Runs;
using Forge.Checkpoints;
using Forge.Client;

namespace Forge.Benchmarks.Validation;

/// <summary>Looks at a Forge session after its rounds.</summary>
internal static class SessionCheck
{
    private const int SampledStates = 20;

    /// <summary>Says whether a checkpoint's bytes are the ones that its message stands for.</summary>
    public delegate bool StateMatch(string message, ReadOnlySpan<byte> state);

    /// <summary>Checks the count, that the sequences are dense, and the bytes of a sample over the whole session.</summary>
    /// <exception cref="ValidationException">The session is not what was acknowledged.</exception>
    public static async Task RunAsync(string side, SessionHandle session, long acknowledged, StateMatch match)
    {
        var expected = 0L;
        await foreach (var summary in session.ListAsync(new CheckpointQuery { Order = ListOrder.OldestFirst, Limit = 1000 }))
        {
            if (summary.Sequence != ++expected)
            {
                throw new ValidationException(side, $"session {session.Address} has sequence {summary.Sequence} in place {expected}");
            }
        }

        if (expected != acknowledged)
        {
            throw new ValidationException(side, $"session {session.Address} has {expected} checkpoints, and {acknowledged} were acknowledged");
        }

        for (var sequence = 1L; sequence <= expected; sequence += Math.Max(1, expected / SampledStates))
        {
            var checkpoint = await session.GetAsync(sequence)
                ?? throw new ValidationException(side, $"checkpoint {sequence} of {session.Address} is gone");
            if (!match(checkpoint.Summary.Message, checkpoint.State.Span))
            {
                throw new ValidationException(side, $"checkpoint {sequence} of {session.Address} has other bytes than were saved");
            }
        }
    }
}
