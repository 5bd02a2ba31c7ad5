using System.Globalization;
using System.Net.Mime;
using Forge.Benchmarks.Runs;
using Forge.Client;

namespace Forge.Benchmarks.Transcripts;

/// <summary>Conversations in sessions of Forge.</summary>
internal static class ForgeTranscript
{
    private static readonly CheckpointOptions Json = new() { ContentType = MediaTypeNames.Application.Json };

    /// <summary>Saves each step when the one before was acknowledged, as an agent does.</summary>
    /// <param name="session">A session without checkpoints.</param>
    /// <param name="states">The states of the steps.</param>
    public static async Task WriteAsync(SessionHandle session, IEnumerable<byte[]> states)
    {
        var step = 0;
        foreach (var state in states)
        {
            await session.CheckpointAsync(state, string.Create(CultureInfo.InvariantCulture, $"step {step++}"), options: Json);
        }
    }

    /// <summary>Reads steps back, the last one among them, and compares them, byte for byte; counts them all.</summary>
    /// <param name="side">Whose steps they are.</param>
    /// <param name="session">Where they were saved.</param>
    /// <param name="transcript">What they were.</param>
    /// <param name="stride">Each so manieth step from the last one back is read: 1 for every step.</param>
    /// <exception cref="ValidationException">A step is missing or differs.</exception>
    public static async Task ExpectAsync(string side, SessionHandle session, Transcript transcript, int stride = 1)
    {
        for (var step = (transcript.Steps - 1) % stride; step < transcript.Steps; step += stride)
        {
            await ExpectStepAsync(side, session, transcript, step);
        }

        if (await session.InfoAsync() is not { } info || info.Count != transcript.Steps)
        {
            throw new ValidationException(side, $"session {session.Address} has not the {transcript.Steps} steps of '{transcript.Name}'");
        }
    }

    /// <summary>Reads one step back and compares it.</summary>
    /// <exception cref="ValidationException">It is missing or differs.</exception>
    public static async Task ExpectStepAsync(string side, SessionHandle session, Transcript transcript, int step)
    {
        var found = await session.GetAsync(step + 1)
            ?? throw new ValidationException(side, $"step {step} of '{transcript.Name}' is gone from {session.Address}");
        transcript.Expect(side, step, found.State.Span);
    }
}
