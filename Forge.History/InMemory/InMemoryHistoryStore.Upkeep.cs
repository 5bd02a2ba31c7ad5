using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Reclaiming;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.InMemory;

internal sealed partial class InMemoryHistoryStore
{
    public Task<SessionAddress?> ReadAddressAsync(long key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var (address, its) in _history.Keys)
        {
            if (its == key)
            {
                return Task.FromResult<SessionAddress?>(address);
            }
        }

        return Task.FromResult<SessionAddress?>(null);
    }

    public Task<DueWork?> FindDueWorkAsync(DueWorkKind kind, long key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(_history.FindWork(kind, key)?.ToDueWork());
    }

    public Task FinishWorkAsync(
        DueWork work, DateTimeOffset? again, DateTimeOffset ifNoted, CancellationToken cancellationToken) =>
        ChangeAsync(
            history =>
            {
                if (!history.Work.TryGetValue(work.Id, out var row))
                {
                    return history;
                }

                var noted = row.Noted != work.Noted;
                var due = again is not { } time || (noted && ifNoted < time) ? ifNoted : time;
                return again is null && !noted
                    ? history.Without(row)
                    : history.Replace(row with { DueAt = due, ClaimedBy = null, ClaimedUntil = null });
            },
            cancellationToken);

    public Task BeginWalkAsync(DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        ChangeAsync(
            history => history.FindWork(DueWorkKind.Walk, 0) is null ? history.AddWork(DueWorkKind.Walk, 0, dueAt) : history,
            cancellationToken);

    public Task<IReadOnlyList<WalkedSession>> WalkAsync(long after, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var history = _history;
        var found =
            from named in history.Keys
            where named.Value > after
            let head = history.Rows(named.Value).Head
            where head is { DeletedAt: null }
            orderby named.Value
            select new WalkedSession(
                named.Value, named.Key, head.Settings, head.CreatedAt, head.LastCreatedAt, head.Count, head.LastPosition);
        return Task.FromResult<IReadOnlyList<WalkedSession>>([.. found.Take(limit)]);
    }

    public Task AdvanceWalkAsync(DueWork walk, WalkStep step, CancellationToken cancellationToken) =>
        ChangeAsync(
            history =>
            {
                if (!history.Work.TryGetValue(walk.Id, out var row) || row.Cursor != walk.Cursor)
                {
                    return history;
                }

                history = history.Replace(
                    row with { Cursor = step.Cursor, DueAt = step.DueAt, ClaimedBy = null, ClaimedUntil = null });
                return step.Found.Aggregate(history, (next, found) => next.FindWork(found.Kind, found.Key) is null
                    ? next.AddWork(found.Kind, found.Key, found.DueAt)
                    : next);
            },
            cancellationToken);

    public Task<long?> TrimEventsAsync(
        long key, long after, long newest, DateTimeOffset since, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            var rows = _history.Rows(key);
            var page = rows.Head is { DeletedAt: null } head
                ? rows.Events.Values.SkipWhile(e => e.Position <= after).Take(limit)
                    .TakeWhile(e => e.Position <= head.LastPosition - newest && e.At < since).ToList()
                : [];
            if (page.Count == 0)
            {
                return Task.FromResult<long?>(null);
            }

            var notes = rows.Checkpoints.Values.SelectMany(c => c.Annotations, (c, note) => (c.Sequence, note.Position));
            var going = EventTrim.Going(
                page, new StoredFacts([.. rows.Checkpoints.Keys.Take(EventTrim.MostStored)], notes.ToHashSet()));
            rows = rows with { Events = rows.Events.RemoveRange(going.Select(e => e.Position)) };
            _history = _history.With(key, rows.LeaveRuns(going.Select(RemovedLink.Of)));
            return Task.FromResult(page.Count == limit ? page[^1].Position : (long?)null);
        }
    }

    /// <summary>There are no files.</summary>
    public Task<bool> PurgeAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    /// <summary>There are no files.</summary>
    public Task<bool> GiveBackSpaceAsync(CancellationToken cancellationToken) => Task.FromResult(true);
}
