using Forge.Documents.Imports;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Documents.Tenants;

/// <summary>
/// Imports a document of many sessions, one after another as they arrive. A session that is refused is passed over; what
/// is wrong with the document itself, or with the service, ends the import.
/// </summary>
/// <param name="calls">Makes the calls of an import into one session.</param>
internal sealed class TenantImport(Func<SessionId, ISessionImport> calls)
{
    private readonly TenantImportReport _report = new();
    private SessionUpload? _open;
    private bool _begun;
    private bool _ended;
    private TenantRecord _seen = new() { Sessions = 0, Checkpoints = 0, Incomplete = 0 };

    /// <exception cref="ImportRejectedException">The document is none of many sessions; nothing was changed.</exception>
    public async Task<TenantImportResult> RunAsync(Stream document, CancellationToken cancellationToken)
    {
        var line = 0L;
        try
        {
            await foreach (var part in TenantDocumentReader.ReadAsync(document, cancellationToken))
            {
                line = part.Line;
                await TakeAsync(part, cancellationToken);
            }

            if (!_ended)
            {
                throw new ImportRejectedException(line, "the document ends here, before its end");
            }

            return _report.ToResult(null);
        }
        catch (ImportRejectedException exception) when (_begun)
        {
            await RefuseOpenAsync("the document is broken before the end of this session");
            return _report.ToResult(new DocumentProblem(exception.Line > 0 ? exception.Line : line, exception.Problem));
        }
        catch
        {
            await RefuseOpenAsync("the import broke off");
            throw;
        }
    }

    private Task TakeAsync(DocumentPart part, CancellationToken cancellationToken)
    {
        if (_ended)
        {
            throw new ImportRejectedException(part.Line, "comes after the end of the document");
        }

        if (part.IsRecord)
        {
            return TakeAsync(TenantDocument.Read(part.Line, part.Bytes), part, cancellationToken);
        }

        return _open is { } session
            ? session.AppendAsync(part.Bytes, cancellationToken)
            : throw new ImportRejectedException(
                part.Line, _begun ? "stands outside of a session" : "is not the beginning of an export of many sessions");
    }

    private async Task TakeAsync(TenantRecord record, DocumentPart part, CancellationToken cancellationToken)
    {
        switch (record.Forge)
        {
            case TenantDocument.Start when !_begun:
                _begun = record.Version is not null ? true : throw new ImportRejectedException(part.Line, "has no version");
                break;
            case not null when !_begun:
                throw new ImportRejectedException(
                    part.Line, "begins the export of one session, which is imported into that session alone");
            case TenantDocument.Session:
                await RefuseOpenAsync("it has no end");
                _open = new SessionUpload(record.Session, part.Line, calls, _report);
                await _open.AppendAsync(part.Bytes, cancellationToken);
                break;
            case TenantDocument.SessionEnd:
                await CloseAsync(record, part.Line, cancellationToken);
                break;
            case TenantDocument.End:
                RequireTotals(record, part.Line);
                _ended = true;
                break;
            default:
                throw new ImportRejectedException(part.Line, $"is a record '{record.Forge}' that is not known or has no place here");
        }
    }

    private async Task CloseAsync(TenantRecord end, long line, CancellationToken cancellationToken)
    {
        _seen = _seen with
        {
            Sessions = _seen.Sessions + 1,
            Checkpoints = _seen.Checkpoints + end.Checkpoints,
            Incomplete = _seen.Incomplete + (end.Problem is null ? 0 : 1),
        };
        var open = _open ?? (end.Problem is not null ? new SessionUpload(end.Session, line, calls, _report) : null)
            ?? throw new ImportRejectedException(line, "ends a session that has not begun");
        await open.CloseAsync(end, line, cancellationToken);
        _open = null;
    }

    private async Task RefuseOpenAsync(string problem)
    {
        if (_open is { } session)
        {
            _open = null;
            await session.RefuseAsync(problem);
        }
    }

    private void RequireTotals(TenantRecord end, long line)
    {
        if (_open is not null
            || (end.Sessions, end.Checkpoints, end.Incomplete) != (_seen.Sessions, _seen.Checkpoints, _seen.Incomplete))
        {
            throw new ImportRejectedException(
                line, $"counts {end.Sessions} sessions and {end.Checkpoints} checkpoints where {_seen.Sessions} and {_seen.Checkpoints} came");
        }
    }
}
