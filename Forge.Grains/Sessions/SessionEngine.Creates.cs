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
    /// True if the create names a parent that the engine does not know of itself: the caller must read it, and pass its
    /// sequence and the version of the read.
    /// </summary>
    public bool NeedsParent(CreateCommand command) =>
        command.Input.Parent is { IsLatest: false, IsCurrent: false, IsNone: false } parent
        && command.ParentLine is null
        && IsUnknown(parent);

    /// <summary>
    /// Creates checkpoints in one step, in order: all of them or none. Repeats were looked up before.
    /// </summary>
    /// <param name="commands">At least one.</param>
    /// <param name="readParents">Of each command for which <see cref="NeedsParent"/> was true, the parent as it was read; null
    /// for the others.</param>
    /// <param name="now">The time of creation, cut to microseconds; a session's clock does not run backwards.</param>
    /// <param name="automaticInterval">How long after the newest checkpoint one for time passed may be taken, by the committed
    /// settings.</param>
    /// <param name="work">Work to note with them; null for none.</param>
    /// <param name="authority">By what right.</param>
    /// <param name="required">What they require and <see cref="NeedsRequired"/> was true for, as it was read; null for nothing.</param>
    /// <param name="mostWrites">How many pending writes the session may have.</param>
    /// <exception cref="CheckpointNotFoundException">A parent that was read is not there, or what one requires.</exception>
    /// <exception cref="HeadMismatchException">
    /// The head is not the expected one, whatever becomes of what is pending.
    /// </exception>
    /// <exception cref="OverLimitException">It would be one branch too many, whatever becomes of what is pending.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    public Decision Create(
        IReadOnlyList<CreateCommand> commands,
        IReadOnlyList<Versioned<StoredCheckpoint?>?> readParents,
        DateTimeOffset now,
        TimeSpan automaticInterval,
        Due? work = null,
        Authority authority = default,
        NamedCheckpoints? required = null,
        int mostWrites = int.MaxValue)
    {
        RequireAlive();
        if (PendingErasure is { } erasure)
        {
            return Decision.WaitFor(erasure);
        }

        if (CheckClaim(authority) is { } refused)
        {
            return refused;
        }

        foreach (var command in commands)
        {
            if (FindPending(command.Id.Value) is { } same)
            {
                return Decision.WaitFor(same);
            }
        }

        if (Throttled(commands, now, automaticInterval) is { } throttled)
        {
            return throttled;
        }

        var changes = new List<SessionChange>(commands.Count);
        var (records, lines, branches) = (commands.Count, 0, (List<string?>?)null);
        var after = ProjectedOrNew(now);
        var first = after.Head.LastSequence + 1;
        for (var i = 0; i < commands.Count; i++)
        {
            var command = commands[i];
            var (line, requires) = (after.LineOf(command.Input.Branch), (string?)null);
            if (command.Input.ExpectedHead is { } expected && expected != line.Head.Sequence)
            {
                return MayBecomeHead(expected, commands, i)
                    ? Decision.WaitFor(NewestPending!)
                    : throw new HeadMismatchException(_address, expected, HeadBehind(_committed, commands, i));
            }

            if (command.Input.Branch is { } begun && after.Branches.Count >= _mostBranches - 1 && !after.Branches.ContainsKey(begun))
            {
                return IsOneBranchTooMany(_committed, commands, i)
                    ? throw new OverLimitException(command.FieldOf("branch"), _mostBranches, _mostBranches + 1, "branches")
                    : Decision.WaitFor(NewestPending!);
            }

            if ((ParentOf(command, readParents[i], after, first, out var parent) ?? RequiredBy(command, required, first, out requires)) is { } notYet)
            {
                return notYet;
            }

            if (command.Writes is { } writes)
            {
                (records, lines) = (records + writes.Count, lines + 1);
                if (WriteFor(command, first, parent, required, now, mostWrites, changes, ref after) is { } wait)
                {
                    return wait;
                }
            }

            var row = RowOf(command, after.Head, parent, now, requires);
            changes.Add(new Created(row));
            after = Following(after, row, line.Count + 1);
            if (row.Branch is not null)
            {
                (branches ??= []).Add(row.Branch);
            }
        }

        if (lines > 1)
        {
            // Two lines may put one key under one checkpoint.
            changes = ChangeList.WithLastWrites(changes);
        }

        if (branches is not null)
        {
            Move(changes, after, branches);
        }

        if (work is not null)
        {
            changes.Add(work);
        }

        return Accept(new PendingChange { After = after, Changes = changes, Records = records, BroughtAt = now });
    }

    /// <summary>About what a create takes on the wire and in a queue, in bytes.</summary>
    public static long WeightOf(CreateCommand command) =>
        Created.WeightOf(command.Input.State.Length, command.Input.Message, command.Input.Tags) + SessionChange.WeightOf(command.Input.Branch)
        + (WeightOfRequired * (command.Requires?.Count ?? 0)) + WriteRules.WeightOf(command.Input.Writes);

    /// <summary>The head that a create finds on its branch behind others of its batch.</summary>
    private static long HeadBehind(HeadRead? before, IReadOnlyList<CreateCommand> commands, int index)
    {
        var branch = commands[index].Input.Branch;
        for (var i = index - 1; i >= 0; i--)
        {
            if (commands[i].Input.Branch == branch)
            {
                return (before?.Head.LastSequence ?? 0) + i + 1;
            }
        }

        return before?.LineOf(branch).Head.Sequence ?? 0;
    }

    /// <summary>True if a create would begin a branch behind others of its batch, and there are as many as there may be.</summary>
    private bool IsOneBranchTooMany(HeadRead? before, IReadOnlyList<CreateCommand> commands, int index)
    {
        var branches = before?.Branches ?? HeadRead.NoBranches;
        if (commands[index].Input.Branch is not { } branch || branches.Count + index < _mostBranches - 1 || branches.ContainsKey(branch))
        {
            return false;
        }

        var begun = commands.Take(index).Select(c => c.Input.Branch).OfType<string>().Where(b => !branches.ContainsKey(b)).ToHashSet();
        return branches.Count + begun.Count >= _mostBranches - 1 && !begun.Contains(branch);
    }

    /// <summary>
    /// True if a head is what a create finds if more or less of what is pending is committed. Any other is known to be wrong
    /// at once, however much goes on in the session.
    /// </summary>
    private bool MayBecomeHead(long head, IReadOnlyList<CreateCommand> commands, int index) =>
        HeadBehind(_committed, commands, index) == head
        || _inFlight.Exists(c => HeadBehind(c.After, commands, index) == head)
        || _queue.Exists(c => HeadBehind(c.After, commands, index) == head);

    private Decision? Throttled(IReadOnlyList<CreateCommand> commands, DateTimeOffset now, TimeSpan automaticInterval)
    {
        if (commands is not [{ Input.Trigger: CheckpointTrigger.SignificantTimePassed }])
        {
            return null;
        }

        // The interval is one of the settings, which may become others or stay as they are.
        if (ProjectedHead?.Settings != _committed?.Head.Settings)
        {
            return Decision.WaitFor(NewestPending!);
        }

        if (!IsTooSoon(_projectedAt ?? ProjectedHead?.LastCreatedAt))
        {
            return null;
        }

        // A refusal must not rest on a create that may yet fail.
        return IsTooSoon(_committedAt ?? _committed?.Head.LastCreatedAt)
            ? new Decision(Verdict.NotTaken)
            : Decision.WaitFor(NewestPending!);

        // A time that is yet to come is that of a clock which was set back since, or of another silo's that is a little ahead. If it is
        // no further away than the interval, the clock gets there soon; beyond that it says nothing of how much time has passed.
        bool IsTooSoon(DateTimeOffset? last) => last is { } at && (now - at).Duration() <= automaticInterval;
    }

    /// <param name="command">The create.</param>
    /// <param name="read">What it names, as it was read; null if it was not.</param>
    /// <param name="before">The session as the create finds it.</param>
    /// <param name="first">The sequence of the first of its batch.</param>
    /// <param name="parent">The parent's sequence; 0 for none.</param>
    private Decision? ParentOf(
        CreateCommand command, Versioned<StoredCheckpoint?>? read, HeadRead before, long first, out long parent)
    {
        parent = 0;
        var named = command.Input.Parent ?? CheckpointReference.Current;
        if (named.IsLatest || named.IsCurrent)
        {
            // Of the branch of the create, unless another one is named, which has to have it.
            var branch = named.Branch is null ? command.Input.Branch : named.OtherBranch;
            parent = Named(before);
            return parent > 0 || branch == command.Input.Branch ? null
                : _committed is not null && Named(_committed) > 0 ? Decision.WaitFor(NewestPending!)
                : throw new CheckpointNotFoundException(_address, named.ToString(), command.FieldOf("parent"));

            long Named(HeadRead head) => (named.IsLatest ? head.LineOf(branch).Head : head.LineOf(branch).Current).Sequence;
        }

        if (named.IsNone || command.ParentLine is not null)
        {
            parent = command.ParentLine is { } line ? first + line : 0;
            return null;
        }

        return Find(named, read, command, "parent", out parent);
    }

    private StoredCheckpoint RowOf(CreateCommand command, SessionHead head, long parent, DateTimeOffset now, string? requires = null)
    {
        var row = command.ToRow(head.LastSequence + 1, TimeBehind(head, now), head.LastPosition + 1, parent, requires);
        return row with { Chain = HistoryChain.Next(ChainOf(head), row) };
    }

    /// <summary>When a checkpoint is created that follows a head, in whole microseconds: a session's clock does not run backwards.</summary>
    private static DateTimeOffset TimeBehind(SessionHead head, DateTimeOffset now)
    {
        var time = now.ToMicroseconds();
        return head.LastCreatedAt is { } last && last > time ? last : time;
    }

    private static HeadRead Following(HeadRead before, StoredCheckpoint row, long count)
    {
        var isOnMain = row.Branch is null;
        var head = before.Head with
        {
            LastSequence = row.Sequence,
            Head = isOnMain ? row.Sequence : before.Head.Head,
            Current = isOnMain ? row.Sequence : before.Head.Current,
            LastPosition = row.Position,
            LastCreatedAt = row.CreatedAt,
            Count = before.Head.Count + 1,
            Bytes = before.Head.Bytes + row.Size,
            Chain = row.Chain,
        };
        if (isOnMain)
        {
            return before with { Head = head, HeadId = row.Id, CurrentId = row.Id };
        }

        var created = new CheckpointPointer(row.Sequence, row.Id);
        return (before with { Head = head }).With(row.Branch, new BranchLine(created, created, count));
    }

    /// <summary>Adds the changes that have branches stand where they do after a change.</summary>
    private void Move(List<SessionChange> changes, HeadRead after, IEnumerable<string?> branches)
    {
        foreach (var branch in branches.OfType<string>().Distinct(StringComparer.Ordinal))
        {
            changes.Add(after.LineOf(branch).Moves(_address, branch));
        }
    }
}
