using Forge.Errors;
using Forge.Portability;

namespace Forge.Documents.Tenants;

/// <summary>Counts what an import of many sessions does, and keeps the first entries.</summary>
internal sealed class TenantImportReport
{
    private readonly List<ImportedSession> _sessions = [];
    private readonly List<RefusedSession> _refusals = [];
    private TenantImportResult _counts = new();

    public void Add(string session, ImportResult result)
    {
        _counts = _counts with
        {
            Imported = _counts.Imported + (result.Imported > 0 || result.Skipped == 0 ? 1 : 0),
            Skipped = _counts.Skipped + (result.Imported == 0 && result.Skipped > 0 ? 1 : 0),
            ImportedCheckpoints = _counts.ImportedCheckpoints + result.Imported,
            SkippedCheckpoints = _counts.SkippedCheckpoints + result.Skipped,
        };
        if (_sessions.Count < TenantImportResult.MaxEntries)
        {
            _sessions.Add(new ImportedSession(session, result.Imported, result.Skipped));
        }
    }

    public void Refuse(string session, long headerLine, ForgeException cause)
    {
        // The session counts its own lines.
        var (line, problem) = cause is ImportRejectedException rejected
            ? (rejected.Line > 0 ? headerLine + rejected.Line - 1 : headerLine, rejected.Problem)
            : (headerLine, cause.Message);
        _counts = _counts with { Refused = _counts.Refused + 1 };
        if (_refusals.Count < TenantImportResult.MaxEntries)
        {
            _refusals.Add(new RefusedSession(session, cause.Code, line, problem));
        }
    }

    public TenantImportResult ToResult(DocumentProblem? problem) =>
        _counts with { Sessions = [.. _sessions], Refusals = [.. _refusals], Problem = problem };
}
