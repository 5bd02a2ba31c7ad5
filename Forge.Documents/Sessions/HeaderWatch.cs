using System.Buffers;

namespace Forge.Documents.Sessions;

/// <summary>Reads what a session's document says of itself in its first line, as its pieces, cut anywhere, go by.</summary>
internal sealed class HeaderWatch
{
    private readonly ArrayBufferWriter<byte> _line = new();
    private bool _hasEnded;

    /// <summary>What the document lacks; known once its first line is through.</summary>
    public LeftOut LeftOut { get; private set; } = LeftOut.Nothing;

    /// <summary>Looks at the next piece.</summary>
    public void Pass(ReadOnlySpan<byte> piece)
    {
        if (_hasEnded)
        {
            return;
        }

        var end = piece.IndexOf((byte)'\n');
        _line.Write(end < 0 ? piece : piece[..end]);
        if (end >= 0)
        {
            _hasEnded = true;
            LeftOut = LeftOut.OfHeader(_line.WrittenMemory);
        }
    }
}
