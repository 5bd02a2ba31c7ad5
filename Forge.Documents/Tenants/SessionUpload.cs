using Forge.Documents.Imports;
using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Documents.Tenants;

/// <summary>One session of a document of many, on its way into the session; passed over once it is refused.</summary>
internal sealed class SessionUpload(
    string? name, long headerLine, Func<SessionId, ISessionImport> open, TenantImportReport report)
{
    private const int NameCharacters = 200;

    private readonly string _name = name is null ? "" : name[..Math.Min(name.Length, NameCharacters)];
    private ISessionImport? _calls;
    private byte[] _piece = [];
    private int _length;
    private bool _refused;

    /// <summary>Sends lines or parts of them.</summary>
    public Task AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        UnlessRefusedAsync(async () =>
        {
            if (_calls is null)
            {
                var calls = open(SessionId.Parse(name!));
                await calls.BeginAsync(cancellationToken);
                _calls = calls;
            }

            while (!bytes.IsEmpty)
            {
                if (_piece.Length == 0)
                {
                    _piece = new byte[SessionDocument.PieceBytes];
                }

                var taken = Math.Min(bytes.Length, _piece.Length - _length);
                bytes.Span[..taken].CopyTo(_piece.AsSpan(_length));
                (bytes, _length) = (bytes[taken..], _length + taken);
                if (_length == _piece.Length)
                {
                    await SendAsync(cancellationToken);
                }
            }
        });

    /// <summary>Ends the session as its end says: makes it visible, or refuses it.</summary>
    public async Task CloseAsync(TenantRecord end, long line, CancellationToken cancellationToken)
    {
        if (end.Problem is { } problem)
        {
            await RefuseAsync($"it was not exported whole: {problem}");
        }
        else if (end.Session != name || end.Checkpoints != line - headerLine - 1)
        {
            await RefuseAsync(
                $"its end says {end.Checkpoints} checkpoints of session '{end.Session}' where {line - headerLine - 1} lines came");
        }
        else
        {
            await UnlessRefusedAsync(async () =>
            {
                await SendAsync(cancellationToken);
                report.Add(_name, await _calls!.CompleteAsync(cancellationToken));
            });
        }
    }

    /// <summary>Refuses what is not refused already.</summary>
    public async Task RefuseAsync(string problem)
    {
        if (!_refused)
        {
            await RefuseAsync(new ImportRejectedException(0, problem));
        }
    }

    private async Task UnlessRefusedAsync(Func<Task> work)
    {
        if (_refused)
        {
            return;
        }

        try
        {
            await work();
        }
        catch (ForgeException exception) when (!exception.IsTransient && exception is not OutcomeUnknownException)
        {
            await RefuseAsync(exception);
        }
    }

    private async Task RefuseAsync(ForgeException cause)
    {
        _refused = true;
        _piece = [];
        report.Refuse(_name, headerLine, cause);
        if (_calls is not null)
        {
            await _calls.AbandonAsync();
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        if (_length > 0)
        {
            var piece = _piece.AsMemory(0, _length);

            // A new one each time: a call that was given up may still read the one before.
            (_piece, _length) = ([], 0);
            await _calls!.AppendAsync(piece, cancellationToken);
        }
    }
}
