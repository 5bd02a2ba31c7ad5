using Forge.Benchmarks.Appending;
using Forge.Checkpoints;
using Forge.Client;

namespace Forge.Benchmarks.Growth;

/// <summary>Fills sessions.</summary>
internal static class SessionSize
{
    private const int Batch = 1000;

    /// <summary>Brings a session to a number of checkpoints.</summary>
    public static async Task FillAsync(SessionHandle session, int count, StatePool states)
    {
        for (var i = 0; i < count; i += Batch)
        {
            await session.CheckpointBatchAsync([.. Enumerable.Range(i, Math.Min(Batch, count - i)).Select(step => new NewCheckpoint
            {
                Message = StatePool.Message(step),
                State = states.State(step),
            })]);
        }
    }
}
