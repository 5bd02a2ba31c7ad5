using System.Buffers;
using Forge.Errors;
using Forge.History.Rows;
using Forge.Portability;

namespace Forge.Grains.Portability;

/// <summary>A document of Forge's own: cuts the pieces into lines. No more than one line is in memory.</summary>
internal sealed class NdjsonDocument(ImportRules rules) : IImportDocument
{
    private readonly SessionDocumentReader _reader = new(rules);
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly long _limit = rules.Rules.LongestLine;

    public DocumentHeader? Header => _reader.Header;

    public EarlierImportReport? Report => null;

    public async Task ReadAsync(
        ReadOnlyMemory<byte> piece, Func<StoredCheckpoint, Task> add, CancellationToken cancellationToken)
    {
        while (piece.Span.IndexOf((byte)'\n') is var end and >= 0)
        {
            Extend(piece[..end]);
            await ReadLineAsync(add);
            piece = piece[(end + 1)..];
        }

        Extend(piece);
    }

    public async Task EndAsync(Func<StoredCheckpoint, Task> add, CancellationToken cancellationToken)
    {
        if (_line.WrittenCount > 0)
        {
            await ReadLineAsync(add);
        }

        _reader.End();
    }

    public void Dispose()
    {
    }

    private void Extend(ReadOnlyMemory<byte> part)
    {
        if (_line.WrittenCount + part.Length > _limit)
        {
            throw new ImportRejectedException(_reader.Line + 1, $"it is longer than {_limit} bytes");
        }

        _line.Write(part.Span);
    }

    private Task ReadLineAsync(Func<StoredCheckpoint, Task> add)
    {
        var row = _reader.Read(_line.WrittenMemory);
        _line.ResetWrittenCount();
        return row is null ? Task.CompletedTask : add(row);
    }
}
