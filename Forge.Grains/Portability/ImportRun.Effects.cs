using Forge.Checkpoints;
using Forge.Documents.Sessions;
using Forge.Effects;
using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Portability;

internal sealed partial class ImportRun
{
    private const int EffectGroupRows = 500;

    private readonly EffectStaging _effectStaging = new(staging, address, effectLease);
    private readonly List<StoredEffect> _effectGroup = [];
    private readonly Dictionary<string, StoredEffect> _there = new(StringComparer.Ordinal);
    private string _thereUpTo = "";
    private bool _thereAll;
    private long _effectBytes;

    /// <summary>What the document brought, if that is effects alone; null for nothing, or if checkpoints came along.</summary>
    public StagedEffectsAlone? EffectsAlone => _last is null && _effectStaging.Staged is { } effects
        ? new StagedEffectsAlone(
            key,
            effects,
            Document.Header!.LastSequence,
            _settings,
            Document.Header.CreatedAt.ToMicroseconds(),
            DocumentRows.LinkOf(Document.Header))
        : null;

    /// <summary>How many effects it staged.</summary>
    public long Effects => _effectStaging.Staged?.Count ?? 0;

    private async Task AddEffectAsync(DocumentEffect effect)
    {
        var row = Document.Checked(() => DocumentRows.RowOf(effect));
        if (await FindThereAsync(row.Key) is { } there)
        {
            if (there.Class != row.Class || !there.Request.AsSpan().SequenceEqual(row.Request))
            {
                throw Document.Rejected(
                    $"has effect {row.Key}, which session {address} has with another {(there.Class != row.Class ? "class" : "request")}");
            }

            RequireNoNewer(there, row);
            return;
        }

        _effectGroup.Add(row);
        _effectBytes += row.Weight;
        if (_effectGroup.Count >= EffectGroupRows || _effectBytes >= batchBytes)
        {
            await FlushEffectsAsync();
        }
    }

    /// <summary>
    /// What is there stays as it is, for it may be running. So what a document knows of it must not be more: else it could be run again here
    /// although it is known to be done.
    /// </summary>
    private void RequireNoNewer(StoredEffect there, StoredEffect brought)
    {
        if (there.State == EffectStatus.Completed
            || (brought.State != EffectStatus.Completed && (brought.Epoch <= there.Epoch || brought.State == EffectStatus.Failed)))
        {
            return;
        }

        throw Document.Rejected(
            $"has effect {there.Key} as {brought.State.ToName()} in run {brought.Epoch}, of which session {address} knows no more than "
            + $"{there.StatusAt(time.GetUtcNow()).ToName()} in run {there.Epoch}; resolve it there first");
    }

    /// <summary>The effect that the session has under a key; the keys that are asked for rise.</summary>
    private async ValueTask<StoredEffect?> FindThereAsync(string key)
    {
        while (!_thereAll && string.CompareOrdinal(_thereUpTo, key) < 0)
        {
            var read = await effects.ListAsync(address, _thereUpTo, CompareRows, CancellationToken.None);
            _there.Clear();
            foreach (var row in read.Rows)
            {
                _there[row.Key] = row.ProblemIn(address) is { } problem ? throw new EffectDamagedException(address, row.Key, problem) : row;
            }

            _thereAll = read.Rows.Count < CompareRows;
            _thereUpTo = read.Rows.Count == 0 ? _thereUpTo : read.Rows[^1].Key;
        }

        return _there.GetValueOrDefault(key);
    }

    private async Task FlushEffectsAsync()
    {
        if (_effectGroup.Count == 0)
        {
            return;
        }

        try
        {
            await _effectStaging.StageAsync(key, _effectGroup, Document.Header!.LastSequence, time.GetUtcNow());
        }
        catch (BatchRejectedException exception)
        {
            throw new ImportRejectedException(0, "the database refused the line of an effect", exception);
        }

        _effectGroup.Clear();
        _effectBytes = 0;
    }
}
