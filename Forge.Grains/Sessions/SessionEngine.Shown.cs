using Forge.Checkpoints;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionEngine
{
    /// <summary>How many characters of annotations are kept of a checkpoint.</summary>
    private const int MostNoted = 4 * 1024;

    private readonly ShownCheckpoints _shown;
    private int _shownDestroyed;

    /// <summary>
    /// Lets go of what is shown of the committed version if it is of another number of destroyed data keys than there are now: its texts may
    /// have been sealed by one of those; true if it has.
    /// </summary>
    /// <param name="destroyedKeys">The number now.</param>
    public bool RenewShown(int destroyedKeys)
    {
        if (_shownDestroyed == destroyedKeys)
        {
            return false;
        }

        _shownDestroyed = destroyedKeys;
        ForgetShown();
        return true;
    }

    /// <summary>Lets go of what is shown of the committed version.</summary>
    public void ForgetShown() => _shown.Clear(_committed?.Head.LastSequence ?? 0);

    /// <summary>
    /// What the committed version shows of a checkpoint, with that version; null if it has to be read, as everything has to be that is not
    /// there. Nothing that is pending has a part in it.
    /// </summary>
    public Versioned<ShownCheckpoint>? FindShown(CheckpointReference reference)
    {
        if (_committed is not { Head: { DeletedAt: null } head })
        {
            return null;
        }

        var found = reference.IsLatest ? _shown.Find(_committed.LineOf(reference.OtherBranch).Head.Sequence)
            : reference.IsCurrent ? _shown.Find(_committed.LineOf(reference.OtherBranch).Current.Sequence)
            : reference.Sequence > 0 ? _shown.Find(reference.Sequence)
            : reference.Id.IsEmpty ? null
            : _shown.Find(reference.Id);
        return found is { } shown ? new(head.Version, shown) : null;
    }

    /// <summary>
    /// What the committed version shows of a list, in its order, with that version; null if it has to be read: if it may reach beyond what
    /// is held, or asks for more than that sequences lie between bounds and are on a branch.
    /// </summary>
    public Versioned<IReadOnlyList<ShownCheckpoint>>? FindShown(ListFilter filter)
    {
        if (_committed is not { Head: { DeletedAt: null } head } || filter is not { Tag: null, Trigger: null, From: null, To: null })
        {
            return null;
        }

        var (bytes, found) = (0L, new List<ShownCheckpoint>());
        foreach (var shown in _shown.Newest())
        {
            var row = shown.Row;
            if (row.Sequence > filter.After && row.Sequence < filter.Before && (filter.Branch is null || filter.Branch == (row.Branch ?? BranchNames.Main)))
            {
                found.Add(shown);
                bytes += CheckpointList.BytesOf(row);
            }
        }

        if (bytes > filter.MostBytes || !(filter.After >= _shown.WholeFrom - 1 || (filter.Order == ListOrder.NewestFirst && found.Count >= filter.Limit)))
        {
            return null;
        }

        var direction = filter.Order == ListOrder.NewestFirst ? -1 : 1;
        found.Sort((one, other) => direction * one.Row.Sequence.CompareTo(other.Row.Sequence));
        return new(head.Version, found.Count > filter.Limit ? found[..filter.Limit] : found);
    }

    /// <summary>
    /// Keeps what a read showed of a checkpoint, if it is of the committed version and of a head or a current checkpoint, which is likely to
    /// be read again; false if it is not.
    /// </summary>
    /// <param name="shown">What was shown, and the version that it was read at.</param>
    public bool NoteShown(Versioned<ShownCheckpoint> shown)
    {
        var row = shown.Value.Row;
        if (shown.Version != CommittedVersion || _committed is not { Head.DeletedAt: null } head
            || !(head.LineOf(row.Branch).Head.Sequence == row.Sequence || head.IsCurrent(row.Sequence)))
        {
            return false;
        }

        if (_shown.Find(row.Sequence) is { Annotations: not null })
        {
            // All there is to know of it.
            return true;
        }

        var noted = shown.Value.Annotations?.Sum(note => (long)note.Text.Length) > MostNoted ? null : shown.Value.Annotations;
        _shown.Put(shown.Value with { Row = row with { Stored = default }, Annotations = noted });
        return true;
    }
}
