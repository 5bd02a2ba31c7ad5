using Forge.Benchmarks.Silos;
using Forge.Checkpoints;
using Forge.Client;
using Forge.Identity;

namespace Forge.Benchmarks.Stress;

/// <summary>Forge, with every change durable.</summary>
internal sealed class ForgeStress(string name, ForgeAccess access) : StressSide(name)
{
    private SessionHandle? _session;

    private SessionHandle Session => _session ?? throw new InvalidOperationException("No round has begun.");

    protected override void Begin(int round) => _session = access.Client.Session($"stress-{round}");

    protected override async Task<Guid> CreateAsync(string message, StressState state) =>
        (await Session.CheckpointAsync(state, message)).Checkpoint!.Id.Value;

    protected override async Task<int> ListAsync() =>
        (await Session.ListPageAsync(new CheckpointQuery { Limit = 1000 })).Items.Count;

    protected override async Task<StressState?> GetAsync(Guid id) =>
        (await Session.GetAsync<StressState>(new CheckpointId(id)))?.State;

    protected override Task<bool> DeleteAsync(Guid id) => Session.DeleteAsync(new CheckpointId(id));

    protected override async Task<int> CountAsync() => (int)(await Session.InfoAsync())!.Count;
}
