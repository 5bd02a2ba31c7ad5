using System.Security.Cryptography;
using Forge.History.Chain;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Integrity;

namespace Forge.History.Verification;

/// <summary>
/// Holds the pending writes of a session against their own checks, against the checkpoints that they are of, and against what the head row
/// counts. A page at a time, from the least key that a row can have.
/// </summary>
internal sealed class WriteAudit(SessionAddress address, IStoredSession stored, DamageReport report)
{
    private const int PageRows = 500;

    public async Task RunAsync(Func<long, ValueTask>? pace, CancellationToken cancellationToken)
    {
        WritePosition? after = null;
        var (count, bytes, readAll) = (0L, 0L, true);
        while (await stored.WritesAsync(after, PageRows, cancellationToken) is { Count: > 0 } page)
        {
            after = page[^1].Position;
            foreach (var row in page.Where(row => row.Place != WritePlace.Going))
            {
                if (row.Place == WritePlace.Orphan)
                {
                    Damaged(row, "it is of a checkpoint that is not there");
                    continue;
                }

                count++;
                if (row.Row is not { } write)
                {
                    readAll = false;
                    Damaged(row, $"its row cannot be read: {row.Problem}");
                    continue;
                }

                bytes += write.Size;
                if ((row.IsUnopened ? SealProblemOf(address, write) : ProblemOf(address, write)) is { } problem)
                {
                    Damaged(row, problem);
                }
            }

            await (pace?.Invoke(page.Sum(row => (long)(row.Row?.Value.Length ?? 0))) ?? ValueTask.CompletedTask);
        }

        var head = stored.Head;
        if (count != (head.WriteCount ?? 0) || (readAll && bytes != (head.WriteBytes ?? 0)))
        {
            report.Add(DamageKind.Head, head.LastPosition, 0,
                $"the head row: it counts {head.WriteCount ?? 0} pending writes of {head.WriteBytes ?? 0} bytes, and there are {count} of {bytes}");
        }
    }

    /// <summary>What is wrong with a row by itself; null for nothing.</summary>
    public static string? ProblemOf(SessionAddress address, StoredWrite write) =>
        SealProblemOf(address, write)
        ?? (write.Size != write.Value.Length || !write.Checksum.AsSpan().SequenceEqual(SHA256.HashData(write.Value.Span))
            ? "its value is not what was written"
            : null);

    private static string? SealProblemOf(SessionAddress address, StoredWrite write) =>
        write.Seal != RowSeal.OfWrite(address, write) ? "its row is not what was written" : null;

    private void Damaged(StoredWriteRow row, string problem) =>
        report.Add(DamageKind.Write, 0, row.Position.Sequence, $"pending write {row.Position.Index} of task {row.Position.Task}: {problem}");
}
