using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Integrity;

namespace Forge.History.Verification;

/// <summary>
/// Holds what checkpoints require, as their rows say it and the chain covers it, against what is visible and against the index of it. A page
/// of rows at a time; of a page in which none requires anything nothing is read.
/// </summary>
internal sealed class RequirementAudit(IStoredSession stored, DamageReport report)
{
    private const int PageRows = 10_000;

    private HashSet<Requirement> _indexed = [];
    private HashSet<long> _visible = [];

    /// <summary>Reads what some rows are held against.</summary>
    /// <param name="rows">The rows, by rising sequence.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    public async Task ReadAsync(IReadOnlyList<StoredRow> rows, CancellationToken cancellationToken)
    {
        long[] required =
        [
            .. rows.Where(row => row is { Removed: false, Row.Requires: not null })
                .SelectMany(row => RequiredText.Read(row.Row!.Requires)).Distinct(),
        ];
        if (required.Length == 0)
        {
            return;
        }

        var by = new SequenceRange(rows[0].Sequence, rows[^1].Sequence);
        _indexed = [.. await stored.RequirementsAsync(required, by, cancellationToken)];
        _visible = [.. await stored.VisibleAsync(required, cancellationToken)];
    }

    /// <summary>Reports what the index has and no checkpoint's own row says.</summary>
    public async Task CheckIndexAsync(CancellationToken cancellationToken)
    {
        // Of a checkpoint once, however much of it is wrong; and from the least that can stand there, whoever wrote it.
        var (after, told) = (new Requirement(long.MinValue, long.MinValue), new HashSet<long>());
        while (await stored.IndexedRequirementsAsync(after, PageRows, cancellationToken) is { Count: > 0 } page)
        {
            after = page[^1].Row;
            foreach (var (row, _) in page.Where(indexed => !indexed.IsSaid && told.Add(indexed.Row.Sequence)))
            {
                report.Add(DamageKind.Requirement, 0, row.Sequence, "the index of what is required has what its row does not say");
            }
        }
    }

    /// <summary>True if all is there that one of the rows requires, if it is visible itself, and the index says what it requires.</summary>
    /// <param name="stored">What is stored.</param>
    /// <param name="row">Its row.</param>
    public bool Check(StoredRow stored, StoredCheckpoint row)
    {
        // What is kept for others alone requires nothing any more, and the index went with the step that says so.
        if (row.Requires is null || stored.Removed)
        {
            return true;
        }

        var required = RequiredText.Read(row.Requires);
        var gone = stored.Hidden ? [] : required.Where(sequence => !_visible.Contains(sequence) || sequence >= row.Sequence).ToList();
        if (gone.Count > 0)
        {
            report.Add(DamageKind.Requirement, row.Position, row.Sequence, $"it requires {string.Join(", ", gone)}, which is not there");
        }

        var isIndexed = required.All(sequence => _indexed.Contains(new Requirement(sequence, row.Sequence)));
        if (!isIndexed)
        {
            report.Add(DamageKind.Requirement, row.Position, row.Sequence, "the index of what is required lacks what its row says");
        }

        return gone.Count == 0 && isIndexed;
    }
}
