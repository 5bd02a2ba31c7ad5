using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionEngine
{
    /// <summary>
    /// Puts pending writes under a checkpoint. Which are there is known of each head, so that first ones win by the version that the commit
    /// checks, and no call reads for it.
    /// </summary>
    /// <param name="target">The checkpoint.</param>
    /// <param name="writes">The writes, no two with one key.</param>
    /// <param name="now">The time of the change.</param>
    /// <param name="limit">How many pending writes the session may have.</param>
    /// <param name="remember">Is told the answer, and answers the request to remember; null for none.</param>
    /// <param name="authority">By what right.</param>
    /// <param name="result">What became of them, if they are accepted or not taken.</param>
    /// <returns>Not taken if each was dropped and nothing is to be remembered: the answer rests on what is pending.</returns>
    /// <exception cref="OverLimitException">The session would have too many, whatever becomes of what is pending.</exception>
    public Decision Write(
        Versioned<StoredCheckpoint> target,
        IReadOnlyList<WriteCommand> writes,
        DateTimeOffset now,
        int limit,
        Func<WritesResult, RememberedRequest?> remember,
        Authority authority,
        out WritesResult? result)
    {
        result = null;
        if (Check(target, authority) is { } notYet)
        {
            return notYet;
        }

        var row = target.Value;
        var changes = new List<SessionChange>(writes.Count + 2);
        if (Put("writes", row.Sequence, writes, now, limit, changes, _projected!, out var after, out var outcomes) is { } wait)
        {
            return wait;
        }

        var happened = changes.Count > 0 ? ((Logged)changes[^1]).Event : (SessionEvent?)null;
        result = new WritesResult(
            new CheckpointPointer(row.Sequence, row.Id), outcomes, happened?.Position,
            happened is { Chain: { } chain } ? Convert.ToHexStringLower(chain) : null);
        changes.AddRange(Remember(remember(result)));
        return changes.Count == 0
            ? new Decision(Verdict.NotTaken, NewestPending)
            : Accept(new PendingChange { After = after, Changes = changes, Records = Math.Max(1, writes.Count) });
    }

    /// <summary>Adds the changes that put writes under a checkpoint, with their event; none if each is dropped.</summary>
    /// <param name="field">The writes as errors name them.</param>
    /// <param name="sequence">The checkpoint.</param>
    /// <param name="writes">The writes.</param>
    /// <param name="now">The time.</param>
    /// <param name="limit">How many the session may have.</param>
    /// <param name="changes">Takes the changes, behind those of the same request.</param>
    /// <param name="before">The session as they find it.</param>
    /// <param name="after">The session behind them.</param>
    /// <param name="outcomes">What became of each.</param>
    private Decision? Put(
        string field,
        long sequence,
        IReadOnlyList<WriteCommand> writes,
        DateTimeOffset now,
        int limit,
        List<SessionChange> changes,
        HeadRead before,
        out HeadRead after,
        out IReadOnlyList<WriteOutcome> outcomes)
    {
        var (index, became, told) = (before.Writes, new WriteOutcome[writes.Count], new List<WriteDetail>(writes.Count));
        (after, outcomes) = (before, became);
        for (var i = 0; i < writes.Count; i++)
        {
            var write = writes[i];
            var isThere = index.SizeOf(sequence, write.Key) is not null;
            became[i] = !isThere ? WriteOutcome.Written : write.Input.Mode == WriteMode.First ? WriteOutcome.Kept : WriteOutcome.Replaced;
            if (became[i] == WriteOutcome.Kept)
            {
                continue;
            }

            var row = write.ToRow(sequence, now.ToMicroseconds());
            index = index.With(sequence, write.Key, row.Size);
            changes.Add(new Wrote(RowSeal.Sealed(_address, row)));
            told.Add(new WriteDetail(row.Task, row.Index, row.Name, row.Size));
        }

        if (index.Count > limit && index.Count > before.Writes.Count)
        {
            // Those that the request puts that are not committed, whatever becomes of what is pending: this line's, and of those before it
            // what they put.
            var committed = _committed?.Writes ?? WriteIndex.Empty;
            var put = changes.OfType<Wrote>().Select(change => (change.Row.Sequence, change.Row.Key))
                .Concat(writes.Select(write => (Sequence: sequence, write.Key)));
            var come = committed.Count + put.Distinct().Count(write => committed.SizeOf(write.Sequence, write.Key) is null);
            return come <= limit && NewestPending is { } pending
                ? Decision.WaitFor(pending)
                : throw new OverLimitException(field, limit, Math.Max(come, index.Count), "pending writes in the session");
        }

        if (told.Count > 0)
        {
            (after, var happened) = Link(
                SessionEventKind.Written, sequence, NextPosition(before.With(index)), now, new EventDetail { Writes = told });
            changes.Add(new Logged(happened));
        }

        return null;
    }

    /// <summary>True if a create names a checkpoint for its writes that the engine does not know of itself: the caller must read it.</summary>
    public bool NeedsWritten(CreateCommand command) =>
        command is { Writes: not null, WritesLine: null, Input.WritesUnder: { } under } && IsUnknown(under);

    /// <summary>Adds the changes of the pending writes of a create, and remembers what became of them.</summary>
    /// <param name="command">The create.</param>
    /// <param name="first">The sequence of the first of its batch.</param>
    /// <param name="parent">Its parent; 0 for none.</param>
    /// <param name="read">What was read of what creates name; null for nothing.</param>
    /// <param name="now">The time.</param>
    /// <param name="limit">How many the session may have.</param>
    /// <param name="changes">Takes the changes.</param>
    /// <param name="after">The session as they find it, and then behind them.</param>
    private Decision? WriteFor(
        CreateCommand command,
        long first,
        long parent,
        NamedCheckpoints? read,
        DateTimeOffset now,
        int limit,
        List<SessionChange> changes,
        ref HeadRead after)
    {
        var sequence = parent;
        if (command.WritesLine is { } line)
        {
            sequence = first + line;
        }
        else if (command.Input.WritesUnder is { } under)
        {
            if (Find(under, read?.Of(under), command, "writesUnder", out sequence) is { } notYet)
            {
                return notYet;
            }
        }
        else if (sequence == 0)
        {
            // What is current may be about to go or to come.
            return NewestPending is { } pending ? Decision.WaitFor(pending)
                : throw new CheckpointNotFoundException(_address, CheckpointReference.Current.ToString(), command.FieldOf("writes"));
        }

        if (Put(command.FieldOf("writes"), sequence, command.Writes!, now, limit, changes, after, out after, out var outcomes) is { } wait)
        {
            return wait;
        }

        // Of the time of the checkpoint, so that the memory tells which create it is of, and is there as long as it is asked for.
        changes.AddRange(Remember(
            CreateWrites.MemoryOf(_address, command.Input).Remember(TimeBehind(after.Head, now), WriteOutcomes.Tell(outcomes))));
        return null;
    }
}
