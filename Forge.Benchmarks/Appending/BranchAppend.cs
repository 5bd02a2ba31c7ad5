using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using Forge.Benchmarks.Validation;
using Forge.Client;

namespace Forge.Benchmarks.Appending;

/// <summary>Forge, with as many callers as branches, each of which writes one of its own in the same session.</summary>
internal sealed class BranchAppend(string name, ForgeAccess access, int branches, StatePool states)
    : CallerSide(name, new Shape(branches, branches), states)
{
    private readonly SessionHandle _session = access.Client.Session(name);

    private readonly SessionHandle[] _branches =
        [.. Enumerable.Range(0, branches).Select(i => access.Client.Session(name).OnBranch($"branch-{i}"))];

    protected override Task AppendAsync(int session, string message, byte[] state) =>
        _branches[session].CheckpointAsync(state, message);

    public override async Task ValidateAsync()
    {
        var found = (await _session.BranchesAsync()).ToDictionary(branch => branch.Branch, branch => branch.Count);
        for (var i = 0; i < _branches.Length; i++)
        {
            if (found.GetValueOrDefault(_branches[i].Branch) is var count && count != Acknowledged[i])
            {
                throw new ValidationException(Name, $"branch {i} has {count} checkpoints, and {Acknowledged[i]} were acknowledged");
            }
        }
    }
}
