using System.Globalization;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Silos;
using Forge.Benchmarks.Transcripts;
using Forge.Client;

namespace Forge.Benchmarks.Peers;

/// <summary>
/// Callers that each save a conversation step by step, and begin anew in another session when it is over. A step's bytes are
/// made when it is saved, as those of the peers are.
/// </summary>
internal sealed class ForgeConversations(string name, ForgeAccess access, int callers, Transcript transcript) : Side(name)
{
    private readonly Caller[] _callers = [.. Enumerable.Range(0, callers).Select(_ => new Caller())];

    public override Task<double> RunAsync(TimeSpan duration) => Callers.RateAsync(callers, duration, async number =>
    {
        var caller = _callers[number];
        if (caller.Session is null || caller.Steps == transcript.Steps)
        {
            caller.Session = access.Client.Session(
                string.Create(CultureInfo.InvariantCulture, $"{Name}-{number}-{caller.Sessions++}"));
            caller.Steps = 0;
        }

        await caller.Session.CheckpointAsync(
            transcript.State(caller.Steps), string.Create(CultureInfo.InvariantCulture, $"step {caller.Steps}"));
        caller.Steps++;
        return 1;
    });

    public override async Task ValidateAsync()
    {
        foreach (var caller in _callers.Where(c => c.Session is not null))
        {
            for (var step = 0; step < caller.Steps; step++)
            {
                await ForgeTranscript.ExpectStepAsync(Name, caller.Session!, transcript, step);
            }
        }
    }

    private sealed class Caller
    {
        public SessionHandle? Session { get; set; }

        public int Sessions { get; set; }

        public int Steps { get; set; }
    }
}
