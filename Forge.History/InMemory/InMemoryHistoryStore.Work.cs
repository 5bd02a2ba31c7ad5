using System.Collections.Immutable;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Reclaiming;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.History.InMemory;

internal sealed partial class InMemoryHistoryStore
{
    public Task BeginStagingAsync(long key, DateTimeOffset abandonedAt, CancellationToken cancellationToken) =>
        ChangeAsync(history => history.AddWork(DueWorkKind.Staging, key, abandonedAt), cancellationToken);

    public Task StageAsync(long key, IReadOnlyList<StoredCheckpoint> checkpoints, CancellationToken cancellationToken) =>
        ChangeAsync(
            history =>
            {
                StagingOf(history, key);
                return history.With(key, history.Rows(key).Add(checkpoints.Select(Own)));
            },
            cancellationToken);

    public Task DiscardStagingAsync(long key, CancellationToken cancellationToken) =>
        ChangeAsync(
            history => history.FindWork(DueWorkKind.Staging, key) is { } work
                ? history.Replace(work with { DueAt = DateTimeOffset.MinValue })
                : history,
            cancellationToken);

    public Task<DueWork?> ClaimDueWorkAsync(
        DueWorkKind kind, string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            var work = _history.Work.Values
                .Where(w => w.Kind == kind && w.DueAt <= now && (w.ClaimedUntil is null || w.ClaimedUntil <= now))
                .MinBy(w => w.DueAt);
            if (work is null)
            {
                return Task.FromResult<DueWork?>(null);
            }

            _history = _history.Replace(work with { ClaimedBy = owner, ClaimedUntil = now + lease });
            return Task.FromResult<DueWork?>(work.ToDueWork());
        }
    }

    public Task<bool> DoWorkAsync(DueWork work, int limit, DateTimeOffset rememberSince, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            var history = _history;
            // A staging that was taken over has lost its work row, and its rows are a session's now.
            var rows = history.Rows(work.SessionKey);
            if (history.FindWork(work.Kind, work.SessionKey) is not { } row || row.Id != work.Id || !MayBegin(work.Kind, rows))
            {
                return Task.FromResult(true);
            }

            (rows, var full) = work.Kind == DueWorkKind.Reclaim
                ? Reclaim(rows, limit, rememberSince)
                : Remove(rows, limit);
            history = history.With(work.SessionKey, rows);
            _history = full ? history : Finish(history, row, rows);
            return Task.FromResult(!full);
        }
    }

    public Task<int> ForgetRequestsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            var history = _history;
            var old = history.Sessions
                .SelectMany(s => s.Value.Requests.Values.Where(r => r.At < before).Select(r => (Key: s.Key, Request: r)))
                .OrderBy(r => r.Request.At).Take(limit).ToList();
            foreach (var (key, request) in old)
            {
                var rows = history.Rows(key);
                history = history.With(key, rows with { Requests = rows.Requests.Remove(request.Id) });
            }

            _history = history;
            return Task.FromResult(old.Count);
        }
    }

    private static bool MayBegin(DueWorkKind kind, SessionRows rows) => kind switch
    {
        DueWorkKind.Staging => rows.Head is null,
        DueWorkKind.Erase => rows.Head is { DeletedAt: not null },
        DueWorkKind.Reclaim => true,
        _ => throw new InvalidOperationException($"Work of kind {kind} does not remove rows of checkpoints."),
    };

    /// <summary>Removes as many rows as one step may; full where there may be more.</summary>
    private static (SessionRows Rows, bool Full) Remove(SessionRows rows, int limit)
    {
        var (going, bytes) = (new List<long>(), 0L);
        foreach (var row in rows.Checkpoints.Values.Take(limit))
        {
            going.Add(row.Sequence);
            bytes += row.StoredSize;
            if (bytes >= WorkStep.StoredBytes)
            {
                return (rows.Remove(going), true);
            }
        }

        return (rows.Remove(going), going.Count == limit);
    }

    private static (SessionRows Rows, bool Full) Reclaim(SessionRows rows, int limit, DateTimeOffset rememberSince)
    {
        var covered = rows.Checkpoints.Values.Where(c => !c.Removed && rows.IsRemoved(c.Sequence)).Take(limit).ToList();
        var window = GroupWindow.Of(covered.Select(c => GroupMember.LabelOf(c.Sequence, c.Group)));
        var members = rows.Checkpoints.Values.Select(c => new GroupMember(c, rows.IsVisible(c.Sequence)))
            .Where(m => window.Labels.Contains(m.Label)).ToList();
        var (head, current) = (rows.Head?.Head ?? 0, rows.Head?.Current ?? 0);
        var plan = ReclaimPlan.Make(members, head, current, limit);
        foreach (var copies in plan.Copies)
        {
            if (copies.Make([.. copies.Sequences.Select(s => rows.WithBases(rows.Checkpoints[s]))]) is { } made)
            {
                foreach (var copy in made)
                {
                    rows = rows.Change(copy.Sequence, row => row with
                    {
                        Codec = copy.Codec,
                        Base = null,
                        Stored = copy.Stored.ToArray(),
                        StoredSize = copy.StoredSize,
                    });
                }

                members = SurvivorCopies.Apply(members, made);
            }
        }

        plan = plan.Copies.Count > 0 ? ReclaimPlan.Make(members, head, current, limit) : plan;
        rows = rows.Remove(plan.Going.Select(c => c.Sequence));
        foreach (var hidden in plan.Hiding)
        {
            rows = rows.Change(hidden.Sequence, row => row with { Removed = true, Annotations = [] });
        }

        if (rows.Head is { DeletedAt: null })
        {
            var remembered = plan.Going.Where(c => c.CreatedAt > rememberSince && !rows.Requests.ContainsKey(c.Id.Value))
                .Select(RemovedCreate.Remember).ToList();
            rows = rows with { Requests = rows.Requests.AddRange(remembered.Select(r => KeyValuePair.Create(r.Id, r))) };
        }

        return (rows, covered.Count == limit || !window.IsWhole || !plan.IsWhole);
    }

    /// <summary>The history once nothing is left of a piece of work.</summary>
    private static InMemoryHistory Finish(InMemoryHistory history, InMemoryWork work, SessionRows rows)
    {
        history = history.Without(work);
        return work.Kind switch
        {
            DueWorkKind.Staging => history with { Sessions = history.Sessions.Remove(work.SessionKey) },
            DueWorkKind.Erase => history.With(work.SessionKey, new SessionRows { Head = rows.Head })
                .AddWork(DueWorkKind.Purge, 0, DateTimeOffset.UnixEpoch),
            _ => history.With(work.SessionKey, rows with { Removed = [] }),
        };
    }

    private Task ChangeAsync(Func<InMemoryHistory, InMemoryHistory> change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            lock (_writing)
            {
                _history = change(_history);
            }

            return Task.CompletedTask;
        }
        catch (BatchRejectedException exception)
        {
            return Task.FromException(exception);
        }
    }
}
