using System.Runtime.CompilerServices;
using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.InMemory;

internal sealed partial class InMemoryHistoryStore
{
    public Task<IReadOnlyList<SessionRow>> ListSessionsAsync(
        TenantId tenant, SessionFilter filter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var history = _history;
        IReadOnlyList<SessionRow> found =
        [
            .. history.Keys
                .Where(named => named.Key.Tenant == tenant
                    && named.Key.Session.Value.StartsWith(filter.Prefix, StringComparison.Ordinal)
                    && string.CompareOrdinal(named.Key.Session.Value, filter.After) > 0
                    && history.Rows(named.Value).Head is { DeletedAt: null })
                .OrderBy(named => named.Key.Session.Value, StringComparer.Ordinal)
                .Take(filter.Limit)
                .Select(named => new SessionRow(named.Key.Session, HeadOf(history.Rows(named.Value))!)),
        ];
        return Task.FromResult(found);
    }

    public Task<Versioned<StoredCheckpoint?>> ReadCheckpointAsync(
        SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var rows = _history.Rows(address);
        var sequence =
            checkpoint.IsLatest ? rows.Head?.Head ?? 0
            : checkpoint.Sequence > 0 ? checkpoint.Sequence
            : rows.Ids.GetValueOrDefault(checkpoint.Id.Value);
        var row = rows.IsVisible(sequence) ? Take(rows.Checkpoints[sequence], parts) : null;
        row = row is not null && parts.HasFlag(CheckpointParts.State) ? rows.WithBases(row) : row;
        return Task.FromResult(Seen(rows, row));
    }

    public Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ListAsync(
        SessionAddress address, ListFilter filter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var rows = _history.Rows(address);
        var found = rows.Visible().Where(row => Matches(row, filter));
        found = filter.Order == ListOrder.NewestFirst ? found.Reverse() : found;
        IReadOnlyList<StoredCheckpoint> items = [.. found.Take(filter.Limit).Select(row => Take(row, CheckpointParts.Summary))];
        return Task.FromResult(Seen(rows, items));
    }

    public Task<Versioned<IReadOnlyList<EarlierCreate>>> ReadCreatesAsync(
        SessionAddress address, IReadOnlyList<CheckpointId> ids, DateTimeOffset since, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var rows = _history.Rows(address);
        var found = new List<EarlierCreate>();
        foreach (var id in rows.Head is { DeletedAt: null } ? ids.Distinct() : [])
        {
            if (rows.Ids.TryGetValue(id.Value, out var sequence))
            {
                found.Add(EarlierCreate.Of(rows.Checkpoints[sequence]));
            }
            else if (rows.Requests.TryGetValue(id.Value, out var request) &&
                request.Kind == RemovedCreate.Kind && request.At >= since)
            {
                found.Add(RemovedCreate.Recall(address, request));
            }
        }

        return Task.FromResult(Seen<IReadOnlyList<EarlierCreate>>(rows, found));
    }

    public Task<IHistorySnapshot?> OpenSnapshotAsync(SessionAddress address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var rows = _history.Rows(address);
        return Task.FromResult<IHistorySnapshot?>(rows.Head is { DeletedAt: null } ? new Snapshot(address, rows) : null);
    }

    private static bool Matches(StoredCheckpoint row, ListFilter filter) =>
        row.Sequence > filter.After && row.Sequence < filter.Before &&
        (filter.From is null || row.CreatedAt >= filter.From) &&
        (filter.To is null || row.CreatedAt <= filter.To) &&
        (filter.Trigger is null || row.Trigger == filter.Trigger) &&
        (filter.Tag is null || row.Tags.Contains(filter.Tag, StringComparer.Ordinal));

    private static StoredCheckpoint Take(StoredCheckpoint row, CheckpointParts parts) => row with
    {
        Stored = parts.HasFlag(CheckpointParts.State) ? row.Stored : default,
        Annotations = parts.HasFlag(CheckpointParts.Annotations) ? row.Annotations : [],
    };

    private sealed class Snapshot(SessionAddress address, SessionRows rows) : IHistorySnapshot
    {
        public HeadRead Head { get; } = HeadOf(rows)!;

        public async IAsyncEnumerable<StoredCheckpoint> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            var decoder = new SnapshotDecoder(address);
            foreach (var row in rows.Visible())
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return decoder.Decode(decoder.Continues(row) ? row : rows.WithBases(row));
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
