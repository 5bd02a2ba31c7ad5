using System.Buffers;
using Forge.Errors;

namespace Forge.Documents.Sessions;

/// <summary>
/// Reads a document of one session that arrives in pieces cut anywhere. No more than one line is in memory. One caller at a
/// time.
/// </summary>
/// <param name="limits">What bounds the reading.</param>
/// <param name="takeHeader">Looks at the header when it was read; what it finds bad is an error of the header's line.</param>
/// <param name="addEffect">Takes the effects, by their keys; null to pass them over.</param>
internal sealed class NdjsonDocument(
    DocumentLimits limits, Action<DocumentHeader>? takeHeader = null, Func<DocumentEffect, Task>? addEffect = null)
{
    private readonly SessionDocumentReader _reader = new(limits, takeHeader);
    private ArrayBufferWriter<byte> _line = new();

    /// <summary>What it says of its session; known before the first checkpoint is given.</summary>
    public DocumentHeader? Header => _reader.Header;

    /// <summary>How much is held of a line that has not ended, in bytes.</summary>
    public int LineBytes => _line.WrittenCount;

    /// <summary>Reads the next piece.</summary>
    /// <param name="piece">The bytes; not used after the returned task has completed.</param>
    /// <param name="add">Takes the checkpoints that it completes, by rising sequence.</param>
    /// <param name="addWrite">Takes the pending writes that it completes, each behind its checkpoint; null to pass them over.</param>
    /// <exception cref="ImportRejectedException">The document is broken.</exception>
    public async Task ReadAsync(
        ReadOnlyMemory<byte> piece, Func<DocumentCheckpoint, Task> add, Func<DocumentWrite, Task>? addWrite = null)
    {
        while (piece.Span.IndexOf((byte)'\n') is var end and >= 0)
        {
            Extend(piece[..end]);
            await ReadLineAsync(add, addWrite);
            piece = piece[(end + 1)..];
        }

        Extend(piece);
    }

    /// <summary>Says that the document ended.</summary>
    /// <exception cref="ImportRejectedException">It is broken, or shorter or longer than it says.</exception>
    public async Task EndAsync(Func<DocumentCheckpoint, Task> add, Func<DocumentWrite, Task>? addWrite = null)
    {
        if (_line.WrittenCount > 0)
        {
            await ReadLineAsync(add, addWrite);
        }

        _reader.End();
    }

    /// <summary>Looks at what the line that was read last says; what is wrong with it is an error of that line.</summary>
    /// <exception cref="ImportRejectedException">A value of it is bad.</exception>
    public T Checked<T>(Func<T> work) => _reader.Checked(work);

    /// <summary>The error of a line that is not what it should be: of the one that was read last.</summary>
    public ImportRejectedException Rejected(string problem, Exception? cause = null) => _reader.Rejected(problem, cause);

    private void Extend(ReadOnlyMemory<byte> part)
    {
        if (_line.WrittenCount + part.Length > limits.LineBytes)
        {
            throw new ImportRejectedException(_reader.Line + 1, $"it is longer than {limits.LineBytes} bytes");
        }

        _line.Write(part.Span);
    }

    private Task ReadLineAsync(Func<DocumentCheckpoint, Task> add, Func<DocumentWrite, Task>? addWrite)
    {
        var checkpoint = _reader.Read(_line.WrittenMemory);
        if (_line.Capacity > 2 * limits.UsualLineBytes)
        {
            _line = new ArrayBufferWriter<byte>();
        }
        else
        {
            _line.ResetWrittenCount();
        }

        return checkpoint is not null ? add(checkpoint)
            : _reader.Write is { } write && addWrite is not null ? addWrite(write)
            : _reader.Effect is { } effect && addEffect is not null ? addEffect(effect)
            : Task.CompletedTask;
    }
}
