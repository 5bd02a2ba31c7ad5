namespace Forge.Benchmarks.Stress;

/// <summary>The lock in memory.</summary>
internal sealed class LockedStress(string name) : StressSide(name)
{
    private LockedSession _session = new();

    protected override void Begin(int round) => _session = new LockedSession();

    protected override Task<Guid> CreateAsync(string message, StressState state) => Task.FromResult(_session.Create(message, state));

    protected override Task<int> ListAsync() => Task.FromResult(_session.List().Count);

    protected override Task<StressState?> GetAsync(Guid id) => Task.FromResult(_session.Get<StressState>(id));

    protected override Task<bool> DeleteAsync(Guid id) => Task.FromResult(_session.Delete(id));

    protected override Task<int> CountAsync() => Task.FromResult(_session.Count);
}
