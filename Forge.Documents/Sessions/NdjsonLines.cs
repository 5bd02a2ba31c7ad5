using System.Buffers;
using System.Runtime.CompilerServices;

namespace Forge.Documents.Sessions;

/// <summary>Puts the lines of a document together again that was cut into pieces anywhere.</summary>
internal static class NdjsonLines
{
    /// <summary>
    /// The lines without their line feeds, one at a time. A last line that has no line feed is a line too; nothing after
    /// the last line feed is none.
    /// </summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> SplitAsync(
        IAsyncEnumerable<byte[]> pieces, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var begun = new ArrayBufferWriter<byte>();
        await foreach (var piece in pieces.WithCancellation(cancellationToken))
        {
            ReadOnlyMemory<byte> rest = piece;
            while (rest.Span.IndexOf((byte)'\n') is var end and >= 0)
            {
                var line = rest[..end];
                if (begun.WrittenCount > 0)
                {
                    begun.Write(line.Span);
                    line = begun.WrittenSpan.ToArray();
                    begun.ResetWrittenCount();
                }

                yield return line;
                rest = rest[(end + 1)..];
            }

            begun.Write(rest.Span);
        }

        if (begun.WrittenCount > 0)
        {
            yield return begun.WrittenSpan.ToArray();
        }
    }
}
