using System.Buffers;

namespace Forge.Documents.Sessions;

/// <summary>Where a document is written, and taken from in pieces of which each has an array of its own.</summary>
internal sealed class DocumentPieces
{
    private readonly ArrayBufferWriter<byte> _output = new(SessionDocument.PieceBytes);

    public IBufferWriter<byte> Output => _output;

    /// <summary>Takes the pieces that are full; to be read to its end.</summary>
    public IEnumerable<byte[]> TakeFull()
    {
        var taken = 0;
        for (; _output.WrittenCount - taken >= SessionDocument.PieceBytes; taken += SessionDocument.PieceBytes)
        {
            yield return _output.WrittenSpan.Slice(taken, SessionDocument.PieceBytes).ToArray();
        }

        if (taken > 0)
        {
            var rest = _output.WrittenSpan[taken..].ToArray();
            _output.ResetWrittenCount();
            _output.Write(rest);
        }
    }

    /// <summary>What is left, which is less than a full piece; null for nothing.</summary>
    public byte[]? TakeRest() => _output.WrittenCount > 0 ? _output.WrittenSpan.ToArray() : null;
}
