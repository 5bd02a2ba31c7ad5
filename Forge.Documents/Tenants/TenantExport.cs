using System.Runtime.CompilerServices;
using System.Text.Json;
using Forge.Catalog;
using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Documents.Tenants;

/// <summary>
/// Writes the document of a tenant: session after session by name, each as it was at one instant, and not all at the same.
/// Holds one page of the catalog and the pieces of one session.
/// </summary>
/// <param name="tenant">The tenant.</param>
/// <param name="list">Gives a page of its sessions.</param>
/// <param name="export">Gives the document of one session in pieces.</param>
/// <param name="time">The clock.</param>
internal sealed class TenantExport(
    TenantId tenant,
    Func<SessionQuery, CancellationToken, Task<SessionPage>> list,
    Func<SessionId, CancellationToken, IAsyncEnumerable<byte[]>> export,
    TimeProvider time)
{
    private const int PageSessions = 100;

    private readonly List<PartialSession> _partial = [];

    /// <summary>What was written; told once all pieces were taken.</summary>
    public TenantExportResult Result { get; private set; } = new();

    /// <summary>The document in pieces of at most 256 KiB, cut anywhere.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = new TenantRecord { Forge = TenantDocument.End, Sessions = 0, Checkpoints = 0, Incomplete = 0 };
        var query = new SessionQuery { Prefix = prefix, Limit = PageSessions };

        // Before the first piece, so that a bad prefix or a database that is down is an error and not a document.
        var page = await list(query, cancellationToken);
        yield return TenantDocument.Write(new TenantRecord
        {
            Forge = TenantDocument.Start,
            Version = TenantDocument.Version,
            Tenant = tenant.Value,
            ExportedAt = time.GetUtcNow(),
        });
        while (true)
        {
            foreach (var info in page.Items)
            {
                var one = new SessionPieces(info.Session);
                await foreach (var piece in one.ReadAsync(export(info.Session, cancellationToken), cancellationToken))
                {
                    yield return piece;
                }

                if (one.End is { } closing)
                {
                    end = end with
                    {
                        Sessions = end.Sessions + 1,
                        Checkpoints = end.Checkpoints + closing.Checkpoints,
                        Incomplete = end.Incomplete + (closing.Problem is null ? 0 : 1),
                    };
                    NotePartial(info.Session, closing, one.LeftOut);
                    yield return TenantDocument.Write(closing);
                }
            }

            if (page.Next is null)
            {
                break;
            }

            page = await list(query with { Cursor = page.Next }, cancellationToken);
        }

        Result = Result with
        {
            Sessions = end.Sessions ?? 0,
            Checkpoints = end.Checkpoints ?? 0,
            Incomplete = end.Incomplete ?? 0,
            Partial = _partial,
        };
        yield return TenantDocument.Write(end);
    }

    private void NotePartial(SessionId session, TenantRecord closing, LeftOut leftOut)
    {
        Result = Result with { LeftOut = Result.LeftOut + leftOut.All };
        if ((closing.Problem is not null || leftOut.All > 0) && _partial.Count < TenantExportResult.MaxEntries)
        {
            _partial.Add(new PartialSession(session.Value, closing.Problem, leftOut));
        }
    }

    /// <summary>One session's pieces, and what its end says.</summary>
    private sealed class SessionPieces(SessionId session)
    {
        private readonly HeaderWatch _header = new();
        private long _lines;
        private byte _last = (byte)'\n';

        /// <summary>Known after the last piece; null if the session is not there any more.</summary>
        public TenantRecord? End { get; private set; }

        public LeftOut LeftOut => _header.LeftOut;

        public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
            IAsyncEnumerable<byte[]> export, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await using var pieces = export.GetAsyncEnumerator(cancellationToken);
            string? problem = null;
            while (true)
            {
                byte[] piece;
                try
                {
                    if (!await pieces.MoveNextAsync())
                    {
                        break;
                    }

                    piece = pieces.Current;
                }
                catch (ForgeException gone) when (_lines == 0 && gone is (SessionNotFoundException or SessionDeletedException))
                {
                    // Deleted since the catalog was read.
                    yield break;
                }
                catch (ForgeException exception) when (!exception.IsTransient)
                {
                    // One damaged session must not keep the others from being carried away. Its end says so.
                    problem = exception.Message;
                    break;
                }
                catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException or JsonException
                    && exception is not ObjectDisposedException)
                {
                    // Nor one whose rows hold what nobody foresaw.
                    problem = $"it cannot be written ({exception.GetType().Name})";
                    break;
                }

                _header.Pass(piece);
                _lines += piece.AsSpan().Count((byte)'\n');
                _last = piece[^1];
                yield return piece;
            }

            if (_last != '\n')
            {
                _lines++;
                yield return "\n"u8.ToArray();
            }

            End = new TenantRecord
            {
                Forge = TenantDocument.SessionEnd,
                Session = session.Value,
                Checkpoints = Math.Max(0, _lines - 1),
                Problem = problem,
            };
        }
    }
}
