using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.Identity;
using Forge.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Forge.Benchmarks.Growth;

/// <summary>
/// The bytes that a silo holds in memory for one active session: its state as the grain storage loads it, after as many
/// more creates as its tail of the list has room for.
/// </summary>
internal static class HeldMemory
{
    private const int Copies = 200;

    public static async Task<double> MeasureAsync(IServiceProvider silo, SessionAddress address)
    {
        var storage = silo.GetRequiredKeyedService<IGrainStorage>(HistoryGrainStorage.Name);
        var grain = GrainId.Create("session", address.ToGrainKey());
        var held = new GrainState<SessionState>[Copies];
        await LoadAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Copies; i++)
        {
            held[i] = await LoadAsync();
        }

        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(held);
        return bytes / (double)Copies;

        async Task<GrainState<SessionState>> LoadAsync()
        {
            var state = new GrainState<SessionState>(new SessionState());
            await storage.ReadStateAsync("session", grain, state);
            Create(state.State!.Engine!);
            return state;
        }
    }

    /// <summary>Creates in memory alone: nobody writes what the engine has pending, and it is told that it was written.</summary>
    private static void Create(SessionEngine engine)
    {
        var now = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < SessionTail.Capacity; i++)
        {
            engine.Create([CommandOf(now)], [null], now, TimeSpan.Zero);
            var commit = engine.BeginCommit(int.MaxValue, long.MaxValue)!;
            engine.EndCommit(commit, new CommitOutcome(CommitStatus.Committed));
        }
    }

    private static CreateCommand CommandOf(DateTimeOffset now) => new(
        new() { Id = CheckpointId.Create(now), FirstAttempt = true, Message = "step", State = new byte[256], ContentType = "application/octet-stream" },
        new byte[32]);
}
