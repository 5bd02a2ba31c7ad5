namespace Forge.Cli.Portability;

/// <summary>Counts what goes by in a document: its lines, and those that begin a session.</summary>
internal sealed class DocumentCounter
{
    private static readonly byte[] Header = "{\"forge\":\"session\""u8.ToArray();

    private readonly byte[] _start = new byte[Header.Length];
    private int _length;

    /// <summary>How many lines have ended.</summary>
    public long Lines { get; private set; }

    /// <summary>How many sessions have begun.</summary>
    public long Sessions { get; private set; }

    /// <summary>Takes the next bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var end = bytes.IndexOf((byte)'\n');
            var line = end < 0 ? bytes : bytes[..end];
            var taken = Math.Min(line.Length, _start.Length - _length);
            if (taken > 0)
            {
                line[..taken].CopyTo(_start.AsSpan(_length));
                _length += taken;
                if (_length == _start.Length && _start.AsSpan().SequenceEqual(Header))
                {
                    Sessions++;
                }
            }

            if (end < 0)
            {
                return;
            }

            Lines++;
            _length = 0;
            bytes = bytes[(end + 1)..];
        }
    }
}
