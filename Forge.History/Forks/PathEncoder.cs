using Forge.History.Deltas;
using Forge.History.Rows;

namespace Forge.History.Forks;

/// <summary>
/// Makes the rows of a path those of another session, one after another. A row stays as it is stored as long as what it is decoded on came
/// along as it is stored; one that stands on what did not is encoded anew.
/// </summary>
/// <param name="path">The path, which tells the parents that the rows have there.</param>
internal sealed class PathEncoder(AncestorPath path)
{
    private readonly DocumentEncoder _anew = new();
    private long _last;
    private bool _lastIsAsStored;

    /// <summary>True if the next row stands on one that is not on the path, or was itself encoded anew.</summary>
    public bool StandsOnAnother(StoredCheckpoint row) => row.Base is { } known && !(_lastIsAsStored && known == _last);

    /// <summary>The next row, which stands on nothing else, as it is in the other session.</summary>
    public StoredCheckpoint AsStored(StoredCheckpoint row) => Follow(row, isAsStored: true);

    /// <summary>The next row as it is in the other session, from its plain state.</summary>
    public StoredCheckpoint Anew(StoredCheckpoint plain) => _anew.Encode(Follow(plain, isAsStored: false));

    private StoredCheckpoint Follow(StoredCheckpoint row, bool isAsStored)
    {
        // What did not come along is nothing to the other session: no mark says that something branched off.
        var next = row with { Parent = path.ParentOf(row.Sequence, _last), Trunk = false };
        (_last, _lastIsAsStored) = (row.Sequence, isAsStored);
        return next;
    }
}
