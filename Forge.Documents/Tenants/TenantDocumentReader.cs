using System.Runtime.CompilerServices;
using Forge.Documents.Compression;
using Forge.Errors;

namespace Forge.Documents.Tenants;

/// <summary>
/// Takes a document of many sessions apart into records and what stands between them. A record is in memory as a whole,
/// and of every other line no more than the buffer holds.
/// </summary>
internal static class TenantDocumentReader
{
    /// <summary>The longest record, in bytes; also the size of the buffer.</summary>
    public const int MaxRecord = 256 * 1024;

    /// <summary>How much of a line tells whether it is a record.</summary>
    private const int Lead = 64;

    /// <summary>The parts in their order. Their bytes are good until the next one is asked for.</summary>
    /// <exception cref="ImportRejectedException">A record is too long, or the document's compression is broken.</exception>
    public static async IAsyncEnumerable<DocumentPart> ReadAsync(
        Stream document, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var buffer = new byte[MaxRecord];
        var (start, end, line) = (0, 0, 0L);
        var (inLine, whole) = (false, false);
        while (true)
        {
            var rest = buffer.AsMemory(start, end - start);
            var feed = rest.Span.IndexOf((byte)'\n');
            var isRecord = !inLine && TenantDocument.IsRecord(rest.Span[..Math.Min(rest.Length, Lead)]);

            // A record is taken whole, and any other line once it is known to be no record.
            var enough = feed >= 0 || whole || (!isRecord && (inLine ? rest.Length > 0 : rest.Length >= Lead));
            if (!enough)
            {
                if (rest.Length == buffer.Length)
                {
                    throw new ImportRejectedException(line + 1, $"it is a record of more than {MaxRecord} bytes");
                }

                rest.CopyTo(buffer);
                (start, end) = (0, rest.Length);
                var read = await CompressedDocument.FillAsync(document, buffer.AsMemory(end), cancellationToken);
                whole = read < buffer.Length - end;
                end += read;
                continue;
            }

            if (rest.IsEmpty)
            {
                yield break;
            }

            line += inLine ? 0 : 1;
            var length = feed >= 0 ? feed + 1 : rest.Length;
            yield return new DocumentPart(line, isRecord, rest[..length]);
            inLine = feed < 0;
            start += length;
        }
    }
}

/// <summary>A part of a document.</summary>
/// <param name="Line">The line it is of, from 1.</param>
/// <param name="IsRecord">True if it is a record, whole; false for a line or a part of one.</param>
/// <param name="Bytes">The bytes, with the line feed if there is one.</param>
internal readonly record struct DocumentPart(long Line, bool IsRecord, ReadOnlyMemory<byte> Bytes);
