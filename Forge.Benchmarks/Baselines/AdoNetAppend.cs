using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Runs;

namespace Forge.Benchmarks.Baselines;

/// <summary>A design on stock grain storage, whose sessions are grains in the silo of this process.</summary>
internal sealed class AdoNetAppend<TGrain>(string name, IGrainFactory grains, Shape shape, StatePool states) : CallerSide(name, shape, states)
    where TGrain : IAdoNetSession
{
    private readonly TGrain[] _sessions =
        [.. Enumerable.Range(0, shape.Sessions).Select(i => grains.GetGrain<TGrain>($"t/{name}-{i}"))];

    protected override Task AppendAsync(int session, string message, byte[] state) => _sessions[session].CreateAsync(message, state);

    public override async Task ValidateAsync()
    {
        for (var i = 0; i < _sessions.Length; i++)
        {
            var count = await _sessions[i].CountAsync();
            if (count != Acknowledged[i])
            {
                throw new ValidationException(Name, $"session {i} has {count} states, and {Acknowledged[i]} were acknowledged");
            }

            var saved = await _sessions[i].GetAsync(count);
            if (saved.Sequence != count || !States.Matches(saved.Message, saved.State))
            {
                throw new ValidationException(Name, $"the newest state of session {i} is not the one that was saved");
            }
        }
    }
}
