using Forge.Benchmarks.Silos;
using Forge.Benchmarks.Validation;
using Forge.Client;

namespace Forge.Benchmarks.Appending;

/// <summary>Forge itself: session handles of the client library.</summary>
internal sealed class ForgeAppend(string name, ForgeAccess access, Shape shape, StatePool states) : CallerSide(name, shape, states)
{
    private readonly SessionHandle[] _sessions =
        [.. Enumerable.Range(0, shape.Sessions).Select(i => access.Client.Session($"{name}-{i}"))];

    protected override Task AppendAsync(int session, string message, byte[] state) =>
        _sessions[session].CheckpointAsync(state, message);

    public override async Task ValidateAsync()
    {
        for (var i = 0; i < _sessions.Length; i++)
        {
            await SessionCheck.RunAsync(Name, _sessions[i], Acknowledged[i], States.Matches);
        }
    }
}
