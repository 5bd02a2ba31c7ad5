using Forge.Checkpoints;
using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Portability;

/// <summary>Where the branches of an imported document stand, gathered as its checkpoints go by.</summary>
internal sealed class ImportedBranches
{
    private readonly Dictionary<string, BranchLine> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<long, CheckpointPointer> _currents = [];
    private HashSet<long>? _wanted;

    /// <summary>Takes the next checkpoint.</summary>
    /// <param name="header">The document's header.</param>
    /// <param name="row">The checkpoint.</param>
    /// <param name="isNew">True if the session has not got it.</param>
    /// <exception cref="OverLimitException">There are more branches than any limit allows.</exception>
    public bool Meet(DocumentHeader header, StoredCheckpoint row, bool isNew)
    {
        var pointer = new CheckpointPointer(row.Sequence, row.Id);
        if ((_wanted ??= [.. header.Branches.Values, header.Current]).Contains(row.Sequence))
        {
            _currents[row.Sequence] = pointer;
        }

        if (!isNew)
        {
            return false;
        }

        var name = row.Branch ?? BranchNames.Main;
        if (!_lines.TryGetValue(name, out var line) && _lines.Count == LimitsOptions.Widest.Branches)
        {
            throw new OverLimitException("branch", LimitsOptions.Widest.Branches, _lines.Count + 1L, "branches");
        }

        _lines[name] = new BranchLine(pointer, pointer, line.Count + 1);
        return true;
    }

    /// <summary>Refuses a document that begins a session and lacks what its header names.</summary>
    /// <exception cref="ImportRejectedException">A current checkpoint, or all of a branch, is not in it.</exception>
    public void RequireWhole(DocumentHeader header)
    {
        foreach (var current in header.Branches.Values.Prepend(header.Current))
        {
            if (current != 0 && !_currents.ContainsKey(current))
            {
                throw new ImportRejectedException(1, $"its current checkpoint {current} is not in it");
            }
        }

        if (header.Branches.Keys.FirstOrDefault(branch => !_lines.ContainsKey(branch)) is { } empty)
        {
            throw new ImportRejectedException(1, $"it has no checkpoint of branch {empty}");
        }
    }

    /// <summary>Where they stand, each with what the header says is current on it. Main is always among them.</summary>
    public IReadOnlyDictionary<string, BranchLine> Lines(DocumentHeader header)
    {
        _lines.TryAdd(BranchNames.Main, default);
        return _lines.ToDictionary(
            line => line.Key,
            line => line.Key == BranchNames.Main ? line.Value with { Current = Of(header.Current) }
                : header.Branches.TryGetValue(line.Key, out var current) ? line.Value with { Current = Of(current) }
                : line.Value,
            StringComparer.Ordinal);

        CheckpointPointer Of(long sequence) => _currents.GetValueOrDefault(sequence);
    }
}
