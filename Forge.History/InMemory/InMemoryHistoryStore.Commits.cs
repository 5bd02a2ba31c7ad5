using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.History.InMemory;

internal sealed partial class InMemoryHistoryStore
{
    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            lock (_writing)
            {
                var history = _history;
                var outcomes = new CommitOutcome[batch.Commits.Count];
                for (var i = 0; i < outcomes.Length; i++)
                {
                    var next = Apply(history, batch.Commits[i], batch.Id);
                    outcomes[i] = new CommitOutcome(next is null ? CommitStatus.Conflict : CommitStatus.Committed);
                    history = next ?? history;
                }

                _history = history;
                return Task.FromResult<IReadOnlyList<CommitOutcome>>(outcomes);
            }
        }
        catch (BatchRejectedException exception)
        {
            return Task.FromException<IReadOnlyList<CommitOutcome>>(exception);
        }
    }

    public Task<IReadOnlyList<CommitOutcome>> FindOutAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var history = _history;
        return Task.FromResult<IReadOnlyList<CommitOutcome>>([.. batch.Commits.Select(commit =>
        {
            var head = history.Rows(commit.Address).Head;
            return new CommitOutcome(
                head is not null && head.LastBatch == batch.Id ? CommitStatus.Committed
                : (head?.Version ?? 0) == commit.ExpectedVersion ? CommitStatus.Unavailable
                : CommitStatus.Unknown);
        })]);
    }

    /// <summary>The history after a commit; null where it conflicts.</summary>
    private static InMemoryHistory? Apply(InMemoryHistory history, SessionCommit commit, Guid batch)
    {
        if ((history.Rows(commit.Address).Head?.Version ?? 0) != commit.ExpectedVersion)
        {
            return null;
        }

        var key = commit.Head.Key;
        if (commit.StagedKey != 0)
        {
            history = TakeOver(history, commit.StagedKey, key, commit.StagedOffset);
        }

        var rows = history.Rows(key) with
        {
            Head = commit.Head with
            {
                LastBatch = batch,
                Chain = (byte[]?)commit.Head.Chain?.Clone(),
                Seal = RowSeal.OfHead(commit.Address, commit.Head, batch),
            },
        };
        rows = rows.Add(commit.Creates.Select(Own));
        foreach (var change in commit.TagChanges)
        {
            rows = rows.Change(change.Sequence, row => row with
            {
                Tags = [.. change.Tags],
                FirstTags = row.FirstTags ?? row.Tags,
            });
        }

        foreach (var note in commit.Annotations)
        {
            var annotation = new Annotation(note.Position, note.At, note.Severity, note.Text);
            rows = rows.Change(note.Sequence, row => row with
            {
                Annotations = [.. row.Annotations.Append(annotation).OrderBy(a => a.Position)],
            });
        }

        foreach (var sequence in commit.Trunks)
        {
            rows = rows.Change(sequence, row => row with { Trunk = true });
        }

        foreach (var sequence in commit.Deletes)
        {
            rows = rows.Change(sequence, row => row with { Annotations = [] });
        }

        rows = rows with
        {
            Removed = rows.Removed.Union(commit.Removals).Union(commit.Deletes.Select(d => new SequenceRange(d, d))),
        };
        foreach (var happened in commit.Events)
        {
            rows = rows.Events.ContainsKey(happened.Position)
                ? throw Refused($"There is an event {happened.Position} already.")
                : rows with { Events = rows.Events.Add(happened.Position, happened) };
        }

        foreach (var request in commit.Requests)
        {
            rows = rows.Remember(request);
        }

        history = history with { Keys = history.Keys.SetItem(commit.Address, key) };
        history = history.With(key, rows);
        foreach (var work in commit.DueWork)
        {
            history = history.AddWork(work.Kind, key, work.DueAt);
        }

        return history;
    }

    private static InMemoryHistory TakeOver(InMemoryHistory history, long staged, long key, long offset)
    {
        history = history.Without(StagingOf(history, staged));
        if (staged == key)
        {
            return history;
        }

        var rows = history.Rows(key).Add(
            history.Rows(staged).Checkpoints.Values.Select(row => row with { Position = row.Position + offset }));
        return (history with { Sessions = history.Sessions.Remove(staged) }).With(key, rows);
    }

    /// <summary>The work that would remove a staging. Once somebody claimed it, rows may be missing.</summary>
    private static InMemoryWork StagingOf(InMemoryHistory history, long key) =>
        history.FindWork(DueWorkKind.Staging, key) is { ClaimedUntil: null } work
            ? work
            : throw Refused($"The rows staged under {key} were given up.");

    private static BatchRejectedException Refused(string why) => new(CommitStatus.Refused, new InvalidOperationException(why));

    /// <summary>A row of the store's own memory: the caller's buffers are the caller's again after the commit.</summary>
    private static StoredCheckpoint Own(StoredCheckpoint row) => row with
    {
        Tags = [.. row.Tags],
        FirstTags = row.FirstTags is null ? null : [.. row.FirstTags],
        Checksum = [.. row.Checksum],
        Chain = row.Chain is null ? null : [.. row.Chain],
        Stored = row.Stored.ToArray(),
        Bases = [],
        Removed = false,
        Annotations = [.. row.Annotations.OrderBy(annotation => annotation.Position)],
    };
}
