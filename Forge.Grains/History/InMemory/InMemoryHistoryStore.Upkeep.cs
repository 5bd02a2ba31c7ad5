using Forge.Grains.Integrity;
using Forge.Identity;

namespace Forge.Grains.History.InMemory;

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

    public Task<bool> TrimEventsAsync(
        long key, long newest, DateTimeOffset since, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            var rows = _history.Rows(key);
            if (rows.Head is not { DeletedAt: null } head)
            {
                return Task.FromResult(true);
            }

            var going = rows.Events.Values.TakeWhile(e => e.Position <= head.LastPosition - newest && e.At < since)
                .Where(e => !IsNeeded(rows, e)).Take(limit).ToList();
            rows = rows.LeaveRuns(going.Select(e => new RemovedLink(e.Position, 0, 0, e.Chain)));
            _history = _history.With(
                key, rows with { Events = rows.Events.RemoveRange(going.Select(e => e.Position)) });
            return Task.FromResult(going.Count < limit);
        }
    }

    private static bool IsNeeded(SessionRows rows, SessionEvent happened)
    {
        var needs = EventNeeds.Of(happened);
        if (needs.UnlessTaggedAgain && !rows.Events.Values.Any(e => e.Kind == SessionEventKind.Imported)
            && rows.Events.Values.Any(
                e => e.Kind == SessionEventKind.Tagged && e.Sequence == happened.Sequence && e.Position > happened.Position))
        {
            return false;
        }

        return needs.Always
            || (needs.Annotation && rows.Checkpoints.TryGetValue(happened.Sequence, out var row)
                && row.Annotations.Any(a => a.Position == happened.Position))
            || rows.Checkpoints.Keys.Any(sequence => needs.Checkpoints.Any(r => sequence >= r.First && sequence <= r.Last));
    }

    /// <summary>There are no files.</summary>
    public Task<bool> PurgeAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    /// <summary>There are no files.</summary>
    public Task<bool> GiveBackSpaceAsync(CancellationToken cancellationToken) => Task.FromResult(true);
}
