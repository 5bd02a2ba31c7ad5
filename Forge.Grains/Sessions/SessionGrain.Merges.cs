using Forge.Errors;
using Forge.Grains.Portability;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

// What an import must hold to beside what is there.
internal sealed partial class SessionGrain
{
    /// <summary>
    /// A session that is new takes staged rows over by its head row alone; into one that exists they are moved, in one
    /// transaction that others wait for.
    /// </summary>
    private void RequireMergeable(StagedCheckpoints staged)
    {
        var limits = _services.Limits;
        if (_session.Engine.IsNew)
        {
            return;
        }

        var (records, bytes) = (
            staged.Count + staged.Writes.Count + (staged.Effects?.Count ?? 0), staged.Bytes + staged.Writes.Bytes);
        if (records > limits.MergeRecords)
        {
            throw new OverLimitException("import", limits.MergeRecords, records, "records");
        }

        if (bytes > limits.MergeBytes)
        {
            throw new OverLimitException("import", limits.MergeBytes, bytes, "bytes");
        }
    }

    /// <summary>
    /// What is required must come along, or be there already; and nothing that is there goes before this is decided, since others that
    /// remove wait meanwhile.
    /// </summary>
    private async ValueTask RequireMetAsync(ImportRun import, StagedCheckpoints staged)
    {
        if (!staged.Require)
        {
            return;
        }

        var known = _session.Engine.CommittedVersion;
        var (version, unmet) = await _services.Staging.FindUnmetAsync(import.Key, _address, CancellationToken.None);
        _session.RequireNotOvertaken(version, known);
        if (unmet is { } one)
        {
            throw new ImportRejectedException(
                0, $"checkpoint {one.Sequence} requires {one.Required}, which is neither in it nor in session {_address}");
        }
    }
}
