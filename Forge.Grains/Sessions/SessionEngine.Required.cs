using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.History.Changes;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionEngine
{
    /// <summary>About what a reference takes, in bytes.</summary>
    private const long WeightOfRequired = 64;

    /// <summary>Which checkpoints were required lately for the first or another time: a delete that read who requires one learns of it.</summary>
    private readonly RecentChanges _requiredLately = new();

    /// <summary>
    /// True if a create requires a checkpoint that the engine does not know of itself: the caller must read it, and pass what it read.
    /// </summary>
    public bool NeedsRequired(RequiredReference required) => required.Line is null && IsUnknown(required.Reference);

    /// <summary>
    /// A pending create that requires what goes by a survey. What that requires in turn is not known: the survey has to be read again once the
    /// create is committed. Null if there is none, and a survey that does not fit can be read again at once.
    /// </summary>
    public PendingChange? PendingRequirementOf(CompactionSurvey survey) => Pending.FirstOrDefault(
        change => change.Changes.Any(c => c is Created { Row: { Requires: { } requires } row } && row.Sequence > survey.LastSequence
            && survey.Takes(RequiredText.Read(requires).ToHashSet())));

    private IEnumerable<PendingChange> Pending => _inFlight.Concat(_queue);

    private bool IsUnknown(CheckpointReference named) =>
        FindInTail(named) is null && !(named.Sequence > 0 && named.Sequence == _committed?.Head.Head);

    /// <summary>What a create requires, as the text of its row; null for nothing.</summary>
    /// <param name="command">The create.</param>
    /// <param name="read">What was read of it; null for nothing.</param>
    /// <param name="first">The sequence of the first of its batch.</param>
    /// <param name="requires">The text.</param>
    private Decision? RequiredBy(CreateCommand command, NamedCheckpoints? read, long first, out string? requires)
    {
        requires = null;
        if (command.Requires is not { } references)
        {
            return null;
        }

        var sequences = new List<long>(references.Count);
        foreach (var (reference, line) in references)
        {
            var sequence = first + (line ?? 0);
            if (line is null && Find(reference, read?.Of(reference), command, "requires", out sequence) is { } notYet)
            {
                return notYet;
            }

            sequences.Add(sequence);
        }

        requires = RequiredText.Of(sequences);
        return null;
    }

    /// <summary>A checkpoint that a create names and that must be there once all is committed that is pending.</summary>
    /// <param name="named">How it is named: by its id or its sequence.</param>
    /// <param name="read">It as it was read; null if it was not.</param>
    /// <param name="command">The create.</param>
    /// <param name="field">The field that names it, for an error.</param>
    /// <param name="sequence">Its sequence.</param>
    private Decision? Find(
        CheckpointReference named, Versioned<StoredCheckpoint?>? read, CreateCommand command, string field, out long sequence)
    {
        sequence = 0;
        if (read is null && !IsUnknown(named))
        {
            sequence = FindInTail(named)?.Sequence ?? named.Sequence;
        }
        else if (read is { Value: { } row } found)
        {
            sequence = row.Sequence;
            if (_removals.MayBeSince(sequence, found.Version))
            {
                return new Decision(Verdict.Reread);
            }
        }
        else
        {
            return read is null ? new Decision(Verdict.Reread)
                : throw new CheckpointNotFoundException(_address, named.ToString(), command.FieldOf(field));
        }

        return _pendingDeletes.TryGetValue(sequence, out var deletion) ? Decision.WaitFor(deletion)
            : PendingRemovalOf(sequence) is { } compaction ? Decision.WaitFor(compaction)
            : null;
    }

    /// <summary>
    /// Null if no checkpoint requires one that is to be deleted, once all is committed that is pending. A create that is pending may yet
    /// fail, and then requires nothing: it is waited for.
    /// </summary>
    /// <param name="target">The one that is to be deleted.</param>
    /// <param name="read">Who required it as it was read; null if the tail held it, which then holds all that can require it.</param>
    /// <exception cref="CheckpointRequiredException">One that is committed requires it.</exception>
    private Decision? CheckFree(Versioned<StoredCheckpoint> target, Requirers? read)
    {
        var sequence = target.Value.Sequence;
        if (Pending.FirstOrDefault(change => change.MayRequire(sequence)) is { } pending)
        {
            return Decision.WaitFor(pending);
        }

        if (_tail.Find(sequence) is not null)
        {
            // What goes by a change that is pending is not in the tail any more: this one goes behind it, and falls with it.
            read = _tail.RequirersOf(sequence);
        }
        else if (read is null || _requiredLately.MayBeSince(sequence, target.Version))
        {
            return new Decision(Verdict.Reread);
        }

        foreach (var requirer in read.First)
        {
            if (_pendingDeletes.TryGetValue(requirer, out var deletion))
            {
                return Decision.WaitFor(deletion);
            }

            if (_removals.MayBeSince(requirer, target.Version))
            {
                return new Decision(Verdict.Reread);
            }
        }

        return read.Count == 0 ? null : throw new CheckpointRequiredException(_address, sequence, read.First, read.Count);
    }

    /// <summary>Takes note of what a checkpoint requires, now that it is durable.</summary>
    private void NoteRequired(StoredCheckpoint row, long version)
    {
        if (row.Requires is not null)
        {
            foreach (var required in RequiredText.Read(row.Requires))
            {
                _requiredLately.Add(required, version);
            }
        }
    }
}
